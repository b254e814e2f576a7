"""What is installed and does it work: one line a check, with its remedy.

In: ``--model NAME|FILE``, the environment's ``NEXTEDIT_MODEL`` or the model in use.  Out: lines ok, warn or fail; exit
code 1 when something that is needed is broken.  Not here: the checks (``checks``).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.text import Text as Styled

from nextedit_lsp.cli import checks, model_option
from nextedit_lsp.cli.checks import Finding, Status
from nextedit_lsp.errors import ModelError

STYLES = {Status.OK: ("ok  ", "green"), Status.WARN: ("warn", "yellow"), Status.FAIL: ("FAIL", "bold red")}


def run(parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Checks everything, showing each finding as it comes."""
    model_option.add_argument(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON list instead")
    arguments = parser.parse_args(argv)
    console = Console(highlight=False, quiet=arguments.json)
    findings: list[Finding] = []
    with Console(stderr=True).status("checking …") as status:
        for finding in _all_findings(arguments, status.update):
            findings.append(finding)
            _show(console, finding)
    if arguments.json:
        print(json.dumps([{**asdict(finding), "status": finding.status.value} for finding in findings], indent=2))
    n_failed = sum(finding.status is Status.FAIL for finding in findings)
    n_warned = sum(finding.status is Status.WARN for finding in findings)
    if n_failed:
        console.print(f"\nneeded and broken: {n_failed}", style="bold red")
    else:
        warned = f"; warnings: {n_warned}" if n_warned else ""
        console.print(f"\nall that is needed works{warned}", style="bold green")
    return 1 if n_failed else 0


def _all_findings(arguments: argparse.Namespace, announce: Callable[[str], None]) -> Iterator[Finding]:
    """Every check; one more when the model in use isn't to be had, which breaks nothing else."""
    try:
        model = model_option.target(arguments)
    except ModelError as error:
        yield from checks.all_findings(None, announce)
        yield Finding(Status.FAIL, "model", "the model in use can't be found", str(error))
        return
    yield from checks.all_findings(model, announce)


def _show(console: Console, finding: Finding) -> None:
    word, style = STYLES[finding.status]
    console.print(Styled.assemble((word, style), f"  {finding.what:18} ", (finding.detail, "default")), soft_wrap=True)
    if finding.remedy:
        console.print(Styled(f"      {'':18} → {finding.remedy}", style=style), soft_wrap=True)
