"""Which occurrences of a name mean the same thing.

In: a tree and one name, with the places where it was just renamed.  Out: an ``Occurrence`` for each place,
with its role and with what it is bound to.
Not here: what one place says by itself (``sites``), other files, and the types of things: of a member
only the class by position is known.  Where in doubt, two occurrences are not the same.

Only the occurrences of the one name are looked at, never the whole file, so the cost is that of finding them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nextedit_lsp.syntax.languages import Bare, Bind, Language
from nextedit_lsp.syntax.nesting import Extent, Scope, class_name
from nextedit_lsp.syntax.sites import EXTERNAL, Role, Site, site_at
from nextedit_lsp.syntax.trees import Tree
from nextedit_lsp.text import words
from nextedit_lsp.text.buffer import Text

__all__ = ["Occurrence", "Role", "is_exported", "occurrences", "same_binding"]

# Each costs some 65 µs.  A name that stands in more places is a common word, or the code is generated: far from
# the edit it seldom means the same.
MAX_OCCURRENCES = 120

Group = tuple[object, ...]
ScopeKey = tuple[int, int, Extent]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where a name stands, in offsets of the text."""

    start: int
    end: int
    role: Role
    scope: tuple[int, int]  # Of a definition the scope that it declares into, else the innermost one around.
    owner: str | None  # Of a member its class, else its receiver; of a keyword the callee; of a parameter the function.
    declares: bool  # Whether it is a definition, or a member where its class declares it.
    group: Group | None  # Equal for occurrences that mean the same; None where that can't be said.
    is_imported: bool  # Whether it means what another file declares under this very name.


@dataclass(frozen=True, slots=True)
class _Definition:
    visible: int
    group: Group
    is_value: bool


def occurrences(
    tree: Tree, text: Text, name: str, language: Language, treat_as: Sequence[tuple[int, int]] = ()
) -> list[Occurrence]:
    """Every place where ``name`` stands, in order; the spans in ``treat_as`` count as if they still read so.

    Of more than ``MAX_OCCURRENCES`` only those nearest to the first of ``treat_as``.
    """
    spans = _spans(tree, language, list(words.starts_of(str(text), name)), len(name), treat_as)
    spellings = frozenset({name, *(text.slice(start, end) for start, end in treat_as)})
    sites = [site_at(tree, start, end, spellings) for start, end in spans]
    resolver = _Resolver(language, sites, _namespaces(tree))
    return [_occurrence(tree, site, *resolver.resolved(site), resolver.imported) for site in resolver.sites]


def same_binding(found: Iterable[Occurrence], seed_span: tuple[int, int]) -> list[Occurrence]:
    """Those of ``found`` that mean the same thing as the one at ``seed_span``, itself included."""
    listed = list(found)
    seed = next((one for one in listed if (one.start, one.end) == seed_span), None)
    if seed is None:
        return []
    return [one for one in listed if one is seed or (one.group is not None and one.group == seed.group)]


def is_exported(tree: Tree, language: Language, occurrence: Occurrence) -> bool:
    """Whether other files may use what ``occurrence`` declares: it is declared for the file or in a class."""
    if not occurrence.declares or occurrence.group is None:
        return False
    return occurrence.role is Role.MEMBER or occurrence.scope == tree.span_of_file()


def _spans(
    tree: Tree, language: Language, starts: list[int], length: int, treat_as: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Where the name stands or is taken to stand, no more than ``MAX_OCCURRENCES`` of them, in order."""
    near = treat_as[0] if treat_as else (starts[0], starts[0] + length) if starts else (0, 0)
    # Of very many only those that can be among the nearest are worth more work.
    index, n_around = bisect_left(starts, near[0]), MAX_OCCURRENCES + len(treat_as) + 1
    starts = starts[max(0, index - n_around) : index + n_around]
    spans = sorted({*((start, start + length) for start in starts), *treat_as})
    return spans if len(spans) <= MAX_OCCURRENCES else _nearest(tree, language, spans, near)


def _nearest(
    tree: Tree, language: Language, spans: list[tuple[int, int]], near: tuple[int, int]
) -> list[tuple[int, int]]:
    """``MAX_OCCURRENCES`` of the sorted ``spans`` around ``near``.

    A function that the cut would go through is left out: what its names are bound to may stand
    on the other side.
    """
    index = bisect_left(spans, near)
    first = max(0, min(index - MAX_OCCURRENCES // 2, len(spans) - MAX_OCCURRENCES))
    last = first + MAX_OCCURRENCES
    low, high = spans[first][0], spans[last - 1][1]
    if first > 0:
        low = max(low, _outermost_function(tree, language, spans[first - 1][0])[1])
    if last < len(spans):
        high = min(high, _outermost_function(tree, language, spans[last][0])[0])
    return [span for span in spans[first:last] if span == near or (span[0] >= low and span[1] <= high)]


def _outermost_function(tree: Tree, language: Language, offset: int) -> tuple[int, int]:
    """Where the outermost function around ``offset`` stands; the place itself where there is none."""
    for node in tree.path_at(offset):
        if node.type in language.functions and node.is_named:
            return tree.span(node)
    return offset, offset


@lru_cache(maxsize=32)  # Asked for with every name.
def _namespaces(tree: Tree) -> frozenset[str]:
    """The names of modules that the file imports as such."""
    pattern, sign, string = tree.language.namespaces, tree.language.namespace_sign, str(tree.text)
    if not pattern:
        return frozenset()
    regex, found, at = re.compile(pattern, re.MULTILINE), set(), string.find(sign)
    while at >= 0:
        match = regex.match(string, string.rfind("\n", 0, at) + 1)
        if match is not None:
            found.add(match[1] or match[2])
        line_end = string.find("\n", at)
        at = string.find(sign, line_end) if line_end >= 0 else -1
    return frozenset(found)


def _occurrence(tree: Tree, site: Site, role: Role, group: Group | None, imported: set[Group]) -> Occurrence:
    scope = site.target if role is Role.DEFINITION and site.target else site.scopes[-1]
    if role is Role.MEMBER and site.klass:
        scope = site.klass
    span = tree.span_of_file()
    if scope.extent is not Extent.FILE:
        span = tree.text.offset_of_byte(scope.start), tree.text.offset_of_byte(scope.end)
    owner: str | None = None
    if role is Role.MEMBER:
        owner = (site.klass.name if site.klass and site.declares else site.receiver) or None
    elif role is Role.KEYWORD:
        owner = site.receiver
    elif role is Role.DEFINITION:
        owner = site.function or None
    declares = role is Role.DEFINITION or (role is Role.MEMBER and site.declares)
    return Occurrence(site.start, site.end, role, span, owner, declares, group, group in imported)


class _Resolver:
    """All sites of one name, from which each is told what it is bound to."""

    def __init__(self, language: Language, sites: list[Site], namespaces: frozenset[str]) -> None:
        self.language = language
        self.sites = sites
        self.namespaces = namespaces
        self.definitions: dict[tuple[ScopeKey, str], list[_Definition]] = {}
        self.redirects = {
            scope.key: site.bind
            for site in sites
            if site.bind in _USES and (scope := _function_of(site)).extent is Extent.FUNCTION
        }
        self.made: dict[int, Group] = {}  # By position, what a definition declares.
        self.joined = {space: _joined_classes(sites, space) for space in ("", "()")}
        for site in sites:
            if site.role is Role.DEFINITION and site.bind not in _ASSIGNS:
                self._define(site, self._redirected(site))
        self.imported: set[Group] = {EXTERNAL}
        self.imported |= {self.made[site.byte] for site in sites if site.bind is Bind.IMPORT and site.byte in self.made}
        # A plain assignment means the variable that is there already; those further out come first.
        assigns = [site for site in sites if site.role is Role.DEFINITION and site.bind in _ASSIGNS]
        for site in sorted(assigns, key=lambda site: (len(site.scopes), site.byte)):
            if self._looked_up(site, ignoring_members=True) is None:
                self._define(site, site.target or site.scopes[0])

    def resolved(self, site: Site) -> tuple[Role, Group | None]:
        """The role of ``site`` among the others, and what it is bound to."""
        if site.role in (Role.TEXT, Role.COMMENT, Role.OTHER) or site.group:
            return site.role, site.group
        if site.role is Role.MEMBER:
            return site.role, self._member_group(site)
        if site.role is Role.KEYWORD:
            return site.role, self._keyword_group(site)
        if group := self.made.get(site.byte):
            return Role.DEFINITION, group
        return Role.REFERENCE, self._looked_up(site) or ("free", site.space)

    def _define(self, site: Site, target: Scope) -> None:
        group: Group = ("scope", *target.key[:2], site.space)
        visible = site.visible if target is site.target else target.start
        if self.language.redeclares and visible > target.start:
            group = (*group, visible)
        listed = self.definitions.setdefault((target.key, site.space), [])
        listed.append(_Definition(visible, group, site.bind in _VALUES and site.leaf not in self.language.type_leaves))
        self.made[site.byte] = group

    def _redirected(self, site: Site) -> Scope:
        """The scope that ``site`` declares into, after what its function says with ``global`` and the like."""
        target = site.target or site.scopes[0]
        for scope in reversed(site.scopes):
            if scope.start > target.start or scope.extent is not Extent.FUNCTION:
                continue
            if target.key != scope.key or site.bind is Bind.PARAMETER:
                break
            redirect = self.redirects.get(scope.key)
            if redirect is None:
                break
            outer = [other for other in site.scopes if other.step < scope.step and other.extent is Extent.FUNCTION]
            target = outer[-1] if outer and redirect is Bind.USE_OUTER else site.scopes[0]
        return target

    def _looked_up(self, site: Site, *, ignoring_members: bool = False) -> Group | None:
        """What a bare name at ``site`` means, from the innermost scope outward; None if nothing declares it."""
        in_function = behind_hard = only_file = False
        is_type = site.leaf == "type_identifier"
        for scope in reversed(site.scopes):
            if only_file and scope.extent is not Extent.FILE:
                continue
            redirect = self.redirects.get(scope.key)
            only_file = only_file or redirect is Bind.USE_GLOBAL
            if redirect is None:
                found = [
                    one
                    for one in self.definitions.get((scope.key, site.space), ())
                    if not (one.is_value and ((behind_hard and not only_file) or is_type)) and one.visible <= site.byte
                ]
                if found:
                    return max(found, key=lambda one: one.visible).group
                behind_hard = behind_hard or scope.type in self.language.hard_functions
            sees_members = scope.extent is Extent.CLASS and not ignoring_members and self._sees_members(in_function)
            if sees_members and (joined := self._class_of(scope, site)) is not None:
                return "member", joined, _member_space(site)
            in_function = in_function or scope.extent is Extent.FUNCTION
        return None

    def _sees_members(self, in_function: bool) -> bool:
        bare = self.language.bare_members
        return bare is Bare.EVERYWHERE or (bare is Bare.CLASS_BODY and not in_function)

    def _class_of(self, scope: Scope, site: Site) -> str | None:
        """The joined class by which ``scope`` has the name; None where it does not."""
        classes = self.joined[_member_space(site)]
        if scope.name in classes:
            return classes[scope.name]
        return next((classes[base] for base in sorted(scope.bases) if base in classes), None)

    def _member_group(self, site: Site) -> Group:
        space = _member_space(site)
        if site.receiver in self.namespaces:
            return "module", site.receiver
        if site.klass is not None:
            return "member", self._class_of(site.klass, site) or site.klass.name, space
        classes, named = self.joined[space], class_name(site.receiver)
        if site.is_path or site.receiver.isidentifier():
            if named in classes:
                return "member", classes[named], space
            if site.is_path or (self.language.caps_are_types and _CAP_WORDS.match(named)):
                return "member", named, space
        joined = set(classes.values())
        # With one class that has the name, any receiver is taken to be of it; with several it can't be told.
        return "member", joined.pop() if len(joined) == 1 else "", space

    def _keyword_group(self, site: Site) -> Group:
        groups = {
            self.made[other.byte]
            for other in self.sites
            if other.bind is Bind.PARAMETER and other.function == site.receiver and other.byte in self.made
        }
        if len(groups) == 1:
            return groups.pop()
        if not groups and site.receiver in self.joined[""]:
            return "member", self.joined[""][site.receiver], ""
        return "keyword", site.receiver


_USES = (Bind.USE_GLOBAL, Bind.USE_OUTER)
_CAP_WORDS = re.compile(r"[A-Z]\w*[a-z]")
_ASSIGNS = (Bind.ASSIGN, Bind.ASSIGN_GLOBAL)
# What declares a variable, rather than a function, a type or an import.
_VALUES = (Bind.INNER, Bind.FUNCTION, Bind.PARAMETER, *_ASSIGNS)


def _function_of(site: Site) -> Scope:
    return next((scope for scope in reversed(site.scopes) if scope.extent is Extent.FUNCTION), site.scopes[0])


def _member_space(site: Site) -> str:
    """The names of functions are kept apart from those of fields where the language does so; nothing else is."""
    return "()" if site.space == "()" else ""


def _joined_classes(sites: list[Site], space: str) -> dict[str, str]:
    """From each class that declares the name to one for all that inherit it from each other."""
    sites = [site for site in sites if site.role is Role.MEMBER and _member_space(site) == space]
    declaring = {site.klass.name for site in sites if site.klass and site.declares}
    joined = {name: name for name in declaring}
    bases: dict[str, set[str]] = {}
    for site in sites:
        if site.klass is not None:
            bases.setdefault(site.klass.name, set()).update(site.klass.bases)
    for name in declaring:
        for base in bases[name] & joined.keys():
            old, new = joined[name], joined[base]
            joined = {one: new if root == old else root for one, root in joined.items()}
    return joined
