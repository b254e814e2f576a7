"""Models: which there are, download them, bring your own, choose one.

In: arguments.  Out: tables or JSON, files in the models' folder, the user's choice; exit codes.
Not here: how they are shown (``models_show``), what takes long (``models_fetch``), all that they mean (``models``).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from nextedit_lsp.cli import models_fetch, models_show
from nextedit_lsp.models import choice, registry, store


def run(parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Runs one of the sub-commands; ``list`` without one."""
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    _add_looking(commands)
    _add_getting(commands)
    _add_keeping(commands)
    arguments = parser.parse_args(argv or ["list"])
    console = Console(highlight=False)
    if arguments.command == "list":
        return models_show.show_list(console, as_json=arguments.json)
    if arguments.command == "info":
        return models_show.show_info(console, arguments.name, as_json=arguments.json)
    if arguments.command == "use":
        return _use(console, arguments)
    if arguments.command == "remove":
        return _remove(console, arguments.name)
    return models_fetch.run(console, arguments)


def _add_looking(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    listing = commands.add_parser("list", help="all known models, and which are here (the default)")
    listing.add_argument("--json", action="store_true", help="print a JSON list instead")
    info = commands.add_parser("info", help="all about one model")
    info.add_argument("name", metavar="NAME")
    info.add_argument("--json", action="store_true", help="print a JSON object instead")


def _add_getting(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    pull = commands.add_parser("pull", help="download a model; one that broke off goes on where it was")
    pull.add_argument("name", metavar="NAME")
    pull.add_argument("--quantisation", metavar="Q", help="such as Q4_K_M; `nextedit models info NAME` has those known")
    pull.add_argument("--repository", metavar="OWNER/NAME", help="take it from this repository of the hub")
    pull.add_argument("--file", metavar="FILE", help="take this GGUF file of the repository")
    bring = commands.add_parser("import", help="use a GGUF file of your own; it stays where it is")
    bring.add_argument("file", metavar="FILE", type=Path)
    bring.add_argument("--name", metavar="NAME", help="what to call it (default: made of the file's name)")
    bring.add_argument("--copy", action="store_true", help="copy it to the models' folder")
    for command in (pull, bring):
        command.add_argument("--format", metavar="FORMAT", help="the prompt format, where the file doesn't tell")
        command.add_argument("--use", action="store_true", help="use it from now on")


def _add_keeping(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    use = commands.add_parser("use", help="the model for the server and the commands")
    which = use.add_mutually_exclusive_group(required=True)
    which.add_argument("name", metavar="NAME", nargs="?")
    which.add_argument("--none", action="store_true", help="none: only what can be derived is suggested")
    verify = commands.add_parser("verify", help="compare files with their checksums")
    verify.add_argument("name", metavar="NAME", nargs="?", help="(default: all)")
    remove = commands.add_parser("remove", help="delete a model; a file that you imported stays")
    remove.add_argument("name", metavar="NAME")


def _use(console: Console, arguments: argparse.Namespace) -> int:
    if arguments.none:
        choice.use(None)
        console.print("no model is in use: only what can be derived is suggested")
        return 0
    if choice.is_path(arguments.name):
        words = f"{arguments.name} is a file. To use it: nextedit models import {arguments.name} --use"
        raise choice.UnknownModel(words)
    models_fetch.take_into_use(console, choice.installed(arguments.name))
    return 0


def _remove(console: Console, name: str) -> int:
    stored = store.find(name)
    folder = store.folder_of(name.lower())
    if stored is not None and not folder.is_dir():
        raise choice.UnknownModel(
            f"{name} comes with nextedit and can't be removed. To use none: nextedit models use --none"
        )
    if stored is None and not folder.is_dir():
        # A name that is known but not here needs no download to be told so.
        raise choice.UnknownModel(
            f"the model {name} is not on this machine" if registry.find(name) else choice.unknown(name)
        )
    own_file = stored.path if stored is not None and stored.is_own_file and not stored.problem else None
    store.remove(name.lower())
    console.print(f"removed {name.lower()}" + (f"; your file {own_file} stays" if own_file else ""), soft_wrap=True)
    if choice.in_use() == name.lower():
        choice.use(None)
        console.print("it was in use; now none is. Choose another: nextedit models use NAME")
    return 0
