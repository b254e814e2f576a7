"""The regression gate: what the predictor makes of the project's own episodes, in counts.

The counts are those of the predictor as it is, with some room: a change that costs more than a few rounds is to be
looked at, with ``nextedit evaluate --compare``.  Raise them when the predictor has become better.
"""

from collections import Counter

from nextedit_lsp.evaluation import episodes, evaluating
from nextedit_lsp.evaluation.evaluating import Subject
from nextedit_lsp.predictor import PredictorSettings

MIN_RIGHT = 36
MAX_WRONG = 9
# Of 43 complete commits.
MAX_NOISY = 4
# Percent of the keystrokes of the own episodes that whole hunks save.
MIN_GAIN = 7.0


def test_own_episodes() -> None:
    own = list(episodes.read([episodes.OWN_EPISODES], episodes.Filter()))
    subject = Subject("nextedit_lsp.predictor:predict", PredictorSettings(), "file", (1, 2))
    outcomes = list(evaluating.evaluate(own, subject, jobs=1))
    rows = [row for outcome in outcomes for row in outcome.rows]
    assert not [
        row.error or outcome.error for outcome in outcomes for row in outcome.rows if row.error or outcome.error
    ]
    counts = Counter(
        "noisy" if row.is_complete and row.shown else "right" if row.is_right else "wrong" if row.is_wrong else "silent"
        for row in rows
    )
    assert counts["right"] >= MIN_RIGHT, counts
    assert counts["wrong"] <= MAX_WRONG, counts
    assert counts["noisy"] <= MAX_NOISY, counts
    savings = [outcome.saving for outcome in outcomes if outcome.saving is not None]
    by_hand = sum(one.by_hand for one in savings)
    assert 100 * (by_hand - sum(one.strict.keystrokes for one in savings)) / by_hand >= MIN_GAIN
