import json
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from nextedit_lsp.evaluation import page_rounds, plots, report
from nextedit_lsp.evaluation.episodes import parsed
from nextedit_lsp.evaluation.evaluating import Outcome, Subject, outcome
from nextedit_lsp.evaluation.metrics import Row
from nextedit_lsp.evaluation.page import page
from nextedit_lsp.evaluation.plots import Bar, Dot
from nextedit_lsp.predictor import PredictorSettings
from tests.evaluation.stand_ins import copies_down, fields, silent

NASTY = "</script><b onclick=x>&\u2028'\""
EPISODE = parsed(
    json.dumps(fields((NASTY + ".txt", f"{NASTY}\n1\n1\n\n", [(0, 1, ["two"]), (1, 1, ["two"]), (2, 1, ["two"])]))),
    "t:1",
)
HEADER = {"episodes": 1, "order": "file", "model": NASTY}


def run(predict=copies_down, protocols: tuple[int, ...] = (1, 2)) -> Outcome:
    return outcome(EPISODE, Subject("", PredictorSettings(), "file", protocols), predict, is_profiled=True)


class Elements(HTMLParser):
    """The names of the elements of a page, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: set[str] = set()
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and self.scripts:
            self.scripts[-1] += data


def test_text_of_users_stays_text() -> None:
    one = run()
    made = page(report.report(HEADER, [one], run(silent).rows), [EPISODE], one.rows, run(silent).rows, 100)
    elements = Elements(made)
    assert elements.names.count("script") == 2
    assert "b" not in elements.names
    assert not elements.attributes & {"onclick", "href", "src"}
    data = json.loads(elements.scripts[0])
    assert [(found["k"], found["outcome"], found["changed"]) for found in data] == [
        (1, "right", ["right now", "place found now"]),
        (2, "right", ["right now", "place found now"]),
        (3, "rightly silent", []),
    ]
    assert NASTY in data[0]["done"]
    assert data[0]["shown"]["diff"].startswith(f"@@ {NASTY}.txt:2\n-1\n+two")


def test_page_loads_nothing() -> None:
    made = page(report.report(HEADER, [run()], []), [EPISODE], run().rows, [], 100)
    assert "default-src 'none'" in made
    assert "http" not in made.replace("http-equiv", "")


def test_page_without_rounds_of_the_first_protocol() -> None:
    made = page(report.report(HEADER, [run(protocols=(2,))], []), [EPISODE], [], [], 100)
    assert "Keystrokes saved" in made
    assert "Precision and coverage" not in made


def test_changed_rounds_come_first_then_each_outcome_in_turn() -> None:
    def row(k: int, *, is_repeat: bool) -> Row:
        return Row("e", k, 99, "text", "a", is_complete=False, is_repeat=is_repeat)

    rows = [row(k, is_repeat=k % 10 == 0) for k in range(1, 99)]
    shown = page_rounds.chosen(rows, [], 6)
    assert [row.k for row in shown] == sorted(row.k for row in shown)
    assert sum(row.is_repeat for row in shown) == 3
    changed = run().rows[0]
    assert page_rounds.chosen([*rows, changed], [(run(silent).rows[0], changed)], 1) == [changed]


@pytest.mark.parametrize(
    "svg",
    [
        plots.curves(
            {"a<b": [Dot(0.1, 0.9, "<"), Dot(0.3, 0.5, "&")], "none": []}, {"a<b": Dot(0.2, 0.7, '"')}, "x", "y"
        ),
        plots.curves({}, {}, "x", "y"),
        plots.bars({"<kind>": {"a": Bar(0.5, 0.4, 0.6, "&"), "b": Bar(0.0, None, None, "")}}, "name"),
        plots.bars({}, "name"),
        plots.histogram([0.5, 1.0, 3.0, 250.0, 0.0], {"p50": 1.0}, "time", "ms"),
        plots.histogram([], {}, "time", "ms"),
    ],
)
def test_plots_are_well_formed(svg: str) -> None:
    assert ElementTree.fromstring(svg).tag == "svg"


def test_histogram_counts_every_value() -> None:
    svg = ElementTree.fromstring(plots.histogram([0.5, 1.0, 1.1, 300.0], {}, "time", "ms"))
    counts = [title.text.rsplit(": ")[-1] for title in svg.iter("title") if title.text]
    assert sum(map(int, counts)) == 4


def test_report_can_be_written_and_holds_all_groups() -> None:
    made = report.report(HEADER, [run()], run(silent).rows)
    again = json.loads(json.dumps(made))
    assert again["rounds"]["right_1"]["value"] == 1.0
    assert list(again["by_kind"]) == ["repeat", "near"]
    assert again["comparison"]["changed"]["right now"] == [["some/repo@0123456789ab", 1], ["some/repo@0123456789ab", 2]]
    assert again["keystrokes"]["all"]["precision"]["value"] == 1.0
    assert sum(again["cost"]["share_by_room"].values()) == pytest.approx(1.0)
    assert report.report(HEADER, [], [])["keystrokes"] is None
