"""Writes the recording that ``nextedit demo`` replays: a user typing, key by key, at plausible times.

In: the source files, from the recording itself or with ``--sources`` from a folder; the script of edits below.
Out: ``nextedit_lsp/cli/demo_data/session.json`` in the format of VS Code's next-edit recordings.
Not here: suggestions; the recording holds what the user typed and nothing else.

Each edit names the text that the user changes, once: ``«old»`` in its line, and the new text for it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMMITTED = Path(__file__).resolve().parent.parent / "nextedit_lsp" / "cli" / "demo_data" / "session.json"
SESSION = COMMITTED

# Times are drawn from ranges, with a fixed seed so that the file comes out the same.
SEED = 7
START_MS = 1_764_000_000_000
KEY_MS = (70, 190)
PAUSE_MS = (1_200, 2_600)
SWITCH_MS = (2_000, 3_500)

SCHEMAS = "starlette/schemas.py"
EXTRACTOR = "echo/middleware/extractor.go"
KEY_AUTH = "echo/middleware/key_auth.go"
UTILS = "redux-toolkit/src/entities/utils.ts"
ADAPTER = "redux-toolkit/src/entities/unsorted_state_adapter.ts"
DATE = "hyper/src/common/date.rs"
FILES = (SCHEMAS, UTILS, ADAPTER, EXTRACTOR, KEY_AUTH, DATE)

EDITS = (
    # Python: a local variable gets a better name; another function has a variable of the old name and keeps it.
    (SCHEMAS, "        «endpoints_info»: list[EndpointInfo] = []", "endpoints"),
    (SCHEMAS, "                «endpoints_info».extend(sub_endpoints)", "endpoints"),
    (SCHEMAS, "«endpoints_info».append(EndpointInfo(path, method.lower(), route.endpoint))", "endpoints"),
    (SCHEMAS, "«endpoints_info».append(EndpointInfo(path, method.lower(), func))", "endpoints"),
    (SCHEMAS, "        return «endpoints_info»", "endpoints"),
    # Python: a method is renamed, its uses are above.
    (SCHEMAS, "def «_remove_converter»(self", "_strip_converters"),
    (SCHEMAS, "isinstance(route, Mount):\n                    path = self.«_remove_converter»(", "_strip_converters"),
    (
        SCHEMAS,
        "inspect.ismethod(route.endpoint):\n                path = self.«_remove_converter»(",
        "_strip_converters",
    ),
    (SCHEMAS, "else:\n                path = self.«_remove_converter»(", "_strip_converters"),
    # TypeScript: an exported function is renamed; its uses are in another file.
    (UTILS, "export function «splitAddedUpdatedEntities»<", "partitionEntities"),
    (ADAPTER, "  «splitAddedUpdatedEntities»,\n} from './utils'", "partitionEntities"),
    (ADAPTER, "const [added, updated] = «splitAddedUpdatedEntities»<", "partitionEntities"),
    # Go: room for the results is set aside at once, in one function after the other.
    (EXTRACTOR, "result := make([]string, 0«»)\n\t\tfor i, value := range values", ", extractorLimit"),
    (EXTRACTOR, "result := make([]string, 0«»)\n\t\tparamVales := ", ", extractorLimit"),
    (EXTRACTOR, "result := make([]string, 0«»)\n\t\tfor i, cookie := ", ", extractorLimit"),
    # Go: a function is renamed; its use is in another file.
    (EXTRACTOR, "func «createExtractors»(", "newExtractors"),
    (KEY_AUTH, "extractors, err := «createExtractors»(", "newExtractors"),
    # Rust: a constant gets a shorter name, from the top of the file to its tests.
    (DATE, "pub(crate) const «DATE_VALUE_LENGTH»: usize", "DATE_LEN"),
    (DATE, "bytes: [u8; «DATE_VALUE_LENGTH»],", "DATE_LEN"),
    (DATE, "bytes: [0; «DATE_VALUE_LENGTH»],", "DATE_LEN"),
    (DATE, "debug_assert!(self.pos == «DATE_VALUE_LENGTH»)", "DATE_LEN"),
    (DATE, "assert_eq!(«DATE_VALUE_LENGTH», ", "DATE_LEN"),
)


@dataclass
class Typist:
    """A person at a keyboard, and the log of what they do."""

    texts: dict[str, str]
    log: list[dict[str, Any]] = field(default_factory=list)
    random: random.Random = field(default_factory=lambda: random.Random(SEED))
    now_ms: int = START_MS
    versions: dict[str, int] = field(default_factory=dict)
    current: str = ""

    def open_all(self) -> None:
        """Every file, as the editor holds it at the start."""
        for path, text in self.texts.items():
            self.versions[path] = 1
            self._note("documentEncountered", path, relativePath=path)
            self._note("setContent", path, v=1, content=text)
            self._note("opened", path)

    def edit(self, path: str, place: str, new: str) -> None:
        """Goes to ``place``, selects the old text in it and types ``new``."""
        head, rest = place.split("«")
        old, tail = rest.split("»")
        context = head + old + tail
        if self.texts[path].count(context) != 1:
            raise SystemExit(f"{path}: {context!r} occurs {self.texts[path].count(context)} times; it must be once")
        start = self.texts[path].index(context) + len(head)
        if path != self.current:
            self._wait(SWITCH_MS)
            self._note("focused", path)
            self.current = path
        self._wait(PAUSE_MS)
        self._note("selectionChanged", path, selection=[_units(self.texts[path], start, start + len(old))])
        end = start + len(old)
        for character in new:
            self._wait(KEY_MS)
            self._replace(path, start, end, character)
            start = end = start + 1

    def _replace(self, path: str, start: int, end: int, text: str) -> None:
        before = self.texts[path]
        first, last = _units(before, start, end)
        self.texts[path] = before[:start] + text + before[end:]
        self.versions[path] += 1
        self._note("changed", path, v=self.versions[path], edit=[[first, last, text]])
        cursor = _units(self.texts[path], start + len(text), start + len(text))
        self._note("selectionChanged", path, selection=[cursor])

    def _note(self, kind: str, path: str, **values: Any) -> None:
        self.log.append({"kind": kind, "id": list(self.texts).index(path), "time": self.now_ms, **values})

    def _wait(self, span_ms: tuple[int, int]) -> None:
        self.now_ms += self.random.randint(*span_ms)


def main(argv: list[str]) -> int:
    """Writes the recording."""
    parser = argparse.ArgumentParser(description="Write the recording that nextedit demo replays.")
    parser.add_argument("--sources", type=Path, help="take the source files from this folder (default: the recording)")
    arguments = parser.parse_args(argv)
    typist = Typist(_texts(arguments.sources))
    typist.open_all()
    for path, place, new in EDITS:
        typist.edit(path, place, new)
    entries = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in typist.log)
    SESSION.write_text(f'{{"log": [\n{entries}\n]}}\n', encoding="utf-8")
    sys.stderr.write(f"{SESSION}: {len(EDITS)} edits, {len(typist.log)} entries\n")
    return 0


def _texts(sources: Path | None) -> dict[str, str]:
    """The files at the start of the session."""
    if sources is not None:
        return {path: (sources / path).read_text(encoding="utf-8") for path in FILES}
    log = json.loads(COMMITTED.read_text(encoding="utf-8"))["log"]
    contents = {entry["id"]: entry["content"] for entry in log if entry["kind"] == "setContent"}
    return {entry["relativePath"]: contents[entry["id"]] for entry in log if entry["kind"] == "documentEncountered"}


def _units(text: str, start: int, end: int) -> list[int]:
    """Offsets as VS Code counts them, in UTF-16 code units."""
    return [len(text[:offset].encode("utf-16-le")) // 2 for offset in (start, end)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
