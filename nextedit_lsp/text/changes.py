"""Sets of edits as values: applied, composed, inverted, and positions carried through them.

In: edits in offsets of the text before.  Out: the text after, and the algebra by which events
are coalesced, undone work vanishes, and answers are re-based while the user types.
Not here: finding the edits between two texts (``diff``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nextedit_lsp.text.buffer import Text

# With more edits than this the text is put together anew, which takes a time that does not
# depend on how many there are.
MAX_EDITS_IN_PLACE = 50


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """The characters ``start:end`` of a text become ``text``."""

    start: int
    end: int
    text: str

    @property
    def delta(self) -> int:
        """By how much the text grows."""
        return len(self.text) - (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Changes:
    """Edits of one text, sorted and apart from each other, all in offsets of the text before."""

    edits: tuple[Edit, ...] = ()

    @classmethod
    def of(cls, edits: Iterable[Edit]) -> Changes:
        """The changes made of ``edits``, in any order; touching ones are joined.

        Raises ValueError when two overlap.
        """
        joined: list[Edit] = []
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            if joined and edit.start < joined[-1].end:
                raise ValueError(f"edits overlap at {edit.start}")
            if joined and edit.start == joined[-1].end:
                last = joined.pop()
                edit = Edit(last.start, edit.end, last.text + edit.text)
            joined.append(edit)
        return cls(tuple(joined))

    @classmethod
    def replace(cls, start: int, end: int, text: str) -> Changes:
        """The single edit ``start:end`` → ``text``."""
        return cls((Edit(start, end, text),))

    def __bool__(self) -> bool:
        return bool(self.edits)

    @property
    def start(self) -> int:
        """Where the first edit starts, before."""
        return self.edits[0].start

    @property
    def end(self) -> int:
        """Where the last edit ends, before."""
        return self.edits[-1].end

    @property
    def delta(self) -> int:
        """By how much the text grows."""
        return sum(edit.delta for edit in self.edits)

    def apply(self, text: Text) -> Text:
        """The text after the changes."""
        if len(self.edits) > MAX_EDITS_IN_PLACE:
            return Text.of(self._applied(str(text)))
        for edit in reversed(self.edits):
            text = text.replaced(edit.start, edit.end, edit.text)
        return text

    def _applied(self, string: str) -> str:
        pieces, offset = [], 0
        for edit in self.edits:
            pieces += [string[offset : edit.start], edit.text]
            offset = edit.end
        return "".join([*pieces, string[offset:]])

    def after_spans(self) -> Iterator[tuple[int, int]]:
        """Where the new texts stand after the changes, in order."""
        delta = 0
        for edit in self.edits:
            start = edit.start + delta
            yield start, start + len(edit.text)
            delta += edit.delta

    def inverted(self, before: Text) -> Changes:
        """The changes that lead back, in offsets of the text after."""
        spans = zip(self.edits, self.after_spans(), strict=True)
        return Changes(tuple(Edit(start, end, before.slice(edit.start, edit.end)) for edit, (start, end) in spans))

    def composed(self, later: Changes) -> Changes:
        """These changes followed by ``later`` (in offsets of the text after these), as one set."""
        edits = list(self.edits)
        for edit in reversed(later.edits):
            edits = _with_edit(edits, edit)
        return Changes(tuple(edits))

    def hull(self, before: Text) -> Edit:
        """The one edit that does what all of them do."""
        pieces, offset = [], self.start
        for edit in self.edits:
            pieces += [before.slice(offset, edit.start), edit.text]
            offset = edit.end
        return Edit(self.start, self.end, "".join(pieces))

    def simplified(self, before: Text) -> Changes:
        """The same changes without what they leave as it was: common ends are cut, empty edits dropped."""
        kept = (trimmed(edit, before) for edit in self.edits)
        return Changes.of(edit for edit in kept if edit.text or edit.start != edit.end)

    def map_offset(self, offset: int, *, stay_left: bool = False) -> int:
        """Where ``offset`` of the text before stands after.

        An offset inside replaced text, or at an insertion, goes to the end of the new text, or
        with ``stay_left`` to its start.
        """
        delta = 0
        for edit in self.edits:
            if offset < edit.start or (offset == edit.start and (stay_left or edit.end > edit.start)):
                break
            if offset < edit.end:
                return edit.start + delta + (0 if stay_left else len(edit.text))
            delta += edit.delta
        return offset + delta

    def touches(self, start: int, end: int) -> bool:
        """Whether an edit overlaps or borders on ``start:end`` of the text before."""
        return any(edit.start <= end and start <= edit.end for edit in self.edits)

    def rebased(self, over: Changes) -> Changes | None:
        """These changes in offsets of the text after ``over`` (both start at one text); None where they collide."""
        if any(over.touches(edit.start, edit.end) for edit in self.edits):
            return None
        return Changes(tuple(Edit(over.map_offset(e.start), over.map_offset(e.end), e.text) for e in self.edits))


def trimmed(edit: Edit, before: Text) -> Edit:
    """``edit`` without the characters that it leaves as they were at its start and at its end."""
    old, new = before.slice(edit.start, edit.end), edit.text
    prefix = common_prefix(old, new)
    suffix = common_prefix(old[prefix:][::-1], new[prefix:][::-1])
    return Edit(edit.start + prefix, edit.end - suffix, new[prefix : len(new) - suffix])


def common_prefix(left: str, right: str) -> int:
    """How many characters ``left`` and ``right`` share at their start."""
    n_max = min(len(left), len(right))
    if left[:n_max] == right[:n_max]:
        return n_max
    for index in range(n_max):
        if left[index] != right[index]:
            return index
    return n_max


def _with_edit(edits: list[Edit], later: Edit) -> list[Edit]:
    """``edits`` followed by the one edit ``later``, which is in offsets of the text after them."""
    before: list[Edit] = []
    touched: list[tuple[Edit, int]] = []
    behind: list[Edit] = []
    delta = delta_before = delta_touched = 0
    for edit in edits:
        start = edit.start + delta
        if start + len(edit.text) < later.start:
            before.append(edit)
            delta_before = delta + edit.delta
        elif start > later.end:
            behind.append(edit)
        else:
            touched.append((edit, start))
            delta_touched = delta + edit.delta
        delta += edit.delta
    if not touched:
        middle = Edit(later.start - delta_before, later.end - delta_before, later.text)
        return [*before, middle, *behind]
    first, first_start = touched[0]
    last, last_start = touched[-1]
    last_end = last_start + len(last.text)
    head = first.text[: max(0, later.start - first_start)]
    tail = last.text[len(last.text) - max(0, last_end - later.end) :] if last_end > later.end else ""
    middle = Edit(
        min(first.start, later.start - delta_before),
        max(last.end, later.end - delta_touched),
        head + later.text + tail,
    )
    return [*before, middle, *behind]
