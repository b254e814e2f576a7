"""Diagnostics as the wire has them."""

from __future__ import annotations

import pytest

from nextedit_lsp.editing.elsewhere import Severity
from tests.server.harness import URI, at

TEXT = "ok\n😀 wrong\n"


def diagnostic(start, end, **more):
    return {"range": {"start": at(*start), "end": at(*end)}, "message": "no such name", **more}


def known(h):
    return [(one.start, one.end, one.severity) for one in h.server.session.state.diagnostics.of([URI])]


@pytest.mark.parametrize("version", [{}, {"version": None}, {"version": 1}])
async def test_forwarded_diagnostics_are_taken(harness, version):
    h = harness()
    await h.initialize()
    h.open(TEXT)
    found = [
        diagnostic((1, 3), (1, 8), source="pyright", code="x", user_data={"a": 1}),
        diagnostic((0, 0), (0, 2), severity=4),
    ]
    h.notify("nextedit/didChangeDiagnostics", {"textDocument": {"uri": URI, **version}, "diagnostics": found})
    assert known(h) == [(5, 10, Severity.ERROR), (0, 2, Severity.HINT)]


async def test_those_of_another_version_or_document_are_not(harness):
    h = harness()
    await h.initialize()
    h.open(TEXT)
    found = [diagnostic((0, 0), (0, 2))]
    for identifier in ({"uri": URI, "version": 7}, {"uri": "file:///nowhere"}):
        h.notify("nextedit/didChangeDiagnostics", {"textDocument": identifier, "diagnostics": found})
    assert known(h) == []


async def test_those_of_a_code_action_are_taken(harness):
    h = harness()
    await h.initialize()
    h.open(TEXT)
    span = {"start": at(1, 3), "end": at(1, 8)}
    params = {"textDocument": {"uri": URI}, "range": span, "context": {"diagnostics": [diagnostic((1, 3), (1, 8))]}}
    await h.request("textDocument/codeAction", params)
    assert known(h) == [(5, 10, Severity.ERROR)]
    await h.request("textDocument/codeAction", {**params, "context": {"diagnostics": []}})
    assert known(h) == []


async def test_visible_ranges_may_be_told(harness):
    h = harness()
    await h.initialize()
    h.open(TEXT)
    h.notify("nextedit/didChangeVisibleRanges", {"textDocument": {"uri": URI}, "ranges": []})
    assert h.messages[-1].get("error") is None
