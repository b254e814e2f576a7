"""The tables of docs/evaluation.md, made of what ``nextedit evaluate --json`` wrote.

In: report files, each with a name; the first one's groups are shown.  Out: Markdown on the terminal, or in the page
between ``<!-- NAME: begin -->`` and ``<!-- NAME: end -->``.
Not here: the words around the tables.

    python tools/evaluation_tables.py --write "file order=file.json" "flow order=flow.json"
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "evaluation.md"

MEASURES = {
    "shown": "shown",
    "loc_1": "loc@1",
    "loc_3": "loc@3",
    "loc_1_shown": "loc@1, shown",
    "loc_3_shown": "loc@3, shown",
    "exact_1": "exact@1",
    "right_1": "right@1",
    "precision_loc": "right place, of shown",
    "precision_exact": "whole hunk, of shown",
    "precision_right": "right edit, of shown",
    "no_edit": "silent when complete",
    "points": "points",
    "similarity": "edit similarity, at a right place",
    "delta_chrf": "deltaChrF",
    "kept": "kept rate",
    "reversals": "reversals",
    "reversal_ratio": "reversal ratio",
    "new_errors": "new syntax errors",
}
COLUMNS = {
    "shown": "shown",
    "loc_1": "loc@1",
    "loc_3": "loc@3",
    "loc_1_shown": "loc@1, shown",
    "exact_1": "exact@1",
    "right_1": "right@1",
    "precision_loc": "P place",
    "precision_exact": "P whole",
    "precision_right": "P right",
    "no_edit": "no-edit",
}
SAVINGS = {
    "gain": "gain",
    "gain_after_first": "gain after first",
    "gain_mean": "gain, mean",
    "lines": "lines",
    "precision": "right, of shown",
    "gain_lenient": "gain, lenient",
    "precision_lenient": "right, of shown, lenient",
}
OPERATING = {"location": "place", "right": "right edit", "exact": "whole hunk"}
# Rooms that take less of the time are left out.
MIN_SHARE = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="+", metavar="NAME=FILE")
    parser.add_argument("--write", action="store_true", help="into docs/evaluation.md")
    arguments = parser.parse_args()
    reports: dict[str, Any] = {}
    for argument in arguments.reports:
        name, _, path = argument.partition("=")
        reports[name] = json.loads(Path(path).read_text(encoding="utf-8"))
    made = tables(reports)
    if not arguments.write:
        print("\n\n".join(f"<!-- {name} -->\n{table}" for name, table in made.items()))
        return
    text = PAGE.read_text(encoding="utf-8")
    for name, table in made.items():
        begin, end = f"<!-- {name}: begin -->\n", f"\n<!-- {name}: end -->"
        head, rest = text.split(begin)
        text = head + begin + table + end + rest.split(end)[1]
    PAGE.write_text(text, encoding="utf-8")


def tables(reports: Mapping[str, Any]) -> dict[str, str]:
    """Every table by the name of its place in the page."""
    first = next(iter(reports.values()))
    made = {
        "rounds": measures(MEASURES, {name: report["rounds"] for name, report in reports.items()}),
        "repeats": groups({name: report["repeats"] for name, report in reports.items()}),
        "operating point": operating_points(reports),
        **{name.replace("_", " "): groups(first[name]) for name in ("by_kind", "by_language", "by_source")},
        "cost": cost(first["cost"]),
    }
    if first["keystrokes"]:
        all_keystrokes = {name: report["keystrokes"]["all"] for name, report in reports.items()}
        made["keystrokes"] = measures(SAVINGS, all_keystrokes)
    return made


def measures(names: Mapping[str, str], found: Mapping[str, Mapping[str, Any]]) -> str:
    """A measure a row, with its interval."""
    rows = ([name, *(with_interval(rates[key]) for rates in found.values())] for key, name in names.items())
    return table(["", *found], rows)


def groups(found: Mapping[str, Mapping[str, Any]]) -> str:
    """A group a row; groups that have no round to find something in are left out."""
    rows = (
        [name, str(rates["n_rounds"]), *(percent(rates[key]["value"]) for key in COLUMNS)]
        for name, rates in found.items()
        if rates["n_rounds"]
    )
    return table(["", "rounds", *COLUMNS.values()], rows)


def operating_points(reports: Mapping[str, Any]) -> str:
    """Coverage and precision of each kind of answer."""
    rows = []
    for name, report in reports.items():
        points = [report["operating_point"][key] for key in OPERATING]
        cells = [f"{percent(one['coverage'])}, {percent(one['precision'])}" if one else "-" for one in points]
        rows.append([name, *cells, percent(report["operating_point"]["no_edit"])])
    return table(["coverage, precision", *OPERATING.values(), "no-edit"], rows)


def cost(found: Mapping[str, Any]) -> str:
    """Where the time goes, in a sentence."""
    times = ", ".join(f"p{percent_} {found[f'p{percent_}_ms']:.1f} ms" for percent_ in (50, 95, 99))
    shares = {room: share for room, share in found["share_by_room"].items() if share >= MIN_SHARE}
    rooms = ", ".join(f"`{room}` {100 * share:.0f} %" for room, share in shares.items())
    return f"A round took {times}; under a profiler the time went to {rooms}."


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---", *["--:"] * (len(headings) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_interval(estimate: Mapping[str, float | None]) -> str:
    if estimate["value"] is None:
        return "-"
    return f"{percent(estimate['value'])} ({percent(estimate['low'])} to {percent(estimate['high'])})"


def percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


if __name__ == "__main__":
    main()
