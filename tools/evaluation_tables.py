"""The tables of docs/evaluation.md, made of what ``nextedit evaluate --json`` wrote.

In: report files, each with a name.  Out: Markdown on the terminal.
Not here: the words around the tables.

    python tools/evaluation_tables.py "file order=file.json" "flow order=flow.json"
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COLUMNS = {
    "shown": "shown",
    "loc@1": "loc_1",
    "loc@3": "loc_3",
    "loc@1, shown": "loc_1_shown",
    "exact@1": "exact_1",
    "right@1": "right_1",
    "right place, of shown": "precision_loc",
    "whole hunk, of shown": "precision_exact",
    "right edit, of shown": "precision_right",
    "silent when complete": "no_edit",
}
MEASURES = {"points": "points", "similarity": "edit similarity", "delta_chrf": "deltaChrF", "kept": "kept rate"}
MEASURES |= {"reversals": "reversals", "reversal_ratio": "reversal ratio", "new_errors": "new syntax errors"}
SAVINGS = ("gain", "gain_after_first", "gain_mean", "lines", "gain_lenient", "precision", "precision_lenient")


def main(arguments: list[str]) -> None:
    reports: dict[str, Any] = {}
    for argument in arguments:
        name, _, path = argument.partition("=")
        reports[name] = json.loads(Path(path).read_text(encoding="utf-8"))
    first = next(iter(reports.values()))
    rounds, repeats = ({name: one[key] for name, one in reports.items()} for key in ("rounds", "repeats"))
    print_table("All rounds", rounds, with_interval=True)
    print_table("Repeating rounds", repeats)
    print_metrics(reports)
    for title, group in (("kind", "by_kind"), ("language", "by_language"), ("source", "by_source")):
        print_table(f"By {title}", first[group])
    print_operating_points(reports)
    if first["keystrokes"]:
        print_savings({name: report["keystrokes"]["all"] for name, report in reports.items()})
    cost = first["cost"]
    shares = ", ".join(f"{room} {100 * share:.0f} %" for room, share in cost["share_by_room"].items() if share >= 0.01)
    print(f"\nms a round: p50 {cost['p50_ms']:.1f}, p95 {cost['p95_ms']:.1f}, p99 {cost['p99_ms']:.1f}; {shares}")


def print_table(title: str, found: Mapping[str, Mapping[str, Any]], *, with_interval: bool = False) -> None:
    print(f"\n## {title}\n\n| | rounds | {' | '.join(COLUMNS)} |\n|---|--:{'|--:' * len(COLUMNS)}|")
    for name, rates in found.items():
        cells = " | ".join(cell(rates[key], with_interval=with_interval) for key in COLUMNS.values())
        print(f"| {name} | {rates['n_rounds']} | {cells} |")


def print_metrics(reports: Mapping[str, Any]) -> None:
    print(f"\n## Metrics of what was shown\n\n| | {' | '.join(MEASURES.values())} |\n|---{'|--:' * len(MEASURES)}|")
    for name, report in reports.items():
        print(f"| {name} | {' | '.join(cell(report['rounds'][key], with_interval=True) for key in MEASURES)} |")


def print_operating_points(reports: Mapping[str, Any]) -> None:
    print("\n## From a chance of 25 % on\n\n| | place: coverage, precision | edit: coverage, precision | whole hunk |")
    print("|---|--:|--:|--:|")
    for name, report in reports.items():
        points = [report["operating_point"][key] for key in ("location", "right", "exact")]
        cells = (f"{100 * one['coverage']:.1f}, {100 * one['precision']:.1f}" if one else "-" for one in points)
        print(f"| {name} | {' | '.join(cells)} |")


def print_savings(found: Mapping[str, Mapping[str, Any]]) -> None:
    print(f"\n## Keystrokes\n\n| | commits | {' | '.join(SAVINGS)} |\n|---|--:{'|--:' * len(SAVINGS)}|")
    for name, rates in found.items():
        cells = " | ".join(cell(rates[key], with_interval=True) for key in SAVINGS)
        print(f"| {name} | {rates['n_episodes']} | {cells} |")


def cell(estimate: Mapping[str, float | None], *, with_interval: bool = False) -> str:
    if estimate["value"] is None:
        return "-"
    value, low, high = (100 * (estimate[key] or 0.0) for key in ("value", "low", "high"))
    return f"{value:.1f} ({low:.1f} to {high:.1f})" if with_interval else f"{value:.1f}"


if __name__ == "__main__":
    main(sys.argv[1:])
