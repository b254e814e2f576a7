"""Options as a client sends them → settings as the rest uses them.

In: a JSON value of any shape.  Out: frozen settings, and a sentence for every value that is wrong.
Not here: where options come from (``server``).

A wrong value is named and left out; all others are kept.  Unknown names are named apart, since
front ends send options of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Generic, TypeGuard, TypeVar
from urllib.parse import urlsplit

from nextedit_lsp.editing.documents import Document
from nextedit_lsp.formats.catalogue import FORMATS

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_TEXTS: Mapping[str, Any] = {"type": "array", "items": {"type": "string", "minLength": 1}}


@dataclass(frozen=True, slots=True)
class Linter:
    """A program that finds mistakes: its command line, and the languages that it is for, all when there are none."""

    command: tuple[str, ...]
    languages: frozenset[str] = frozenset()

    def is_for(self, document: Document) -> bool:
        """Whether it reads documents such as this one."""
        name = document.language.name if document.language else document.language_id
        return not self.languages or bool(self.languages & {document.language_id.lower(), name})


@dataclass(frozen=True, slots=True)
class Settings:
    """How the session is set.  The names in camelCase are the options' names."""

    enabled: bool = True
    """Whether suggestions come by themselves."""
    languages: Mapping[str, bool] = field(default_factory=dict)
    """Language id → whether suggestions come by themselves in it: ``{"markdown": false}``."""
    model: str | None = None
    """A GGUF file, or a name of ``nextedit models list``; by default the model in use there, with "none" no model."""
    model_format: str | None = None
    """The format of the model's prompts, where the file does not tell."""
    adapters: tuple[Path, ...] = ()
    """LoRA adapters (GGUF) beside the model."""
    threads: int | None = None
    """Threads of the model; by default the machine's cores, up to eight."""
    gpu_layers: int | None = None
    """Layers on the GPU; by default all where llama.cpp was built for one, -1 is all."""
    context_tokens: int | None = None
    """Tokens that the model's cache holds, of all documents together; by default 8192."""
    flash_attention: str | None = None
    """Whether flash attention is used: ``on``, ``off`` or ``auto``."""
    reuse_moved_tokens: int = 0
    """Runs of so many tokens of a prompt that only moved are not read again, which is an approximation; 0: never."""
    cache_type: str | None = None
    """How the numbers of the model's cache are kept: ``f16``, ``bf16`` or ``q8_0``, which takes half the memory."""
    unload_minutes: float = 30
    """After so many minutes without a request the model's memory is given back; 0 is never."""
    server: str | None = None
    """The address of an OpenAI-compatible server that runs the model instead: source text is sent there."""
    server_model: str | None = None
    """The model's name there; by default the only one."""
    server_key_file: Path | None = None
    """A file with the key of that server; else ``NEXTEDIT_API_KEY`` of the environment."""
    answer_ms: int = 2000
    """How long the model may write at one answer, in milliseconds."""
    take_back: bool = False
    """Whether the model takes back, while it writes, what breaks sound syntax; else such an answer is dropped."""
    min_chance: float = 0.25
    """The least chance of acceptance that is worth an interruption, from 0 to 1."""
    max_edits: int = 1
    """How many ranked alternatives ``copilotInlineEdit`` answers with."""
    debounce_ms: int = 15
    """How long an automatic request waits for a newer one, in milliseconds."""
    settle_ms: int = 400
    """How long after the last keystroke a half-typed word counts as finished, in milliseconds."""
    index: bool = True
    """Whether files that are not open are indexed and looked through."""
    index_max_files: int = 50_000
    """How many files of each folder of the workspace are indexed."""
    linters: tuple[Linter, ...] = ()
    """Programs that are run on copies of the documents, for what they find wrong."""
    feedback: bool = True
    """Whether what became of suggestions is kept in a file on this machine, without source text."""
    status_notification: bool = False
    """Whether the client wants ``nextedit/status``."""

    def is_automatic(self, language_ids: tuple[str, ...]) -> bool:
        """Whether suggestions come by themselves in a language that goes by these names."""
        return self.enabled and all(self.languages.get(name, True) for name in language_ids)


@dataclass(frozen=True, slots=True)
class Resolution:
    """Settings made of options; ``problems`` are for the user, ``unknown`` are names for the log."""

    settings: Settings
    problems: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def resolved(options: object, base: Settings) -> Resolution:
    """``base`` with what ``options`` set."""
    if options is None:
        return Resolution(base)
    if not isinstance(options, Mapping):
        return Resolution(base, (f"the settings must be an object, not {_kind(options)}",))
    values: dict[str, Any] = {}
    problems: list[str] = []
    unknown: list[str] = []
    for name, value in options.items():
        reader = _READERS.get(name)
        if reader is None:
            unknown.append(str(name))
            continue
        try:
            values[_field_name(name)] = reader(value)
        except ValueError as error:
            problems.append(f"nextedit.{name} {error}")
    return Resolution(replace(base, **values), tuple(problems), tuple(unknown))


@dataclass(frozen=True, slots=True)
class Reader(Generic[T_co]):
    """Reads a value as it came over the wire; ``schema`` says in JSON Schema what it takes."""

    read: Callable[[object], T_co]
    schema: Mapping[str, Any]

    def __call__(self, value: object) -> T_co:
        """The value; raises ``ValueError`` with what is wrong."""
        return self.read(value)


def schema_of(option: str) -> Mapping[str, Any]:
    """What an option takes, in JSON Schema: its type and its limits."""
    return _READERS[option].schema


def _read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {_kind(value)}")
    return value


_flag = Reader(_read_flag, {"type": "boolean"})


def _read_flags(value: object) -> dict[str, bool]:
    if not isinstance(value, Mapping) or not all(isinstance(flag, bool) for flag in value.values()):
        raise ValueError('must map language ids to true or false, such as {"markdown": false}')
    return {str(name).lower(): flag for name, flag in value.items()}


_flags = Reader(_read_flags, {"type": "object", "additionalProperties": {"type": "boolean"}})


def _text(what: str) -> Reader[str | None]:
    def read(value: object) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise ValueError(f"must be {what} or null, not {_kind(value)}")
        return value

    return Reader(read, _TEXT)


def _read_path(value: object) -> Path | None:
    text = _text("the path of a file")(value)
    return None if text is None else Path(text).expanduser()


_path = Reader(_read_path, _TEXT)


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _read_paths(value: object) -> tuple[Path, ...]:
    if not _is_texts(value):
        raise ValueError(f"must be a list of paths, not {_kind(value)}")
    return tuple(Path(item).expanduser() for item in value)


_paths = Reader(_read_paths, _TEXTS)


def _read_linters(value: object) -> tuple[Linter, ...]:
    if not isinstance(value, list):
        raise ValueError(f"must be a list of linters, not {_kind(value)}")
    found = []
    for item in value:
        command = item.get("command") if isinstance(item, Mapping) else None
        languages = item.get("languages", []) if isinstance(item, Mapping) else []
        if not command or not _is_texts(command) or not _is_texts(languages):
            raise ValueError('must hold objects such as {"command": ["ruff", "check", "-"], "languages": ["python"]}')
        found.append(Linter(tuple(command), frozenset(name.lower() for name in languages)))
    return tuple(found)


_linters = Reader(
    _read_linters,
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"command": {**_TEXTS, "minItems": 1}, "languages": _TEXTS},
            "required": ["command"],
        },
    },
)


def _read_address(value: object) -> str | None:
    text = _text("the address of a server")(value)
    if text is not None and urlsplit(text).scheme not in ("http", "https"):
        raise ValueError(f"must be an address that begins with http:// or https://, not {_kind(text)}")
    return text


_address = Reader(_read_address, _TEXT)


def _choice(*names: str) -> Reader[str | None]:
    def read(value: object) -> str | None:
        if value is not None and value not in names:
            raise ValueError(f"must be one of {', '.join(names)}, or null, not {_kind(value)}")
        return None if value is None else str(value)

    return Reader(read, {"type": ["string", "null"], "enum": [None, *names]})


def _optional(reader: Reader[T]) -> Reader[T | None]:
    return Reader(
        lambda value: None if value is None else reader(value),
        {**reader.schema, "type": [reader.schema["type"], "null"]},
    )


def _number(least: float, most: float) -> Reader[float]:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"must be a number from {least:g} to {most:g}, not {_kind(value)}")
        return float(value)

    return Reader(read, {"type": "number", "minimum": least, "maximum": most})


def _whole(least: int, most: int) -> Reader[int]:
    def read(value: object) -> int:
        # JSON has one kind of number: 400.0 is whole.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not least <= value <= most or value != int(value):  # type: ignore[operator, call-overload]
            raise ValueError(f"must be a whole number from {least} to {most}, not {_kind(value)}")
        return int(value)  # type: ignore[call-overload, no-any-return]

    return Reader(read, {"type": "integer", "minimum": least, "maximum": most})


def _kind(value: object) -> str:
    """A wrong value for a message: as it is when short, else its kind."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 40 else "a long text"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _field_name(option: str) -> str:
    return "".join(f"_{character.lower()}" if character.isupper() else character for character in option)


def _option_name(field_name: str) -> str:
    head, *rest = field_name.split("_")
    return head + "".join(part.capitalize() for part in rest)


_READERS: dict[str, Reader[Any]] = {
    "enabled": _flag,
    "languages": _flags,
    "model": _text("the path of a GGUF file, the name of a model"),
    "modelFormat": _choice(*FORMATS),
    "adapters": _paths,
    "threads": _optional(_whole(1, 256)),
    "gpuLayers": _optional(_whole(-1, 10_000)),
    "contextTokens": _optional(_whole(512, 1_000_000)),
    "flashAttention": _choice("on", "off", "auto"),
    "reuseMovedTokens": _whole(0, 100_000),
    "cacheType": _choice("f16", "bf16", "q8_0"),
    "unloadMinutes": _number(0, 10_000),
    "server": _address,
    "serverModel": _text("a name"),
    "serverKeyFile": _path,
    "answerMs": _whole(50, 60_000),
    "takeBack": _flag,
    "minChance": _number(0, 1),
    "maxEdits": _whole(1, 32),
    "debounceMs": _whole(0, 30),
    "settleMs": _whole(0, 10_000),
    "index": _flag,
    "indexMaxFiles": _whole(1, 2_000_000),
    "linters": _linters,
    "feedback": _flag,
    "statusNotification": _flag,
}

OPTION_NAMES = tuple(_option_name(item.name) for item in fields(Settings))
