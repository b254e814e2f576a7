"""What the formats on Seed-Coder share: suffix first, then related files, history and the file, the region last.

In: plain values; a Snapshot and a spot.  Out: the prompt around a region that is already marked.
Not here: how the region is marked and the answer read (``zeta2``, ``zeta21``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats import events, excerpts
from nextedit_lsp.formats.answers import padded
from nextedit_lsp.formats.format import Refused, Spot
from nextedit_lsp.formats.prompt import Prompt, Segment, text_of
from nextedit_lsp.formats.regions import Region, lines_text, rows_of
from nextedit_lsp.formats.segments import control, prompt_of

SUFFIX, PREFIX, MIDDLE = (control(f"<[fim-{part}]>") for part in ("suffix", "prefix", "middle"))
FILE = control("<filename>")
END_OF_TEXT = "<[end▁of▁sentence]>"
CURSOR = "<|user_cursor|>"
MARKERS = (SUFFIX.text, PREFIX.text, MIDDLE.text, FILE.text, END_OF_TEXT, CURSOR)

# Zed counts with a tenth to spare, for three bytes a token is a guess.
BUDGET = 4096 * 9 // 10
EDITABLE, CONTEXT = 350, 150
MAX_EVENTS = 6
MAX_RELATED = 5
MAX_ANSWER = 1024


@dataclass(frozen=True, slots=True)
class Setting:
    """The region to rewrite and the prompt around it: all but the region's own markers."""

    region: Region
    prompt: Prompt


def prompt(
    related: Sequence[tuple[str, str]], edits: Sequence[str], path: str, before: str, marked: str, after: str
) -> Prompt:
    """The prompt; ``after`` starts with the line end of the region's last row."""
    parts: list[str | Segment] = [SUFFIX, padded(after), PREFIX]
    for related_path, text in related:
        parts += [FILE, f"{related_path}\n{text}"]
    parts += ["\n"] if related else []
    if edits:
        parts += [FILE, "edit_history\n", *edits, "\n"]
    return prompt_of(*parts, FILE, f"{path}\n{before}", marked, MIDDLE)


def event_text(header: str, path: str, diff: str) -> str:
    """One edit of the history."""
    return f"{header}--- a/{path}\n+++ b/{path}\n{diff}"


def setting(
    snapshot: Snapshot, spot: Spot, markers: Sequence[str], marked: Callable[[Region], str]
) -> Setting | Refused:
    """The region of a spot and its prompt.

    The file goes before the history, the history before related files: what is left of the budget is theirs.
    """
    document = spot.document
    editable, around = excerpts.editable_rows(document, rows_of(spot), EDITABLE, CONTEXT)
    region = Region(document, *editable)
    before = lines_text(document.text, around[0], editable[0])
    after = "".join("\n" + line for line in document.text.lines(editable[1], around[1]))
    if excerpts.is_bad_path(document.path, markers) or excerpts.forged(before + region.text + after, markers):
        return Refused("the text holds a marker of the format")
    section = marked(region)
    rest = BUDGET - excerpts.n_tokens(text_of(prompt((), (), document.path, before, section, after)))
    if rest < 0:
        return Refused("the lines are too long for the format's budget")
    shown = [text for _, text in events.fitting(snapshot, MAX_EVENTS, rest, markers, _event)]
    rest -= sum(map(excerpts.n_tokens, shown))
    related = [
        (one.path, ("...\n" if one.is_cut_above else "") + one.text + ("...\n" if one.is_cut_below else ""))
        for one in excerpts.related(snapshot, document, rest, markers, MAX_RELATED)
    ]
    return Setting(region, prompt(related, shown, document.path, before, section, after))


def _event(intention: Intention) -> str:
    header = "// User accepted prediction:\n" if events.is_accepted(intention) else ""
    return event_text(header, intention.path, events.unified(intention))
