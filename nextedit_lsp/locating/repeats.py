"""The same tokens elsewhere: a change of tokens is repeated where those tokens stand again.

In: the examples' token hunks and a document.  Out: places, with how much of the line agrees.
Not here: names and their scopes (``uses``), lines that are only alike (``siblings``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating.evidence import Evidence, confirmed_by, hunks_and_hull, line_slot, slots, starts_in
from nextedit_lsp.locating.place import Part, Place
from nextedit_lsp.patterns.examples import Hunk, LineChange, is_rename
from nextedit_lsp.text import tokens
from nextedit_lsp.text.tokens import Token

# More places than this in one document: the tokens are too common to mean anything.
MAX_PLACES = 60
# Tokens compared on either side of a hunk.
MAX_CONTEXT = 4
# Shorter numbers stand for many things, longer ones such as versions for one.
MIN_NUMBER_CHARS = 4


@dataclass(frozen=True, slots=True)
class Needle:
    """What to search for: tokens ``first`` up to ``last`` of the example's old line.

    ``regex`` begins with the first of them: behind a look-behind it would be found much more slowly.
    """

    change: LineChange
    hunk: Hunk
    first: int
    last: int
    regex: re.Pattern[str]
    starts_line: bool
    same: tuple[LineChange, ...]  # The examples that make this very change of tokens.
    n_confirmed: int

    def matches(self, string: str) -> Iterator[re.Match[str]]:
        """Where the tokens stand, as whole words, and at the start of a line if they have to."""
        match = self.regex.search(string)
        while match is not None:
            is_whole = self._is_whole(string, match.start())
            if is_whole:
                yield match
            match = self.regex.search(string, match.end() if is_whole else match.start() + 1)

    def _is_whole(self, string: str, start: int) -> bool:
        if self.starts_line:
            indent = string[string.rfind("\n", 0, start) + 1 : start]
            return not indent.strip(" \t")
        starts_word = tokens.is_word_char(string[start])
        return not (starts_word and start and tokens.is_word_char(string[start - 1]))


def places(evidence: Evidence) -> Iterator[Place]:
    """Where the tokens that an example replaced, or inserted between, stand in the open documents."""
    seen: set[tuple[str, ...]] = set()
    for change in evidence.line_changes:
        for hunk in hunks_and_hull(change):
            needle = _needle(evidence, change, hunk)
            key = _pattern_key(change, hunk)
            if needle is None or (*key, needle.regex.pattern, str(needle.starts_line)) in seen:
                continue
            seen.add((*key, needle.regex.pattern, str(needle.starts_line)))
            for document in evidence.documents:
                yield from _places_of(evidence, document, needle)


def _needle(evidence: Evidence, change: LineChange, hunk: Hunk) -> Needle | None:
    """The hunk's old tokens, and as many around them as it takes to be specific; None where nothing is."""
    if is_rename(change, hunk):
        return None
    first, last = hunk.old_start, hunk.old_end
    if first == last:
        first, last = max(0, first - 1), min(len(change.old), last + 1)
    while not _is_specific(change.old[first:last]):
        if first == 0 and last == len(change.old):
            return None
        first, last = max(0, first - 1), min(len(change.old), last + 1)
    same = tuple(_same_changes(evidence, _pattern_key(change, hunk)))
    regex = _regex(change, hunk, first, last)
    starts_line = first == 0 == hunk.old_start == hunk.old_end
    return Needle(change, hunk, first, last, regex, starts_line, same, len(confirmed_by(evidence, change)))


def _regex(change: LineChange, hunk: Hunk, first: int, last: int) -> re.Pattern[str]:
    pattern = r"[ \t]*".join(re.escape(token.text) for token in change.old[first:last])
    tail = r"(?!\w)" if tokens.is_word_char(change.old[last - 1].text[-1]) else ""
    if last == len(change.old) == hunk.old_end:
        tail += r"(?=[ \t]*$)" if hunk.old_start == hunk.old_end else ""
    return re.compile(pattern + tail, re.MULTILINE)


def _widened(needle: Needle) -> Needle | None:
    """The needle with one more token on either side: for tokens that stand in too many places; None at line ends."""
    first, last = needle.first - 1, needle.last + 1
    if first < 0 or last > len(needle.change.old):
        return None
    return replace(needle, first=first, last=last, regex=_regex(needle.change, needle.hunk, first, last))


def _is_specific(found: tuple[Token, ...]) -> bool:
    words = [token for token in found if token.kind is tokens.Kind.WORD]
    if any(token.kind is tokens.Kind.NUMBER and len(token.text) >= MIN_NUMBER_CHARS for token in found):
        return True
    return bool(words) and (len(found) > 1 or len(words[0].text) > 1)


def _places_of(evidence: Evidence, document: Document, needle: Needle) -> Iterator[Place]:
    change, hunk = needle.change, needle.hunk
    string = str(document.text)
    own_lines = {
        document.text.line_at(min(other.example.start, len(document.text)))
        for other in evidence.line_changes
        if other.example.uri == document.uri
    }
    matches = list(islice(needle.matches(string), MAX_PLACES + 1))
    if len(matches) > MAX_PLACES:
        wider = _widened(needle)
        matches = list(islice(wider.matches(string), MAX_PLACES + 1)) if wider is not None else []
        if wider is None or len(matches) > MAX_PLACES:
            return
        needle = wider
    for match in matches:
        row = document.text.line_at(match.start())
        line_start = document.text.line_start(row)
        line = document.text.line(row)
        site = tokens.solid_of(line)
        index = next((i for i, token in enumerate(site) if line_start + token.start == match.start()), None)
        if index is None:
            continue
        offset = index - needle.first
        if offset + hunk.old_start < 0 or offset + hunk.old_end > len(site):
            continue
        if _already_done(change, hunk, site, offset) or (row in own_lines and hunk.old_start == hunk.old_end):
            continue
        yield _place(needle, document, row, site, offset, len(matches))


def _place(needle: Needle, document: Document, row: int, site: tuple[Token, ...], offset: int, n_matches: int) -> Place:
    change, hunk = needle.change, needle.hunk
    line_start, line = document.text.line_start(row), document.text.line(row)
    first, last = hunk.old_start + offset, hunk.old_end + offset
    start, end = line_slot(line, site, first, last)
    (old_start, old_end), (new_start, new_end) = slots(change, hunk)
    template = _respaced(change.old_line[old_start:old_end], change.new_line[new_start:new_end], line[start:end])
    left = _n_equal(change.old[: hunk.old_start][::-1], site[:first][::-1])
    right = _n_equal(change.old[hunk.old_end :], site[last:])
    n_old = hunk.old_end - hunk.old_start
    old_words = [token for token in change.old[hunk.old_start : hunk.old_end] if token.kind is tokens.Kind.WORD]
    same_line = [token.text for token in site] == [token.text for token in change.old]
    old_text = change.old_line[old_start:old_end].strip()
    new_text = change.new_line[new_start:new_end].strip()
    return Place(
        document=document,
        parts=(Part(line_start + start, line_start + end, template),),
        source="repeat" if n_old else "insertion",
        pattern="repeat\0" + "\0".join(_pattern_key(change, hunk)),
        title=_title(old_text, new_text),
        reason=f"the same change as in {change.example.path}: {_title(old_text, new_text)}",
        example=change.example,
        examples=starts_in(document, needle.same),
        features={
            "left": left / MAX_CONTEXT,
            "right": right / MAX_CONTEXT,
            "same_line": float(same_line),
            "n_old": min(n_old, 8) / 8,
            "n_old_words": min(len(old_words), 4) / 4,
            "deletion": float(hunk.new_start == hunk.new_end),
            "confirmed": float(min(needle.n_confirmed, 3)),
            "n_matches": math.log1p(n_matches) / 4,
            "n_same": float(min(len(needle.same), 4)),
            "age": min(change.example.age, 4) / 4,
            "whole_left": float(left == min(hunk.old_start, MAX_CONTEXT) == min(first, MAX_CONTEXT)),
            "whole_right": float(
                right == min(len(change.old) - hunk.old_end, MAX_CONTEXT) == min(len(site) - last, MAX_CONTEXT)
            ),
            "n_hunks": float(len(change.hunks)),
            "above": float(document.text.line(row - 1).strip() == change.example.above.strip()) if row else 0.0,
        },
    )


def _same_changes(evidence: Evidence, key: tuple[str, ...]) -> list[LineChange]:
    """The examples that make this very change of tokens."""
    return [
        change
        for change in evidence.line_changes
        if any(_pattern_key(change, hunk) == key for hunk in hunks_and_hull(change))
    ]


def _title(old: str, new: str) -> str:
    if not old:
        return f"insert `{new}`"
    return f"change `{old}` to `{new}`" if new else f"remove `{old}`"


def _pattern_key(change: LineChange, hunk: Hunk) -> tuple[str, ...]:
    old = " ".join(token.text for token in change.old[hunk.old_start : hunk.old_end])
    new = " ".join(token.text for token in change.new[hunk.new_start : hunk.new_end])
    return old, new


def _already_done(change: LineChange, hunk: Hunk, site: tuple[Token, ...], offset: int) -> bool:
    """Whether the site already reads as the new tokens: the old ones are a part of them, or there are none."""
    old = [token.text for token in change.old[hunk.old_start : hunk.old_end]]
    new = [token.text for token in change.new[hunk.new_start : hunk.new_end]]
    here = [token.text for token in site]
    first = hunk.old_start + offset
    core = _core(change.new[hunk.new_start : hunk.new_end])
    if not old and len(core) > 1 and any(here[start : start + len(core)] == core for start in range(len(here))):
        return True
    for position in range(len(new) - len(old) + 1):
        if new[position : position + len(old)] == old:
            start = first - position
            if len(new) > len(old) and start >= 0 and here[start : start + len(new)] == new:
                return True
    return False


def _core(found: tuple[Token, ...]) -> list[str]:
    """The tokens from the first word to the last, without the signs that join them to what was there."""
    words = [index for index, token in enumerate(found) if token.kind is not tokens.Kind.OPERATOR]
    return [token.text for token in found[words[0] : words[-1] + 1]] if words else []


def _n_equal(left: tuple[Token, ...], right: tuple[Token, ...]) -> int:
    n_equal = 0
    for a, b in zip(left[:MAX_CONTEXT], right[:MAX_CONTEXT], strict=False):
        if a.text != b.text:
            break
        n_equal += 1
    return n_equal


def _respaced(old: str, new: str, here: str) -> str:
    """``new`` with the outer white space of ``here`` where the example left its own as it was."""

    def trail(text: str) -> str:
        return text[len(text.rstrip()) :] if text.strip() else ""

    head = tokens.indent_of(here if tokens.indent_of(old) == tokens.indent_of(new) else new)
    tail = trail(here if trail(old) == trail(new) else new)
    return head + new.strip() + tail
