"""The count at the end of a replay."""

from __future__ import annotations

from nextedit_lsp.cli import summary
from nextedit_lsp.cli.replaying import Answer, Suggested
from nextedit_lsp.evaluation.recordings import Changed
from nextedit_lsp.evaluation.steps import Match, Step
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes

TEXT = Text.of("x\ny\n")
CHANGES = Changes.replace(0, 1, "z")


def suggested(path: str = "a.py", made: Match | None = None, *, line: int = 0, off_screen: bool = False) -> Suggested:
    return Suggested(path, TEXT, CHANGES, line, "because", False, off_screen, made)


def answers(*offered: Suggested | None) -> list[Answer]:
    """One answer a step, each step of three keys in a.py."""
    key = Changed(0, "a.py", TEXT, CHANGES)
    step = Step("a.py", TEXT, CHANGES, (key, key, key), 0)
    return [Answer(index, step, 10.0 * (index + 1), one, "") for index, one in enumerate(offered)]


def test_right_ones_are_counted_by_language():
    counted = summary.summarised(answers(suggested(made=Match(0, 0, True)), suggested(), None))
    assert (counted.n_steps, counted.n_shown, counted.n_right, counted.n_next) == (3, 2, 1, 1)
    assert counted.right_by_language == {"python": 1}


def test_one_that_is_shown_again_counts_once():
    counted = summary.summarised(answers(suggested(made=Match(1, 1, False)), suggested(made=Match(0, 0, True)), None))
    assert (counted.n_shown, counted.n_right) == (1, 1)
    wrong = summary.summarised(answers(suggested(), suggested()))
    assert wrong.n_shown == 1


def test_far_ones_and_keystrokes():
    counted = summary.summarised(answers(suggested(made=Match(0, 0, True), off_screen=True), None))
    assert (counted.n_right_off_screen, counted.n_right_other_file) == (1, 0)
    assert (counted.n_keystrokes, counted.n_keystrokes_right) == (6, 3)


def test_percentiles():
    counted = summary.summarised(answers(*[None] * 20))
    assert (counted.p50_ms, counted.p95_ms) == (100.0, 190.0)
    assert summary.summarised([]).p50_ms == 0.0
