"""Models as a person or a program reads them.

In: the registry, the models on this machine, the one in use, this machine's memory.  Out: a table, a page, JSON.
Not here: changing anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from nextedit_lsp.models import choice, machine, registry, store
from nextedit_lsp.models.machine import Fit

FIT_STYLES = {Fit.FITS: "green", Fit.TIGHT: "yellow", Fit.TOO_BIG: "red", Fit.UNKNOWN: "dim"}


@dataclass(frozen=True, slots=True)
class Row:
    """A model that is known, on this machine, or both."""

    name: str
    known: registry.KnownModel | None
    stored: store.Stored | None
    is_in_use: bool
    fit: Fit

    @property
    def bytes(self) -> int:
        """The file's size, as it is or as the registry has it."""
        if self.stored is not None and not self.stored.problem:
            return self.stored.bytes
        return self.known.file.bytes if self.known is not None else 0

    @property
    def format(self) -> str:
        """The format's name; a question mark where nobody knows it."""
        named = self.stored.format if self.stored is not None else None
        return named or (self.known.format if self.known is not None else "?")

    @property
    def needed(self) -> int:
        """The memory that it needs: as the registry has it, else guessed from the file's size."""
        return _needed(self.known, self.stored)


def rows() -> list[Row]:
    """Every model, the known ones first."""
    memory = machine.memory_bytes()
    in_use = choice.in_use()
    stored = {model.name: model for model in store.all_models()}
    known = {model.name: model for model in registry.known()}
    embedded = (store.find(model.name) for model in known.values() if model.is_embedded)
    stored |= {model.name: model for model in embedded if model is not None}
    return [
        Row(
            name,
            known.get(name),
            stored.get(name),
            name == in_use,
            machine.fit(_needed(known.get(name), stored.get(name)), memory),
        )
        for name in dict.fromkeys((*known, *stored))
    ]


def show_list(console: Console, *, as_json: bool) -> int:
    """All models."""
    every = rows()
    if as_json:
        print(json.dumps([as_values(row) for row in every], indent=2))
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("", "name", "size", "memory", "format", "licence", "this machine"):
        table.add_column(title, justify="right" if title in ("size", "memory") else "left", no_wrap=title != "licence")
    for row in every:
        table.add_row(*_cells(row))
    console.print(table)
    _show_legend(console, every)
    return 0


def show_info(console: Console, name: str, *, as_json: bool) -> int:
    """One model."""
    row = next((row for row in rows() if row.name == name.lower()), None)
    if row is None:
        raise choice.UnknownModel(choice.unknown(name))
    if as_json:
        print(json.dumps(as_values(row), indent=2))
        return 0
    for title, words in _page(row):
        console.print(Styled.assemble((f"{title:14}", "bold"), words), soft_wrap=True)
    return 0


def as_values(row: Row) -> dict[str, Any]:
    """A model for a program."""
    known, stored = row.known, row.stored
    values: dict[str, Any] = {
        "name": row.name,
        "format": None if row.format == "?" else row.format,
        "bytes": row.bytes,
        "memory": row.needed,
        "this_machine": row.fit.value,
        "here": stored is not None,
        "in_use": row.is_in_use,
    }
    if known is not None:
        values |= {
            "title": known.title,
            "repository": known.repository or None,
            "confirmed": known.confirmed,
            "licence": known.licence,
            "licence_note": known.licence_note,
            "base": known.base,
            "context": known.context,
            "suits": known.suits,
            "files": [
                {"name": file.name, "quantisation": file.quantisation, "bytes": file.bytes} for file in known.files
            ],
        }
    if stored is not None:
        values |= {
            "path": str(stored.path),
            "sha256": stored.sha256 or None,
            "source": stored.source or None,
            "problem": stored.problem or None,
        }
    return values


def in_words(n_bytes: int) -> str:
    """A size as people say it, in the units of download pages."""
    if n_bytes >= 1e9:
        return f"{n_bytes / 1e9:.1f} GB"
    return f"{n_bytes / 1e6:.0f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:.0f} kB"


def _needed(known: registry.KnownModel | None, stored: store.Stored | None) -> int:
    if known is None:
        # The cache and the room to work in, for a context of some thousand tokens.
        return int(stored.bytes * 1.2) + 500_000_000 if stored is not None else 0
    if stored is None or stored.problem:
        return known.file.memory
    return stored.bytes + known.file.memory - known.file.bytes


def _cells(row: Row) -> tuple[Styled | str, ...]:
    mark = Styled("▶", style="bold green") if row.is_in_use else Styled("✔" if row.stored else " ", style="green")
    name = row.name + (" ?" if row.known and not row.known.confirmed else "")
    # What a file on this machine weighs is known; else it is about as much.
    size = ("" if row.stored and not row.stored.problem else "~") + in_words(row.bytes)
    licence = row.known.licence if row.known else "?"
    return mark, name, size, "~" + in_words(row.needed), row.format, licence, _state(row)


def _state(row: Row) -> Styled:
    if row.stored is not None and row.stored.problem:
        return Styled("broken: see info", style="red")
    here = "in use, " if row.is_in_use else "here, " if row.stored else ""
    return Styled(here + row.fit.value, style=FIT_STYLES[row.fit])


def _show_legend(console: Console, every: list[Row]) -> None:
    memory = machine.memory_bytes()
    has = f"this machine has {in_words(memory)} of memory" if memory else "this machine's memory is not known"
    lines = [f"✔ here   ▶ in use   ~ about   {has}"]
    lines.append("fits, tight, too big: its memory; for which machine it is fast enough, says info")
    if any(row.known and not row.known.confirmed for row in every):
        lines.append("?  the name of its file on the hub could not be confirmed: pull may ask you for it")
    lines.append("next: nextedit models info NAME | pull NAME | use NAME | import FILE")
    console.print()
    for line in lines:
        console.print(Styled(line, style="dim"), soft_wrap=True)


def _page(row: Row) -> list[tuple[str, str]]:
    known, stored = row.known, row.stored
    page = [("name", row.name)]
    if known is not None:
        page += [("", known.title), ("base model", known.base), ("format", row.format)]
        page += [("licence", f"{known.licence}. {known.licence_note}".rstrip(". ") + ".")]
        page += [("from", _address(known))]
        page += [
            ("file", f"{file.name}  {file.quantisation}, ~{in_words(file.bytes)}, needs ~{in_words(file.memory)}")
            for file in known.files
        ]
        if not known.confirmed:
            page += [("not confirmed", "these names could not be checked; put them right with --repository and --file")]
        page += [("context", f"{known.context:,} tokens"), ("suits", known.suits)]
    else:
        page += [("format", row.format)]
    page += [("this machine", f"{row.fit.value}: it needs ~{in_words(row.needed)}, {_machine()}")]
    if stored is None:
        return [*page, ("here", f"no: nextedit models pull {row.name}")]
    page += [("here", f"{stored.path} ({in_words(stored.bytes)})"), ("in use", "yes" if row.is_in_use else "no")]
    page += [
        ("checksum", f"SHA-256 {stored.sha256}" if stored.sha256 else f"none yet: nextedit models verify {row.name}")
    ]
    if stored.source:
        page += [("downloaded", stored.source)]
    if stored.problem:
        page += [("problem", stored.problem)]
    return page


def _address(known: registry.KnownModel) -> str:
    return "it comes with nextedit" if known.is_embedded else f"https://huggingface.co/{known.repository}"


def _machine() -> str:
    memory = machine.memory_bytes()
    return f"there are {in_words(memory)}" if memory else "how much there is, is not known"
