"""What is known of a proposal among the others."""

from nextedit_lsp.editing import documents
from nextedit_lsp.locating.place import RankedPlace
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.proposing.traits import described
from nextedit_lsp.text.changes import Changes

TEXT = "total = price\nprint(total)\nprint(price)\n"
DOCUMENT = documents.opened("file:///a.py", "a.py", "python", 1, TEXT)


def proposal(old: str, new: str, source: str) -> Proposal:
    start = TEXT.index(old)
    return Proposal(DOCUMENT, Changes.replace(start, start + len(old), new), source, source, "t", "r")


def test_who_says_the_same_and_who_says_otherwise_is_counted():
    same, again, other = described(
        [
            proposal("price", "cost", "repeat"),
            proposal("price", "cost", "sibling"),
            proposal("price", "sum", "rewrite"),
        ],
        (),
    )
    assert (same.features["n_agreeing"], same.features["n_rivals"]) == (1, 1)
    assert (again.features["n_agreeing"], again.features["n_rival_rewrites"]) == (1, 1)
    assert (other.features["n_agreeing"], other.features["n_rivals"]) == (0, 2)


def test_words_are_known_or_not():
    known, unknown = described([proposal("price", "total", "a"), proposal("price", "amount", "b")], ())
    assert known.features["words_unknown"] == 0
    assert unknown.features["words_unknown"] == 1


def test_the_chance_of_the_lines_is_that_of_their_place():
    places = (RankedPlace(DOCUMENT, 1, 2, 0.5, "s", "r"), RankedPlace(DOCUMENT, 0, 1, 0.25, "s", "r"))
    first, second, nowhere = described(
        [proposal("print(total)", "x", "a"), proposal("total", "y", "b"), proposal("print(price)", "z", "c")], places
    )
    assert [one.features["place_chance"] for one in (first, second, nowhere)] == [0.5, 0.25, 0.0]
    assert [one.features["place_is_first"] for one in (first, second, nowhere)] == [1, 0, 0]


def test_without_ranked_places_nothing_is_said_of_them():
    (alone,) = described([proposal("price", "cost", "a")], ())
    assert not any(name.startswith("place_") for name in alone.features)
