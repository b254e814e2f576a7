"""Uses of a renamed name: the same thing elsewhere, by scope, and the name in its other spellings.

In: the examples in which one name became another.  Out: places where the old name still stands.
Not here: other changes of tokens (``repeats``); the resolution of names (``syntax.scopes``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.locating.evidence import Evidence
from nextedit_lsp.locating.place import Part, Place
from nextedit_lsp.patterns.examples import Example, is_rename
from nextedit_lsp.syntax import scopes, trees
from nextedit_lsp.text import names, words
from nextedit_lsp.text.changes import common_prefix

# More places than this in one document are shown one by one all the same: the nearest will do.
MAX_PLACES = 200

# Renames that are looked for: older ones have been carried through by now, or never will be.
MAX_RENAMES = 4

MENTIONS = (scopes.Role.TEXT, scopes.Role.COMMENT)
# Sources of what is named after the renamed thing rather than the thing itself.
KIN = ("spelling", "mention", "kin")
SHORTHANDS = ("shorthand_property_identifier", "shorthand_property_identifier_pattern", "shorthand_field_identifier")


@dataclass(frozen=True, slots=True)
class Rename:
    """One name that became another: how often, and where the new name stands now, by document."""

    old: str
    new: str
    example: Example
    seeds: dict[str, list[tuple[int, int]]]

    @property
    def n_examples(self) -> int:
        """How many times the name was changed."""
        return sum(map(len, self.seeds.values()))


@dataclass(frozen=True, slots=True)
class Seed:
    """What the renamed occurrences say: their bindings, and whether a declaration is among them.

    ``is_lexical``: they are variables and the like, not members of something.
    """

    groups: frozenset[object]
    is_lexical: bool
    declares: bool
    is_exported: bool
    old_is_declared: bool


# Start, end, new name, source, features.
Found = tuple[int, int, str, str, dict[str, float]]


def places(evidence: Evidence) -> Iterator[Place]:
    """Where names that were renamed still stand under their old name."""
    for rename in renames(evidence):
        spelled = [list(_spelled(document, rename)) for document in evidence.all_documents]
        # What was carried through needs no look at the bindings, nor a tree.
        if any(spelled) or any(rename.old in str(document.text) for document in evidence.all_documents):
            seed = _seed(evidence, rename)
            is_local = seed.is_lexical and seed.declares and not seed.is_exported
            for document, others in zip(evidence.all_documents, spelled, strict=True):
                # What a function declares for itself is known in no other file.
                if not is_local or document.uri in rename.seeds:
                    yield from _places_in(document, rename, seed, others)


def renames(evidence: Evidence) -> list[Rename]:
    """The newest renames among the examples, newest first; one that was taken back later is left out."""
    found: dict[tuple[str, str], Rename] = {}
    for change in evidence.line_changes:
        for hunk in change.hunks:
            if not is_rename(change, hunk):
                continue
            old, new = change.old[hunk.old_start].text, change.new[hunk.new_start]
            if (new.text, old) in found:
                continue
            rename = found.setdefault((old, new.text), Rename(old, new.text, change.example, {}))
            start = change.example.start + new.start
            rename.seeds.setdefault(change.example.uri, []).append((start, start + len(new.text)))
    return list(found.values())[:MAX_RENAMES]


def _seed(evidence: Evidence, rename: Rename) -> Seed:
    groups: set[object] = set()
    roles: set[scopes.Role] = set()
    declares = exported = old_is_declared = False
    for document in evidence.all_documents:
        spans = _seed_spans(document, rename)
        if not spans or document.tree is None:
            continue
        found = _occurrences(document, rename)
        seeds = [one for one in found if (one.start, one.end) in spans]
        own_groups = {one.group for one in seeds if one.group is not None}
        groups |= own_groups
        roles |= {one.role for one in seeds}
        declares |= any(one.declares for one in seeds)
        exported |= any(scopes.is_exported(document.tree, document.tree.language, one) for one in seeds)
        old_is_declared |= any(
            one.declares and one.group in own_groups for one in found if (one.start, one.end) not in spans
        )
    is_lexical = bool(roles) and roles <= {scopes.Role.DEFINITION, scopes.Role.REFERENCE, scopes.Role.KEYWORD}
    return Seed(frozenset(groups), is_lexical, declares, exported, old_is_declared)


def _occurrences(document: Document, rename: Rename) -> list[scopes.Occurrence]:
    """The occurrences of the old name, the renamed ones counted as if they still read so."""
    if document.tree is None:
        return []
    spans = _seed_spans(document, rename)
    return _resolved(document.tree, rename.old, tuple(spans))


@lru_cache(maxsize=32)  # Asked for the bindings first and for the places then; a tree stands for one text.
def _resolved(tree: trees.Tree, name: str, spans: tuple[tuple[int, int], ...]) -> list[scopes.Occurrence]:
    return scopes.occurrences(tree, tree.text, name, tree.language, spans)


def _seed_spans(document: Document, rename: Rename) -> list[tuple[int, int]]:
    """Where the new name stands in ``document`` by the examples; ones that were edited since are left out."""
    spans = rename.seeds.get(document.uri, [])
    return [(start, end) for start, end in spans if document.text.slice(start, end) == rename.new]


def _places_in(document: Document, rename: Rename, seed: Seed, spelled: list[Found]) -> Iterator[Place]:
    spans = _seed_spans(document, rename)
    found = [*_named(document, rename, seed, spans), *spelled]
    if not found:
        return
    if _is_carried_through(rename, seed, found):
        found = [(*place[:3], "kin" if place[3] in KIN else place[3], place[4]) for place in found]
    n_new = words.count(str(document.text), rename.new, at_most=len(spans) + 1) - len(spans)
    common = {
        "n_examples": min(rename.n_examples, 4) / 4,
        "seed_declares": float(seed.declares),
        "seed_exported": float(seed.is_exported),
        "old_is_declared": float(seed.old_is_declared),
        "new_is_known": float(n_new > 0),
        "n_found": math.log1p(len(found)) / 4,
        "declared_found": float(seed.declares and not seed.old_is_declared) * math.log1p(len(found)) / 4,
        "exported_elsewhere": float(seed.declares and seed.is_exported and not seed.old_is_declared and not spans),
        "short": float(len(rename.old) <= 2),
        "likeness": _likeness(rename.old, rename.new),
        "own_document": float(bool(spans)),
        "age": min(rename.example.age, 4) / 4,
    }
    is_dangling = seed.declares and seed.is_lexical and not seed.old_is_declared and bool(spans)
    has_uses = any(place[3] == "rename" for place in found)
    for start, end, new, source, features in found[:MAX_PLACES]:
        own = {"dangling": float(is_dangling and source == "rename"), "waits": float(has_uses and source in KIN)}
        old = document.text.slice(start, end)
        yield Place(
            document=document,
            parts=(Part(start, end, new),),
            source=source,
            pattern=f"rename\0{rename.old}\0{rename.new}",
            title=f"rename `{old}` to `{new}`",
            reason=f"`{rename.old}` was renamed to `{rename.new}`",
            example=rename.example,
            examples=tuple(start for start, _ in spans),
            features={**common, **features, **own},
        )


def _is_carried_through(rename: Rename, seed: Seed, found: Sequence[Found]) -> bool:
    """Whether a declared name of several words was renamed wherever it is used: what is akin to it is left."""
    parsed = names.parsed(rename.old)
    is_specific = parsed is not None and len(parsed.words) > 1
    is_done = seed.declares and not seed.old_is_declared and not any(place[3] == "rename" for place in found)
    return is_specific and is_done and rename.n_examples > 1


def _named(document: Document, rename: Rename, seed: Seed, spans: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """The places of the very name: by scope where there is a tree, else every whole word."""
    if rename.old not in str(document.text):
        return
    if document.tree is None:
        for start in words.starts_of(str(document.text), rename.old):
            yield start, start + len(rename.old), rename.new, "namesake", {"no_tree": 1.0}
        return
    found = _occurrences(document, rename)
    declared = {one.group for one in found if one.declares and one.group is not None}
    for one in found:
        if (one.start, one.end) in spans:
            continue
        same = one.group is not None and one.group in seed.groups and bool(spans)
        # What this file imports under the name is what another one exports under it.
        imported = one.is_imported and seed.declares and seed.is_exported and not spans
        is_bound = one.group is not None and (bool(spans) or one.group in declared)
        bound_elsewhere = is_bound and not same and not imported
        # What was renamed in a comment alone may mean any of the things of that name.
        is_other = bound_elsewhere and one.role not in MENTIONS and bool(seed.groups)
        is_member = one.role is scopes.Role.MEMBER and seed.is_lexical and not seed.is_exported
        if is_other or (is_member and not same):
            continue
        source = "rename" if same else "mention" if one.role in MENTIONS else "namesake"
        features = {
            "bound_elsewhere": float(bound_elsewhere),
            "declares": float(one.declares),
            "imported": float(imported),
        }
        new = _in_full(document.tree, one.start, rename)
        yield one.start, one.end, new, source, {**features, f"role_{one.role.value}": 1.0}


def _in_full(tree: trees.Tree, start: int, rename: Rename) -> str:
    """The new name; where one word is both a field's name and its value, both are written out."""
    is_shorthand = tree.node_at(start).type in SHORTHANDS
    return f"{rename.old}: {rename.new}" if is_shorthand else rename.new


def _spelled(document: Document, rename: Rename) -> Iterator[Found]:
    """The name in other spellings, and inside longer names where the split is sure."""
    parsed = names.parsed(rename.old)
    if parsed is None or len(rename.old) < names.MIN_SPELLED_CHARS:
        return
    table = names.spellings(rename.old, rename.new)
    # Every spelling, plural or part of a longer name holds the words in order, joined or not.
    pieces, string = (*parsed.words[:-1], _stem(parsed.words[-1])), str(document.text)
    targets: dict[str, tuple[str | None, str]] = {rename.old: (None, "")}
    for start, end in words.holding(string, pieces):
        word = string[start:end]
        if word not in targets:
            inside = None if word in table else names.renamed_inside(word, rename.old, rename.new)
            targets[word] = (table[word], "spelling") if word in table else (inside, "inside")
        target, kind = targets[word]
        if target is not None and target != word:
            yield start, end, target, "spelling", {kind: 1.0}


def _stem(word: str) -> str:
    """What a word shares with its plural."""
    return word[:-1] if word.endswith("y") else word


def _likeness(old: str, new: str) -> float:
    """The share of the shorter name that both begin or end with."""
    shared = max(common_prefix(old, new), common_prefix(old[::-1], new[::-1]))
    return shared / min(len(old), len(new))
