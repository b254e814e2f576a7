"""Courses that no commit stands behind: refactorings, LintSeq, renames."""

import random

import pytest

from nextedit_lsp.evaluation.episodes import EpisodeFile
from nextedit_lsp.evaluation.rounds import rounds
from nextedit_lsp.syntax import languages, trees
from nextedit_lsp.text.buffer import Text
from training.data import lintseq, refactorings, renames
from training.data.courses import Course
from training.data.names import Words, split_words

PYTHON = """\
from shop.stock import Shelf
from shop.stock import Item


class Cart:
    def __init__(self, owner):
        self.owner = owner

    def total(self, rate):
        amount = self.price(rate)
        if amount > 10:
            return amount
        else:
            return 10

    def price(self, rate):
        return rate * len(self.owner)


def paid(cart):
    first = fetch(cart, 1)
    second = fetch(cart, 2)
    return first + second


def fetch(cart, n):
    return cart.price(n)
"""
GO = """\
package shop

func total(rate int) int {
	if rate > 10 {
		return rate
	} else {
		return 10
	}
}

func paid() int {
	return total(3) + total(4)
}
"""
FILES = {"python": EpisodeFile("cart.py", "python", PYTHON, ()), "go": EpisodeFile("cart.go", "go", GO, ())}


def states(course: Course) -> list[str]:
    """The file before, and after each hunk."""
    before = course.episode.files[0].before
    return [before, *(str(round_.snapshot.document.text) for round_ in rounds(course.episode, course.order))]


def n_errors(file: EpisodeFile, text: str) -> int:
    language = languages.language_for(file.language_id, file.path)
    assert language is not None
    tree = trees.parse(language, Text.of(text))
    assert tree is not None
    return tree.n_errors(0, len(text))


def made(kind: str, language: str, seed: int) -> Course | None:
    rng = random.Random(seed)
    for _ in range(200):
        found = refactorings.course(rng, FILES[language], Words())
        if found is not None and found.kind == kind:
            return found
    return None


@pytest.mark.parametrize("language", FILES)
@pytest.mark.parametrize("seed", range(4))
def test_a_rename_leaves_no_use_behind_and_breaks_nothing(language: str, seed: int) -> None:
    course = made("rename", language, seed)
    assert course is not None
    texts = states(course)
    assert n_errors(FILES[language], texts[-1]) == 0
    assert course.n_given == 1


@pytest.mark.parametrize("language", FILES)
def test_a_parameter_reaches_the_signature_then_the_calls(language: str) -> None:
    course = made("parameter", language, 1)
    assert course is not None
    texts = states(course)
    assert n_errors(FILES[language], texts[-1]) == 0
    signature = next(line for line in texts[1].split("\n") if line not in texts[0].split("\n"))
    assert "def " in signature or "func " in signature


@pytest.mark.parametrize("language", FILES)
def test_an_inverted_condition_swaps_the_branches(language: str) -> None:
    course = made("invert", language, 1)
    assert course is not None
    after = states(course)[-1]
    assert "<= 10" in after
    assert after.index("return 10") < after.index("return amount" if language == "python" else "return rate")
    assert n_errors(FILES[language], after) == 0


@pytest.mark.parametrize(("kind", "language"), [("wrap", "python"), ("import", "python"), ("field", "python")])
def test_other_refactorings_do_the_same_in_each_hunk(kind: str, language: str) -> None:
    course = made(kind, language, 2)
    assert course is not None
    new = [set(hunk.new[-1].split()) for hunk in course.episode.files[0].hunks]
    assert len(new) > 1


def test_lintseq_writes_the_file_and_is_sound_before_it() -> None:
    file = FILES["python"]
    found = [course for seed in range(10) if (course := lintseq.course(random.Random(seed), file)) is not None]
    assert len(found) > 5
    for course in found:
        texts = states(course)
        assert texts[-1] in PYTHON
        assert n_errors(file, texts[0]) == 0


def test_a_first_lesson_replaces_every_use() -> None:
    words = split_words([PYTHON])
    courses = [renames.course(random.Random(seed), PYTHON.split("\n"), "a.py", words, 0.3) for seed in range(40)]
    assert sum(course is not None for course in courses) > 10
    for course in courses:
        if course is not None:
            before, after = states(course)[0], states(course)[-1]
            assert before != after
            assert len(before.split("\n")) == len(after.split("\n"))
