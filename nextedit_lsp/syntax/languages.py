"""What the rest of the room must know of a language, as data, and which language a document is in.

In: an LSP language id and a path.  Out: a ``Language``, or None for one without a grammar here.
Not here: the tables themselves (``grammars``, ``native_grammars``) and parsing (``trees``).

The tables name an edge of the tree as ``"parent_type.field"``, with an empty field for a child
that has none: ``"assignment.left"``, ``"parameters."``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from pathlib import PurePosixPath


class Bind(Enum):
    """Into which scope a name at an edge of the tree is declared."""

    OUTER = auto()  # The scope around the declaring node: functions, classes.
    INNER = auto()  # The innermost scope, the declaring node included: block-scoped variables.
    FUNCTION = auto()  # The innermost function or class, or the file.
    PARAMETER = auto()  # The function, as its parameter.
    GENERIC = auto()  # The innermost scope, as a type parameter.
    MEMBER = auto()  # A member of the class around it.
    IMPORT = auto()  # The innermost scope, as what another file declares under this name.
    ALIAS = auto()  # The innermost scope, as this file's own name for a module or for something of it.
    GLOBAL = auto()  # The file.
    ASSIGN = auto()  # What it already names in this function, else a new variable of the innermost scope.
    ASSIGN_GLOBAL = auto()  # What it already names, else a new variable of the file.
    USE_GLOBAL = auto()  # None: says that the name means the file's variable in this function.
    USE_OUTER = auto()  # None: says that the name means the variable of the function around this one.
    OTHER = auto()  # None: a name that is no variable, such as a label or a module path.


class Bare(Enum):
    """Where a bare name can mean a member of a class around it."""

    NEVER = auto()
    CLASS_BODY = auto()  # Only outside of the class's functions, as in Python.
    EVERYWHERE = auto()


@dataclass(frozen=True, slots=True)
class Language:
    """The facts about one language; node types and edges are those of its grammar."""

    name: str
    grammar: tuple[str, str]  # The grammar's module and its function.
    ids: frozenset[str]  # LSP language ids, beside the name.
    extensions: frozenset[str]  # Ends of file names, with the dot, or whole names.
    identifiers: frozenset[str]
    strings: frozenset[str] = frozenset()
    comments: frozenset[str] = frozenset({"comment"})
    # Scopes.  A class maps to the field that holds its name.
    functions: frozenset[str] = frozenset()
    classes: Mapping[str, str] = field(default_factory=dict)
    blocks: frozenset[str] = frozenset()
    # Edges below which a name belongs to the scope around the function or class, such as default values.
    outside: frozenset[str] = frozenset()
    # From a name upward: edges to pass through, until one that binds.
    through: frozenset[str] = frozenset()
    binds: Mapping[str, Bind] = field(default_factory=dict)
    # Edges to a member's name, with the field of the receiver ("" = the first child).
    members: Mapping[str, str] = field(default_factory=dict)
    member_leaves: frozenset[str] = frozenset()
    type_leaves: frozenset[str] = frozenset({"type_identifier"})
    receivers: frozenset[str] = frozenset()  # How a method names its own object or class.
    bare_members: Bare = Bare.NEVER
    keywords: frozenset[str] = frozenset()  # Edges to a keyword argument's name.
    calls: Mapping[str, str] = field(default_factory=dict)  # Call node -> field of the callee ("" = the first child).
    argument_lists: frozenset[str] = frozenset()
    parameter_lists: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()  # Edges to a member's name that has no receiver: literals, patterns.
    literals: Mapping[str, str] = field(default_factory=dict)  # Such a literal -> field of its class.
    tags: frozenset[str] = frozenset()  # The tags of an element, whose names change together.
    # Node types whose names live apart from those of other types.
    apart: frozenset[str] = frozenset()
    method_edges: frozenset[str] = frozenset()  # Edges to names of functions, where fields may be named alike.
    caps_are_types: bool = False  # Whether a receiver in CapWords is a class, not a variable.
    global_leaves: frozenset[str] = frozenset()  # Names that always mean the file's variable.
    # Nodes with a name from elsewhere and an alias for it here.
    aliasing: frozenset[str] = frozenset()
    with_body: frozenset[str] = frozenset()  # Nodes that declare their name only together with a body.
    prototypes: frozenset[str] = frozenset()  # Nodes that hold parameters without being a function.
    hard_functions: frozenset[str] = frozenset()  # Functions that do not see the variables around them.
    sequential: bool = False  # A block's variable is visible only behind its declaration.
    redeclares: bool = False  # A second declaration in one block makes a new variable.
    # A line that imports a namespace, the name in group 1 or 2.
    namespaces: str = ""
    namespace_sign: str = "import"  # What every such line has in it.


@cache
def _table() -> tuple[dict[str, Language], dict[str, Language]]:
    """All languages by id and by extension.  The tables import this module, hence not at its top."""
    from nextedit_lsp.syntax import grammars, native_grammars

    languages = (*grammars.LANGUAGES, *native_grammars.LANGUAGES)
    by_id = {key: language for language in languages for key in (language.name, *language.ids)}
    by_extension = {key: language for language in languages for key in language.extensions}
    return by_id, by_extension


def language_for(language_id: str | None, path: str) -> Language | None:
    """The language of a document: by its id if that is known, else by its path; None without a grammar."""
    by_id, by_extension = _table()
    if language_id and (language := by_id.get(language_id.lower())):
        return language
    name = PurePosixPath(path.replace("\\", "/")).name.lower()
    return by_extension.get(name) or by_extension.get(PurePosixPath(name).suffix)


def all_languages() -> tuple[Language, ...]:
    """Every language with a grammar here."""
    return tuple({language.name: language for language in _table()[0].values()}.values())
