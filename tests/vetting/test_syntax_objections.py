"""Proposals of one pattern are parsed together, and no request parses without end."""

from __future__ import annotations

import pytest

from nextedit_lsp.editing import documents
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text.changes import Changes
from nextedit_lsp.vetting import checks
from nextedit_lsp.vetting.silence import Silence
from tests.prediction.checks import predicted

N_LINES = 40


def proposed(*news: str, pattern: str = "") -> list[Proposal]:
    """Proposals that insert ``news`` at the ends of the first lines of one document."""
    document = documents.opened("file:///a.py", "a.py", "python", 1, "f(x)\n" * N_LINES)
    return [
        Proposal(document, Changes.replace(5 * row + 4, 5 * row + 4, new), "", pattern or str(row), "", "")
        for row, new in enumerate(news)
    ]


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many proposals were made together, for each parse."""
    seen: list[int] = []
    break_syntax = checks.break_syntax

    def counting(proposals: list[Proposal]) -> bool:
        seen.append(len(proposals))
        return break_syntax(proposals)

    monkeypatch.setattr(checks, "break_syntax", counting)
    return seen


def test_sound_ones_of_one_pattern_take_one_parse(tried: list[int]):
    assert checks.syntax_objections(proposed(*["(y)"] * 30, pattern="same")) == [None] * 30
    assert tried == [30]


def test_the_broken_one_is_found(tried: list[int]):
    news = ["(y)", "(y)", "(", "(y)"]
    assert checks.syntax_objections(proposed(*news, pattern="same")) == [None, None, Silence.BREAKS_SYNTAX, None]
    assert tried == [4, 2, 2, 1, 1]


def test_swapped_names_need_no_parse(tried: list[int]):
    document = documents.opened("file:///a.py", "a.py", "python", 1, "f(x)\n")
    assert checks.syntax_objections([Proposal(document, Changes.replace(2, 3, "y"), "", "", "", "")]) == [None]
    assert tried == []


def test_what_too_many_parses_would_take_is_unvetted(tried: list[int]):
    found = checks.syntax_objections(proposed(*["(y)"] * 10))
    assert found == [None] * checks.MAX_PARSES + [Silence.UNVETTED] * (10 - checks.MAX_PARSES)
    assert len(tried) == checks.MAX_PARSES


def test_the_best_of_many_broken_ones_is_known_as_broken(tried: list[int]):
    found = checks.syntax_objections(proposed(*["("] * 32, pattern="same"))
    assert found[0] is Silence.BREAKS_SYNTAX
    assert None not in found
    assert len(tried) == checks.MAX_PARSES


def test_a_prediction_parses_a_handful_of_times_however_many_places_there_are(monkeypatch):
    text = "function draw(size) {\n" + "".join(f"  log({i}, size);\n  next();\n" for i in range(12)) + "}\n"
    renamed = text.replace("size", "width", 1)
    parsed = []
    whole = checks.break_syntax
    monkeypatch.setattr(checks, "break_syntax", lambda proposals: parsed.append(proposals) or whole(proposals))
    assert len(predicted("a.js", text, renamed).suggestions) > checks.MAX_PARSES
    assert len(parsed) <= checks.MAX_PARSES
