import json

from nextedit_lsp.evaluation import report
from nextedit_lsp.evaluation.evaluating import Subject, outcome
from nextedit_lsp.predictor import PredictorSettings
from tests.evaluation.stand_ins import copies_down, episode
from tools import evaluation_tables

EPISODE = episode("1\n1\n1\n\n", (0, 1, ["two"]), (1, 1, ["two"]), (2, 1, ["two"]))


def test_page_has_a_place_for_every_table() -> None:
    subject = Subject("", PredictorSettings(), "file", (1, 2))
    made = report.report({}, [outcome(EPISODE, subject, copies_down, is_profiled=True)], [])
    tables = evaluation_tables.tables({"file order": json.loads(json.dumps(made))})
    page = evaluation_tables.PAGE.read_text(encoding="utf-8")
    assert all(f"<!-- {name}: begin -->" in page and f"<!-- {name}: end -->" in page for name in tables)
    assert "| right@1 | 100.0 (100.0 to 100.0) |" in tables["rounds"]
    assert "| near | 2 | 100.0 |" in tables["by kind"]
