import random
from collections.abc import Iterator

import pytest
import training_files as files

from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation import episodes, rounds
from nextedit_lsp.evaluation.rounds import Round
from nextedit_lsp.formats import native
from nextedit_lsp.formats.format import Refused, Spot, Task
from nextedit_lsp.formats.prompt import Completion, Finish, text_of
from nextedit_lsp.proposing import writing
from training.data import courses, questions
from training.data.courses import Course
from training.data.example import Example


def rounds_of(course: Course) -> list[Round]:
    return list(rounds.rounds(course.episode, course.order))


def spots(snapshot: Snapshot) -> Iterator[Spot]:
    yield writing.spot_at_cursor(snapshot)
    for document in (snapshot.document, *snapshot.others):
        for first in range(document.text.n_lines):
            for height in range(1, 7):
                yield Spot(document, first, min(first + height, document.text.n_lines))


def text_after(example: Example, snapshot: Snapshot) -> str:
    """The document after the answer, read as the server reads it."""
    for spot in spots(snapshot):
        task = native.task(snapshot, spot)
        if isinstance(task, Task) and task.question.prompt == example.prompt:
            reading = native.read(task, Completion(example.answer, Finish.END))
            assert not isinstance(reading, Refused), reading.reason
            return str(reading.changes.apply(task.spot.document.text))
    raise AssertionError("no place has this prompt")


@pytest.mark.parametrize("seed", range(12))
def test_a_next_hunk_read_back_makes_one_hunk_more(seed: int) -> None:
    round_ = rounds_of(files.renaming())[1]
    example = questions.next_hunk(round_, random.Random(seed), is_sure=True)
    assert example is not None
    before, after = str(round_.snapshot.document.text), text_after(example, round_.snapshot)
    assert after.count("surface") > before.count("surface")
    assert after.replace("surface", "area") == files.AREA


@pytest.mark.parametrize("seed", range(12))
def test_a_half_typed_hunk_is_finished_and_nothing_else(seed: int) -> None:
    round_ = rounds_of(files.renaming())[1]
    example = questions.half_typed(round_, random.Random(seed))
    assert example is not None
    assert example.kind == "typed"
    text = text_of(example.prompt)
    assert "<|cursor|>" in text
    assert text_of(example.answer) == "    print(surface(r))\n<|eot|>"


def test_the_cursor_line_reaches_down_to_a_hunk_close_by() -> None:
    course = files.renaming("r)", "radius)")
    round_ = rounds_of(course)[1]
    example = questions.at_cursor(round_, files.rng())
    assert example is not None
    assert example.kind == "near"
    assert text_after(example, round_.snapshot).count("radius)") == 3


def test_nothing_is_to_be_written_when_all_is_done() -> None:
    round_ = rounds_of(files.renaming())[-1]
    for seed in range(6):
        example = questions.nothing_left(round_, random.Random(seed))
        assert example is not None
        assert example.answer == (native.NONE,)


def test_what_nothing_foretells_is_never_taught() -> None:
    course = files.renaming("math.pi", "CIRCLE_CONSTANT", files.AREA + "\n\nx = math.pi + undreamtof\n")
    # The second hunk brings a word that stands nowhere.
    changed = course.episode.files[0].hunks[-1]
    hunks = (course.episode.files[0].hunks[0], episodes.Hunk(changed.start, 1, ("x = utterly + different",)))
    file = episodes.EpisodeFile("shape.py", "python", course.episode.files[0].before, hunks)
    episode = episodes.Episode("t", "t/t", "0", "", (file,))
    unsure = Course(episode, rounds.file_order(episode))
    for seed in range(30):
        for example in questions.examples(unsure, random.Random(seed)):
            assert "different" not in text_of(example.answer)


def test_the_same_seed_asks_the_same() -> None:
    course = files.renaming()
    assert list(questions.examples(course, files.rng())) == list(questions.examples(course, files.rng()))


def test_real_commits_make_examples_of_every_kind() -> None:
    rng = files.rng()
    kinds = {
        example.kind
        for episode in episodes.read([episodes.OWN_EPISODES], episodes.Filter())
        for _ in range(4)
        for example in questions.examples(courses.course_of(episode, rng), rng)
    }
    assert kinds >= {"next", "near", "typed", "far", "done", "unforeseen"}
