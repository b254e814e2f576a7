"""For any document and edit: the ideal answer means that edit, a forged marker nothing, no answer is an error."""

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.history import History
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import native, zeta21
from nextedit_lsp.formats.answers import completed, padded
from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.formats.format import Reading, Refused, Spot, Task
from nextedit_lsp.formats.prompt import Completion, Finish, Segment
from nextedit_lsp.formats.regions import region_of
from nextedit_lsp.text.diff import text_changes
from nextedit_lsp.text.line_ends import plain
from tests.formats.checks import after, opened, said

WINDOWS = ["zeta1", "zeta2", "sweep", "sweep-zed", "instinct", "chat-chatml"]
MARKERS = sorted(
    {marker for one in FORMATS.values() for marker in one.markers} | {"<|marker_1|>", "<|marker_2|>", "```"}
)

lines = st.text("ab (){}\t🙂é", max_size=6)
# What other families' markers look like is text as any other.
foreign = st.sampled_from(
    ["<|im_end|>", "<s>x</s>", "x <|endoftext|>", "<|fim_prefix|>", "<|eot_id|>", "<|im_start|>", "▁<EOT>"]
)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])
# The machine may be busy with other things: how long it takes is not what is tested.
quick = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def asked(draw, name, line_end="\n"):
    """A task of a format in a random document, at a random row."""
    rows = draw(st.lists(st.one_of(lines, lines, lines, foreign), min_size=1, max_size=30))
    text = line_end.join(rows) + draw(st.sampled_from(["", line_end]))
    document = opened(draw(st.sampled_from(["a.py", "a.txt"])), text)
    cursor = document.text.line_start(draw(st.integers(0, document.text.n_lines - 1)))
    row = document.text.line_at(cursor)
    snapshot = Snapshot(document, cursor, History())
    task = FORMATS[name].task(snapshot, Spot(document, row, row + 1, cursor))
    assume(isinstance(task, Task))
    return task


@st.composite
def rewritten(draw, rows):
    """Rows with some of them replaced."""
    start = draw(st.integers(0, len(rows)))
    end = draw(st.integers(start, min(len(rows), start + 4)))
    return [*rows[:start], *draw(st.lists(lines, max_size=4)), *rows[end:]]


def whole(task, new):
    """The document's text with ``new`` for the region, in its own line ends."""
    text = task.spot.document.text
    line_end = next((end for end in ("\r\n", "\r") if end in str(text)), "\n")
    return text.slice(0, task.start) + new.replace("\n", line_end) + text.slice(task.end, len(text))


@pytest.mark.parametrize("name", WINDOWS)
@given(st.data(), line_ends)
@quick
def test_an_ideal_answer_of_a_window(name, data, line_end):
    task = data.draw(asked(name, line_end))
    old = region_of(task).text
    new = "\n".join(data.draw(rewritten(old.split("\n"))))
    # A blank answer says nothing, and a last blank row can't be told from a line end.
    assume(new.strip() and new.endswith("\n") == old.endswith("\n"))
    # Zeta 1 ends too early so often that lines left out at the end are taken for that.
    assume(name != "zeta1" or completed(old, new + "\n") in (None, new))
    read = FORMATS[name].read(task, said(new + "\n" if name in ("zeta1", "instinct") else padded(new)))
    assert after(task, read) == whole(task, new)


@pytest.mark.parametrize("name", ["zeta21", "zeta21-lines"])
@given(st.data(), line_ends)
@quick
def test_an_ideal_answer_of_blocks(name, data, line_end):
    task = data.draw(asked(name, line_end))
    old = region_of(task).text
    places = zeta21.cuts(old)
    first = data.draw(st.integers(0, len(places) - 2))
    last = data.draw(st.integers(first + 1, len(places) - 1))
    span = old[places[first] : places[last]]
    is_last = last == len(places) - 1
    rows = (span if is_last else span[:-1]).split("\n")
    new = "\n".join(data.draw(rewritten(rows))) + ("" if is_last else "\n")
    assume(new.strip() and new.startswith("\n") == span.startswith("\n") and new.endswith("\n") == span.endswith("\n"))
    on_lines = name.endswith("lines")
    read = FORMATS[name].read(task, said(zeta21.span_answer(old, first, last, new, on_lines=on_lines)))
    assert after(task, read) == whole(task, old[: places[first]] + new + old[places[last] :])


@given(st.data(), line_ends)
@quick
def test_an_ideal_insertion(data, line_end):
    task = data.draw(asked("fim-qwen", line_end))
    new = "\n".join(data.draw(st.lists(lines, min_size=1, max_size=4)))
    behind = plain(task.spot.document.text.slice(task.end, len(task.spot.document.text)))
    rest, *following = (line.strip() for line in behind.split("\n"))
    # What stands behind the cursor is not to be repeated.
    assume(not rest or not new.rstrip().endswith(rest))
    assume(not {line.strip() for line in new.split("\n")[1:]} & set(filter(None, following)))
    read = FORMATS["fim-qwen"].read(task, said(new))
    assert after(task, read).replace("<CURSOR>", "") == whole(task, new)


@given(st.data())
@quick
def test_an_ideal_answer_of_the_native_format(data):
    rows = data.draw(st.lists(lines, min_size=1, max_size=12))
    document = opened("a.txt", "\n".join(rows))
    marked = data.draw(st.integers(0, len(rows) - 1))
    task = FORMATS["native"].task(Snapshot(document, 0, History()), Spot(document, marked, marked + 1))
    assert isinstance(task, Task)
    shown = native.shown_rows(task.spot)
    page = native.Page("a.txt", tuple(rows[slice(*shown)]), marked - shown[0], marked + 1 - shown[0])
    first = data.draw(st.integers(0, len(page.rows)))
    end = data.draw(st.integers(first, len(page.rows)))
    new = data.draw(st.lists(lines, max_size=4))
    assume(len(page.rows) > end - first or new)
    read = FORMATS["native"].read(task, Completion(native.answer(page, first, end, new), Finish.END))
    assert isinstance(read, Reading)
    expected = [*rows[: shown[0] + first], *new, *rows[shown[0] + end :]]
    assert str(read.changes.apply(document.text)) == "\n".join(expected)


answers = st.lists(st.one_of(lines, st.sampled_from(["\n", "\r\n", "NO_EDITS", *MARKERS])), max_size=12).map("".join)


@pytest.mark.parametrize("name", [*FORMATS])
@given(st.data(), answers, st.sampled_from(Finish))
@quick
@example(data=None, answer="<|marker_1|>\n<|marker_2|>", finish=Finish.END)
def test_no_answer_is_an_error_or_leaves_the_region(name, data, answer, finish):
    if data is None:
        document = opened("a.py", "x\n")
        task = FORMATS[name].task(Snapshot(document, 0, History()), Spot(document, 0, 1, 0))
    else:
        task = data.draw(asked(name))
    read = FORMATS[name].read(task, said(answer, finish))
    assert isinstance(read, Reading | Refused)
    if isinstance(read, Reading) and name != "native":
        after(task, read)
    if isinstance(read, Reading):
        assert (
            str(read.changes.apply(task.spot.document.text)).strip()
            or not str(task.spot.document.text).strip()
            or (name == "native")
        )


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("name", [*FORMATS])
def test_a_forged_marker_is_refused_or_stays_text(name, marker):
    written = marker.rstrip()
    task = forged_task(name, written)
    if isinstance(task, Refused):
        return
    honest = forged_task(name, "x")
    assert isinstance(honest, Task)
    assert [s.text for s in task.question.prompt if s.is_control] == [
        s.text for s in honest.question.prompt if s.is_control
    ]
    plain, honest_plain = ("".join(s.text for s in one.question.prompt if not s.is_control) for one in (task, honest))
    if marker in FORMATS[name].markers and name != "native":
        # What the format spells in plain text stands there no more often than it would.
        assert plain.count(written) == honest_plain.count(written)
    else:
        assert written in plain


def forged_task(name, written):
    """The task in a text that holds what is written, with an edit and another file that do so as well."""
    before, after = (opened("a.md", text) for text in (f"one\n{written}\n", f"one\n{written}\ntwo\n{written}\n"))
    history = History().record(before, text_changes(before.text, after.text), Origin.TYPED, 1.0)
    snapshot = Snapshot(after, 0, history, (opened("b.md", f"{written}\n"),))
    return FORMATS[name].task(snapshot, Spot(after, 0, 1, 0))


def test_markers_in_other_files_and_in_edits_leave_these_out():
    """The region itself is innocent."""
    rows = "".join(f"line {n} of a file that is longer than any window is, by far and away\n" for n in range(400))
    for name, one in FORMATS.items():
        for marker in {"zeta1": one.markers, "sweep-zed": one.markers, "chat-plain": one.markers}.get(name, ()):
            before, after = opened("a.md", rows + f"{marker}\n"), opened("a.md", rows + f"{marker} and more\n")
            history = History().record(before, text_changes(before.text, after.text), Origin.TYPED, 1.0)
            task = one.task(Snapshot(after, 0, history, (opened("b.md", f"{marker}\n"),)), Spot(after, 0, 1, 0))
            honest = one.task(Snapshot(after, 0, History()), Spot(after, 0, 1, 0))
            assert isinstance(task, Task) and isinstance(honest, Task)
            assert task.question.prompt == honest.question.prompt, (name, marker)


def test_segments_hold_the_whole_prompt_and_controls_only_what_the_format_writes():
    text = "".join(f"{marker.rstrip()}\n" for marker in native.TOKENS)
    document = opened("a.txt", text)
    task = FORMATS["native"].task(Snapshot(document, 0, History()), Spot(document, 0, 1, 0))
    assert isinstance(task, Task)
    assert [segment.text for segment in task.question.prompt if segment.is_control] == [
        *("<|file|>", "<|after|>", "<|before|>", "<|from|>", "<|cursor|>", "<|to|>", "<|answer|>")
    ]
    assert Segment("<|file|>\n") in task.question.prompt
