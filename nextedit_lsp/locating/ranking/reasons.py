"""Why a row may be next, in words for a person.

In: a Scene, its features, a row.  Out: the source, a short name for the kind of evidence, and a sentence.
Not here: the ranking itself: the forest weighs all features at once; this tells the plainest of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nextedit_lsp.editing.elsewhere import Diagnostic
from nextedit_lsp.locating.ranking.lines import Floats
from nextedit_lsp.locating.ranking.scene import Scene
from nextedit_lsp.text import tokens

# A line is said to read like another from this likeness on.
ALIKE = 0.6
# "Near" in rows.
NEAR_ROWS = 12

Reason = Callable[["Explainer", int], str | None]


@dataclass(frozen=True)
class Explainer:
    """Tells the reason for a row of ``scene``."""

    scene: Scene
    columns: Mapping[str, Floats]

    def __call__(self, at: int) -> tuple[str, str]:
        """The source and the reason, the most telling one that holds."""
        for source, reason in REASONS.items():
            words = reason(self, at)
            if words is not None:
                return source, words
        return "elsewhere", "it is where such edits are made"

    def value(self, name: str, at: int) -> float:
        """One feature of the row."""
        return float(self.columns[name][at])

    def shared_word(self, at: int, *, gone: bool) -> str | None:
        """The first word of the row that a recent edit removed, or brought in."""
        document = self.scene.documents[int(self.scene.document_of[at])]
        words = [t.text for t in tokens.solid_of(document.text.line(int(self.scene.row[at]))) if tokens.is_word(t.text)]
        for edit in self.scene.edits:
            old, new = (
                {token.text for line in side for token in tokens.solid_of(line)} for side in (edit.old, edit.new)
            )
            changed = old - new if gone else new - old
            found = next((word for word in words if word in changed), None)
            if found is not None:
                return found
        return None


def _diagnostic(explainer: Explainer, at: int) -> str | None:
    scene = explainer.scene
    document = scene.documents[int(scene.document_of[at])]
    text, row = document.text, int(scene.row[at])

    def is_here(one: Diagnostic) -> bool:
        return one.uri == document.uri and text.line_at(min(one.start, len(text))) == row

    found = next((one for one in scene.diagnostics if is_here(one)), None)
    return (
        None if found is None else f"reported here: {found.message.splitlines()[0] if found.message else 'a problem'}"
    )


def _gone(explainer: Explainer, at: int) -> str | None:
    if explainer.value("gone_all", at) <= 0:
        return None
    word = explainer.shared_word(at, gone=True)
    return None if word is None else f"still holds `{word}`, which you replaced or removed"


def _same_line(explainer: Explainer, at: int) -> str | None:
    same = explainer.value("is_old_last", at) or explainer.value("is_old_older", at)
    return "the same line as one that you changed" if same else None


def _alike(explainer: Explainer, at: int) -> str | None:
    like = max(explainer.value("like_old_last", at), explainer.value("like_old_older", at))
    return "reads like a line that you changed" if like >= ALIKE else None


def _surroundings(explainer: Explainer, at: int) -> str | None:
    like = max(explainer.value(name, at) for name in ("region_last", "region_older", "gap_last", "gap_older"))
    return "the lines around are like those around your edit" if like >= ALIKE else None


def _fresh(explainer: Explainer, at: int) -> str | None:
    if max(explainer.value("fresh_last", at), explainer.value("fresh_all", at)) <= 0:
        return None
    word = explainer.shared_word(at, gone=False)
    return None if word is None else f"holds `{word}`, which you brought in"


def _defined(explainer: Explainer, at: int) -> str | None:
    if explainer.value("defined_all", at) > 0:
        return "names what you declared anew"
    return "names the function or class that you changed" if explainer.value("around_last", at) > 0 else None


def _near(explainer: Explainer, at: int) -> str | None:
    away = int(explainer.value("n_away", at))
    if away > NEAR_ROWS:
        return None
    if away <= 1:
        return "right at your last edit"
    return f"{away} lines {'below' if explainer.value('is_below', at) > 0 else 'above'} your last edit"


def _pieces(explainer: Explainer, at: int) -> str | None:
    found = max(explainer.value("fresh_pieces_last", at), explainer.value("gone_pieces_last", at))
    return "has words in common with what you changed" if found > 0 else None


def _file(explainer: Explainer, at: int) -> str | None:
    if explainer.value("same_document", at):
        return None
    return "in the file that goes with the edited one" if explainer.value("same_stem", at) else None


REASONS: Mapping[str, Reason] = {
    "diagnostic": _diagnostic,
    "same_line": _same_line,
    "gone": _gone,
    "alike": _alike,
    "surroundings": _surroundings,
    "fresh": _fresh,
    "names": _defined,
    "near": _near,
    "pieces": _pieces,
    "file": _file,
}
