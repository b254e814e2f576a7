import pytest

from nextedit_lsp.evaluation.similarity import delta_chrf, edit_similarity, kept_rate, levenshtein, reversal_ratio


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("same", "same", 0), ("ab", "ba", 2)],
)
def test_levenshtein(left: str, right: str, expected: int) -> None:
    assert levenshtein(left, right) == levenshtein(right, left) == expected


def test_edit_similarity_is_a_share_of_the_longer_text() -> None:
    assert edit_similarity("kitten", "sitting") == 1 - 3 / 7
    assert edit_similarity("", "") == 1.0
    assert edit_similarity("abc", "") == 0.0


@pytest.mark.parametrize(
    ("before", "expected", "suggested", "score"),
    [
        ("a = r", "a = radius", "a = radius", 1.0),
        # White space is collapsed.
        ("a = r", "a = s", "a  =\n  s", 1.0),
        ("a", "b", "a", 0.0),
        # That "a" goes is right, what comes is not.
        ("a", "b", "c", 0.5),
        ("a", "a", "a", 1.0),
        # Order 1: precision 1, recall 1/2; order 2: nothing of "ab".  Means P = 1/2, R = 1/4: 5 P R / (4 P + R).
        ("", "ab", "a", 5 * 0.125 / 2.25),
        # A change in the other direction counts nothing: "b" goes where it should come.
        ("b", "bb", "", 0.0),
    ],
)
def test_delta_chrf(before: str, expected: str, suggested: str, score: float) -> None:
    assert delta_chrf(before, expected, suggested) == pytest.approx(score)


@pytest.mark.parametrize(
    ("before", "suggested", "final", "expected"),
    [
        # Introduced: "foo" and "+", 4 characters; "foo" stays.
        ("x = 1", "x = foo + 1", "x = foo - 1", 0.75),
        ("x = 1", "x = y", "x = y", 1.0),
        ("x = 1", "x = y", "x = 1", 0.0),
        # Only removing introduces nothing.
        ("x = 1 + y", "x = 1", "x = 1", None),
        # What stood there before is not introduced, though it stays.
        ("alpha", "alpha beta", "alpha gamma", 0.0),
    ],
)
def test_kept_rate(before: str, suggested: str, final: str, expected: float | None) -> None:
    assert kept_rate(before, suggested, final) == expected


@pytest.mark.parametrize(
    ("base", "current", "suggested", "expected"),
    [
        ("r = 1", "radius = 1", "r = 1", 1.0),
        # "1" goes, which the user did not bring in, and "2" comes, which never stood there.
        ("r = 1", "radius = 1", "radius = 2", 0.0),
        # Of "two" (the user's) and "three" that go and "zwei" and "drei" that come, only "two" takes back.
        ("one three", "two three", "zwei drei", 3 / (3 + 5 + 4 + 4)),
        ("same", "same", "other", 0.0),
        ("a", "b", "b", 0.0),
        # A line that the user removed is brought in again.
        ("a\nb\n", "a\n", "a\nb\n", 1.0),
    ],
)
def test_reversal_ratio(base: str, current: str, suggested: str, expected: float) -> None:
    assert reversal_ratio(base, current, suggested) == pytest.approx(expected)
