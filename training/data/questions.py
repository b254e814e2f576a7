"""What a user's editor would ask on the way through a course, and the right answers.

In: a course, a random generator.  Out: examples.
Not here: where courses come from; tokens.

The states are those of the evaluation's rounds, the prompts those of ``formats.native.task``: what serves is what is
trained.  Four kinds of question:

* ``next``: a place where a hunk remains, its rows exactly, in part, or with rows around; as the pipeline's places are.
* ``near``: the cursor's line after the last hunk, with one that remains close by.
* ``typed``: a hunk half typed, with the cursor in it.
* ``done``, ``far``, ``unforeseen``: nothing is to be written here; because all is done, because what remains lies
  elsewhere, or because no one can tell what goes here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.editing.events import Origin
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.evaluation import rounds
from nextedit_lsp.evaluation.rounds import PlacedHunk, Round
from nextedit_lsp.formats import native
from nextedit_lsp.formats.format import Refused, Spot
from nextedit_lsp.formats.prompt import Prompt, text_of
from nextedit_lsp.proposing import writing
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit
from nextedit_lsp.text.diff import token_edits
from training.data import foresight
from training.data.courses import Course
from training.data.example import Example

# States of one course that questions are asked in, the last one among them now and then.
MAX_STATES = 3
COMPLETE_SHARE = 0.5
# The next hunk is half typed in this share of the states.
TYPED_SHARE = 0.5
# A row that stays as it is, is asked about in this share of the states.
NOTHING_SHARE = 0.2
# How far a hunk may lie from the cursor's line and still be written from there.
NEAR_ABOVE, NEAR_BELOW = 4, 8
# Closer than this a hunk that is not the answer makes the question ambiguous.
CLEAR_ROWS = 10
# The next hunk of the order is asked about in this share, else any that remains.
IN_ORDER_SHARE = 0.6
# The marked rows are the hunk's own in this share, one row of them in this, else some more around them.
OWN_ROWS_SHARE, ONE_ROW_SHARE = 0.55, 0.25
MAX_EXTRA_ROWS = 2
# Places that nothing foretells are asked about in this share; their answer is that there is nothing.
UNFORESEEN_SHARE = 0.25
# A user has the other files of a commit open in this share of the states.
OTHERS_OPEN_SHARE = 0.25
# In this share no other file is open at all: prompts are shorter then, and so is training.
ALONE_SHARE = 0.5
# What lies far from the cursor is asked about in this share: else most answers were that there is nothing.
FAR_SHARE = 0.2
# Longer answers are cut by the engine.
MAX_NEW_ROWS, MAX_NEW_CHARS = 16, 600
# What is still to be typed may be so many rows.
MAX_TYPED_ROWS = 4
REST_S = 0.5


def examples(course: Course, rng: random.Random) -> Iterator[Example]:
    """Questions in some of the course's states."""
    n, first = len(course.order), max(1, course.n_given)
    wanted = set(rng.sample(range(first, n), min(MAX_STATES, n - first))) if n > first else set()
    if rng.random() < COMPLETE_SHARE:
        wanted.add(n)
    for round_ in rounds.rounds(course.episode, course.order):
        if round_.k in wanted:
            round_ = replace(round_, snapshot=_with_some_open(round_, rng))
            yield from (one for one in _asked(round_, course.n_given > 0, rng) if one is not None)


def _asked(round_: Round, is_sure: bool, rng: random.Random) -> Iterator[Example | None]:
    if round_.is_complete:
        yield nothing_left(round_, rng)
        return
    yield next_hunk(round_, rng, is_sure=is_sure)
    yield at_cursor(round_, rng)
    if rng.random() < TYPED_SHARE:
        yield half_typed(round_, rng)
    if rng.random() < NOTHING_SHARE:
        yield nothing_here(round_, rng)


def next_hunk(round_: Round, rng: random.Random, *, is_sure: bool = False) -> Example | None:
    """A question at a remaining hunk."""
    open_ = [hunk for hunk in round_.remaining if round_.snapshot.document_at(hunk.uri) is not None]
    hunk = open_[0] if rng.random() < IN_ORDER_SHARE else rng.choice(open_)
    document = round_.snapshot.document_at(hunk.uri)
    if document is None:
        return None
    spot = _spot_at(document, hunk, rng)
    found = _rewritten(round_.snapshot, spot, round_.remaining, (hunk,), "next")
    if found is None or is_sure or _is_foretold(hunk, found.prompt, round_):
        return found
    return replace(found, kind="unforeseen", answer=(native.NONE,)) if rng.random() < UNFORESEEN_SHARE else None


def at_cursor(round_: Round, rng: random.Random) -> Example | None:
    """A question at the line of the cursor: a hunk close by, or nothing where all that remains is far."""
    snapshot = round_.snapshot
    spot = writing.spot_at_cursor(snapshot)
    here = [hunk for hunk in round_.remaining if hunk.uri == spot.document.uri]
    gaps = [(_gap(hunk, spot.first), hunk) for hunk in here]
    if all(abs(gap) > CLEAR_ROWS for gap, _ in gaps):
        return _nothing(snapshot, spot, "far") if rng.random() < FAR_SHARE else None
    gap, hunk = min(gaps, key=lambda one: (abs(one[0]), -one[0]))
    if not -NEAR_ABOVE <= gap <= NEAR_BELOW:
        return None
    found = _rewritten(snapshot, spot, round_.remaining, (hunk,), "near")
    return found if found is not None and _is_foretold(hunk, found.prompt, round_) else None


def nothing_left(round_: Round, rng: random.Random) -> Example | None:
    """A question when all is done: at the cursor, or where words of the edits stand."""
    if rng.random() < 0.5:
        return _nothing(round_.snapshot, writing.spot_at_cursor(round_.snapshot), "done")
    return nothing_here(round_, rng)


def nothing_here(round_: Round, rng: random.Random) -> Example | None:
    """A question at a row that has a word of the edits and stays as it is."""
    document = round_.snapshot.document
    words = foresight.changed_words((hunk.old, hunk.new) for hunk in round_.done)
    taken = [hunk for hunk in round_.remaining if hunk.uri == document.uri]
    rows = [
        row
        for row, line in enumerate(str(document.text).split("\n"))
        if words & foresight.words_of(line).keys() and all(abs(_gap(hunk, row)) > 2 for hunk in taken)
    ]
    if not rows:
        return None
    row = rng.choice(rows)
    return _nothing(round_.snapshot, Spot(document, row, row + 1), "done" if round_.is_complete else "far")


def half_typed(round_: Round, rng: random.Random) -> Example | None:
    """A question in the midst of the next hunk."""
    hunk = round_.remaining[0]
    document = round_.snapshot.document_at(hunk.uri)
    if document is None:
        return None
    line_edit = rounds.line_edit(document.text, hunk.start, len(hunk.old), hunk.new)
    edits = token_edits(document.text.slice(line_edit.start, line_edit.end), line_edit.text, line_edit.start)
    chosen = [idx for idx, edit in enumerate(edits) if len(edit.text.strip()) > 1]
    if not chosen:
        return None
    at = rng.choice(chosen)
    edit = edits[at]
    # Who types a new line has its line end already.
    body, line_end = (edit.text[:-1], "\n") if edit.text.endswith("\n") else (edit.text, "")
    n_typed = _pause(body, rng)
    typed = Edit(edit.start, edit.end, body[:n_typed] + line_end)
    changes = Changes.of((*edits[:at], typed)).simplified(document.text)
    if not changes:
        return None
    snapshot = round_.snapshot
    now = snapshot.now + rounds.EVENT_INTERVAL_S
    after = document.edited(changes, document.version + 1)
    cursor = edit.start + sum(one.delta for one in edits[:at]) + n_typed
    others = tuple(one for one in (snapshot.document, *snapshot.others) if one.uri != document.uri)
    state = Snapshot(
        after, cursor, snapshot.history.record(document, changes, Origin.TYPED, now), others, now=now + REST_S
    )
    return _completed(state, body[n_typed:], rng)


def _completed(state: Snapshot, rest: str, rng: random.Random) -> Example | None:
    """The question at the cursor whose answer is the line with ``rest`` typed, as far as that can be foretold."""
    spot = writing.spot_at_cursor(state)
    task = native.task(state, spot)
    if isinstance(task, Refused):
        return None
    shown = text_of(task.question.prompt)
    rows = rest.split("\n")
    for n_rows in range(min(len(rows), MAX_TYPED_ROWS), 0, -1):
        part = "\n".join(rows[:n_rows])
        if part.strip() and foresight.is_known(foresight.words_of(_whole_words(state, part)), shown):
            text = state.document.text
            column = state.cursor - text.line_start(spot.first)
            line = text.line(spot.first)
            if n_rows < len(rows) and line[column:].strip():
                return None
            new = (line[:column] + part + line[column:]).split("\n")
            return _answered(task.question.prompt, spot, spot.first, spot.end, new, "typed")
    if rng.random() < UNFORESEEN_SHARE / 2:
        return Example("unforeseen", task.question.prompt, (native.NONE,))
    return None


def _whole_words(state: Snapshot, part: str) -> str:
    """``part`` with the beginning of the word that it goes on with."""
    text = state.document.text
    before = text.slice(text.line_start(text.line_at(state.cursor)), state.cursor)
    begun = foresight.last_word(before)
    return begun + part


def _pause(text: str, rng: random.Random) -> int:
    """Where one pauses in typing ``text``: mostly behind a word or a sign, at times within a word; never at the end."""
    ends = [idx for idx in range(1, len(text)) if text[idx - 1].isalnum() != text[idx].isalnum()]
    if ends and rng.random() < 0.6:
        return rng.choice(ends)
    return rng.randint(1, len(text) - 1)


def _spot_at(document: Document, hunk: PlacedHunk, rng: random.Random) -> Spot:
    first, end = hunk.start, max(hunk.start + len(hunk.old), hunk.start + 1)
    draw = rng.random()
    if draw < OWN_ROWS_SHARE:
        return Spot(document, first, end)
    if draw < OWN_ROWS_SHARE + ONE_ROW_SHARE:
        row = rng.randrange(first, end)
        return Spot(document, row, row + 1)
    above, below = rng.randint(0, MAX_EXTRA_ROWS), rng.randint(0, MAX_EXTRA_ROWS)
    return Spot(document, max(0, first - above), min(document.text.n_lines, end + below))


def _rewritten(
    snapshot: Snapshot, spot: Spot, remaining: Sequence[PlacedHunk], wanted: Sequence[PlacedHunk], kind: str
) -> Example | None:
    """The question at ``spot`` whose answer makes the wanted hunks, and all others in the rows that it rewrites."""
    text = spot.document.text
    first, end = spot.first, min(spot.end, text.n_lines)
    made = list(wanted)
    for hunk in wanted:
        first, end = min(first, hunk.start), max(end, hunk.start + len(hunk.old))
    for hunk in remaining:
        is_inside = first <= hunk.start and hunk.start + len(hunk.old) <= end and hunk.old
        if hunk not in made and hunk.uri == spot.document.uri and is_inside:
            made.append(hunk)
    if sum(len(hunk.new) for hunk in made) > MAX_NEW_ROWS or sum(len("".join(h.new)) for h in made) > MAX_NEW_CHARS:
        return None
    new, at = [], first
    for hunk in sorted(made, key=lambda one: one.start):
        new += [*text.lines(at, hunk.start), *hunk.new]
        at = hunk.start + len(hunk.old)
    task = native.task(snapshot, spot)
    if isinstance(task, Refused):
        return None
    return _answered(task.question.prompt, spot, first, end, [*new, *text.lines(at, end)], kind)


def _answered(prompt: Prompt, spot: Spot, first: int, end: int, new: Sequence[str], kind: str) -> Example | None:
    shown = native.shown_rows(spot)
    if shown is None:
        return None
    text: Text = spot.document.text
    top = shown[0]
    page = native.Page(spot.document.path, tuple(text.lines(*shown)), spot.first - top, min(spot.end, shown[1]) - top)
    try:
        answer = native.answer(page, first - top, end - top, new)
    except ValueError:
        return None
    old = "".join(f"{row}\n" for row in text.lines(min(first, spot.first), max(end, spot.end)))
    return Example(kind, prompt, answer, old)


def _nothing(snapshot: Snapshot, spot: Spot, kind: str) -> Example | None:
    task = native.task(snapshot, spot)
    return None if isinstance(task, Refused) else Example(kind, task.question.prompt, (native.NONE,))


def _is_foretold(hunk: PlacedHunk, prompt: Prompt, round_: Round) -> bool:
    changed = foresight.changed_words((done.old, done.new) for done in round_.done)
    return foresight.is_foretold(hunk.old, hunk.new, text_of(prompt), changed)


def _with_some_open(round_: Round, rng: random.Random) -> Snapshot:
    """The Snapshot with all files of the commit open, with those that were edited or will be next, or with one."""
    snapshot, draw = round_.snapshot, rng.random()
    if draw < OTHERS_OPEN_SHARE:
        return snapshot
    kept = {hunk.uri for hunk in round_.remaining[:1]}
    if draw < 1 - ALONE_SHARE:
        kept |= {hunk.uri for hunk in round_.done}
    return replace(snapshot, others=tuple(one for one in snapshot.others if one.uri in kept))


def _gap(hunk: PlacedHunk, row: int) -> int:
    """How many rows a hunk begins below a row, or, negative, ends above it; 0 where it covers or touches it."""
    end = hunk.start + len(hunk.old)
    if hunk.start > row:
        return hunk.start - row
    return min(0, end - 1 - row)
