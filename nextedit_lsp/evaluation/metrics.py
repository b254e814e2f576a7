"""Protocol 1: one row per round.

In: a Round, the Prediction for it and what it cost.  Out: a Row.
Not here: what is right (``judging``), how like two texts are (``similarity``), what rows sum up to (``estimates``).

Two answers are judged apart: what was *shown* (the suggestions, best first) and the *ranking* (``Prediction.places``,
where the next edit may fall).  Of a silent round the best proposal that was only too unlikely is judged as well, so
that one run tells what other thresholds would have shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from nextedit_lsp.evaluation import judging, kinds, similarity, windows
from nextedit_lsp.evaluation.rounds import PlacedHunk, Round
from nextedit_lsp.locating.place import RankedPlace
from nextedit_lsp.predictor import Prediction
from nextedit_lsp.presenting import present
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.vetting import checks
from nextedit_lsp.vetting.silence import Silence

# A suggestion or place further down the list is looked at by nobody.
MAX_RANK = 10
# Of the proposals that were too unlikely so many are vetted until one passes.
MAX_VETTED = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one suggestion is worth.  ``diff`` shows its lines; the shares are those of ``similarity``."""

    title: str
    source: str
    pattern: str
    reason: str
    form: str
    chance: float
    diff: str
    is_located: bool = False
    is_exact: bool = False
    is_part: bool = False
    is_reversal: bool = False
    similarity: float | None = None
    """Only where a remaining hunk is touched: elsewhere there is nothing to be like."""
    delta_chrf: float = 0.0
    kept: float | None = None
    reversal: float = 0.0
    n_new_errors: int | None = None
    """Errors of the syntax tree after less before; None without a grammar."""

    @property
    def is_right(self) -> bool:
        """Whether accepting it brings the user forward and does nothing else."""
        return self.is_exact or self.is_part


@dataclass(frozen=True, slots=True)
class PlaceVerdict:
    """The first place of a ranking.  ``n_rows``: how many lines it claims."""

    path: str
    row: int
    n_rows: int
    chance: float
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What a round cost: milliseconds in all and in the model, and counts that do not depend on the machine."""

    ms: float = 0.0
    model_ms: float = 0.0
    n_questions: int = 0
    prompt_tokens: int = 0
    evaluated_tokens: int = 0
    written_tokens: int = 0
    passes: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one round.

    ``rank_shown`` and ``rank_places`` are the rank, from 1, of the first suggestion or place that touches a remaining
    hunk; 0 where none of the first ``MAX_RANK`` does.  ``is_repeat``: a remaining hunk repeats a change of a done one.
    ``kinds`` are those of the hunk that was hit, else of the nearest one.
    """

    episode: str
    k: int
    n: int
    language: str
    path: str
    is_complete: bool
    is_repeat: bool
    kinds: tuple[str, ...] = ()
    expected: str = ""
    n_shown: int = 0
    rank_shown: int = 0
    shown: Verdict | None = None
    withheld: Verdict | None = None
    n_places: int = 0
    rank_places: int = 0
    place: PlaceVerdict | None = None
    silence: str = ""
    cost: Cost = field(default_factory=Cost)
    error: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the first suggestion is right."""
        return self.shown is not None and self.shown.is_right

    @property
    def is_wrong(self) -> bool:
        """Whether something was shown that is not right."""
        return self.shown is not None and not self.shown.is_right

    @property
    def best(self) -> Verdict | None:
        """What was shown first, else the best that was only too unlikely."""
        return self.shown or self.withheld

    @property
    def rank(self) -> int:
        """The rank in the ranking where there is one, else in what was shown."""
        return self.rank_places if self.n_places else self.rank_shown

    @property
    def place_chance(self) -> float | None:
        """The chance of the first place; without a ranking that of the best suggestion, shown or not."""
        if self.place is not None:
            return self.place.chance
        return self.best.chance if self.best is not None else None

    @property
    def is_place_right(self) -> bool:
        """Whether the place that ``place_chance`` speaks of touches a remaining hunk."""
        if self.place is not None:
            return self.rank_places == 1
        return self.best is not None and self.best.is_located


def judged(round_: Round, prediction: Prediction, cost: Cost) -> Row:
    """The row of a round."""
    suggestions = prediction.suggestions
    touched = [judging.touched(suggestion, round_) for suggestion in suggestions[:MAX_RANK]]
    places = [judging.touched_by_place(place, round_) for place in prediction.places[:MAX_RANK]]
    return Row(
        **_told(round_, touched[0] if touched else ()),
        n_shown=len(suggestions),
        rank_shown=_rank(touched),
        shown=verdict(suggestions[0], round_) if suggestions else None,
        withheld=None if suggestions else _withheld(prediction, round_),
        n_places=len(prediction.places),
        rank_places=_rank(places),
        place=_place(prediction.places[0]) if prediction.places else None,
        silence=prediction.silence.name if prediction.silence else "",
        cost=cost,
    )


def failed(round_: Round, error: str, cost: Cost) -> Row:
    """The row of a round in which the predictor raised."""
    return Row(**_told(round_, ()), cost=cost, error=error)


def verdict(suggestion: Suggestion, round_: Round) -> Verdict:
    """What a suggestion is worth in a round."""
    is_exact = judging.exactly_made(suggestion, round_) is not None
    is_located = bool(judging.touched(suggestion, round_))
    ahead, behind = windows.ahead(suggestion, round_), windows.behind(suggestion, round_)
    return Verdict(
        title=suggestion.title,
        source=suggestion.source,
        pattern=suggestion.pattern,
        reason=suggestion.reason,
        form=suggestion.form.value,
        chance=round(suggestion.chance, 4),
        diff=_diff(suggestion, round_),
        is_located=is_located,
        is_exact=is_exact,
        is_part=not is_exact and bool(judging.partly_made(suggestion, round_)),
        is_reversal=judging.is_reversal(suggestion, round_),
        similarity=_rounded(similarity.edit_similarity(ahead.suggested, ahead.final)) if ahead and is_located else None,
        delta_chrf=round(similarity.delta_chrf(ahead.current, ahead.final, ahead.suggested), 4) if ahead else 0.0,
        kept=_rounded(similarity.kept_rate(ahead.current, ahead.suggested, ahead.final)) if ahead else None,
        reversal=round(similarity.reversal_ratio(behind.final, behind.current, behind.suggested), 4) if behind else 0.0,
        n_new_errors=_n_new_errors(suggestion, round_),
    )


def from_fields(values: Mapping[str, Any]) -> Row:
    """The row that ``dataclasses.asdict`` made ``values`` of.  Raises TypeError or KeyError for anything else."""
    nested = {"shown": Verdict, "withheld": Verdict, "place": PlaceVerdict, "cost": Cost}
    known = {one.name for one in fields(Row)}
    read = {
        name: nested[name](**value) if name in nested and value is not None else value for name, value in values.items()
    }
    if not read.keys() <= known:
        raise TypeError(f"no field of a row: {', '.join(sorted(read.keys() - known))}")
    return Row(**{**read, "kinds": tuple(read["kinds"])})


def _told(round_: Round, touched: Sequence[PlacedHunk]) -> dict[str, Any]:
    """The fields of a row that the round tells."""
    target = kinds.target(round_, touched)
    return {
        "episode": round_.episode,
        "k": round_.k,
        "n": round_.n,
        "language": round_.language_id,
        "path": round_.snapshot.document.path,
        "is_complete": round_.is_complete,
        "is_repeat": any(kinds.repeats(hunk, round_.done) for hunk in round_.remaining),
        "kinds": kinds.kinds_of(target, round_) if target else (),
        "expected": _shortly(target) if target else "",
    }


def _withheld(prediction: Prediction, round_: Round) -> Verdict | None:
    """The best of what was only too unlikely to be shown."""
    unlikely = [one for one in prediction.withheld if one.reason is Silence.UNLIKELY]
    intentions = round_.snapshot.history.intentions()
    for one in sorted(unlikely, key=lambda one: -one.chance)[:MAX_VETTED]:
        if checks.first_objection(one.proposal, round_.snapshot, intentions) is None:
            return verdict(present.presented(one.proposal, one.chance, round_.snapshot), round_)
    return None


def _place(place: RankedPlace) -> PlaceVerdict:
    n_rows = place.end_row - place.first_row
    return PlaceVerdict(
        place.document.path, place.first_row, n_rows, round(place.chance, 4), place.source, place.reason
    )


def _rank(touched: Iterable[Sequence[PlacedHunk]]) -> int:
    return next((rank for rank, hunks in enumerate(touched, start=1) if hunks), 0)


def _diff(suggestion: Suggestion, round_: Round) -> str:
    text = judging.text_at(round_.snapshot, suggestion.uri)
    lines: list[str] = []
    for hunk in judging.line_hunks(text, suggestion.edit) if text is not None else []:
        lines.append(f"@@ {suggestion.path}:{hunk.start + 1}")
        lines += [f"-{line}" for line in text.lines(hunk.start, hunk.start + hunk.n_old)] if text is not None else []
        lines += [f"+{line}" for line in hunk.new]
    return "\n".join(lines)


def _n_new_errors(suggestion: Suggestion, round_: Round) -> int | None:
    document = round_.snapshot.document_at(suggestion.uri)
    before = document.tree if document else None
    after = document.edited(suggestion.changes, document.version + 1).tree if document else None
    if before is None or after is None:
        return None
    return after.n_errors(*after.span_of_file()) - before.n_errors(*before.span_of_file())


def _shortly(hunk: PlacedHunk) -> str:
    """A hunk in a few words, to tell rounds apart."""
    lines = [f"-{line.strip()}" for line in hunk.old] + [f"+{line.strip()}" for line in hunk.new]
    return f"{hunk.path}:{hunk.start + 1} {' '.join(lines)}"[:160]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
