"""The pipeline: Snapshot → places → proposals → verdicts → suggestions.

In: a Snapshot; where there is a model, its answers.  Out: suggestions, best first, and why others were withheld;
questions for the model.
Not here: I/O, clocks, threads, running a model; ``session`` decides when this runs.

    predict ──▶ what can be derived, at once
       └──▶ questions ──▶ (the session asks the model) ──▶ written ──▶ what the model expects as well
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nextedit_lsp.editing.history import Intention
from nextedit_lsp.editing.snapshot import Snapshot
from nextedit_lsp.formats.format import Format, Refused, Spot, Task
from nextedit_lsp.formats.prompt import Completion, Finish, Segment
from nextedit_lsp.locating import evidence as evidence_
from nextedit_lsp.locating import places as places_
from nextedit_lsp.locating.place import RankedPlace
from nextedit_lsp.locating.ranking import ranker
from nextedit_lsp.presenting import present
from nextedit_lsp.presenting.suggestion import Suggestion
from nextedit_lsp.proposing import completion, synthesis, traits, writing
from nextedit_lsp.proposing.synthesis import Proposal
from nextedit_lsp.text.changes import Changes, Edit
from nextedit_lsp.vetting import chance as chance_
from nextedit_lsp.vetting import checks
from nextedit_lsp.vetting.silence import Silence

# What is half typed continues one of the last few edits.
MAX_CONTINUED = 4
# Chances are told apart in so many steps: within one, near comes before far.
CHANCE_STEPS = 10
# So much less likely than the likeliest repetition of a change, another one still goes by where it stands.
SAME_CHANCE = 0.2
# The best proposals are vetted, up to so many: vetting takes time.
MAX_VETTED = 64
# A place that is less likely than this is not worth asking the model about, and no more than these are.
MIN_ASKED_CHANCE = 0.1
MAX_ASKED_PLACES = 4


@dataclass(frozen=True, slots=True)
class Withheld:
    """A proposal that was not shown, its chance, and why."""

    proposal: Proposal
    chance: float
    reason: Silence

    @property
    def title(self) -> str:
        """What it was, in a line."""
        return self.proposal.title


@dataclass(frozen=True, slots=True)
class Prediction:
    """What to suggest, best first.  Without suggestions ``silence`` says why.

    ``places`` are where the next edit may fall, the likeliest first, known or not what will be written there; none
    while the user is in the middle of a word.
    """

    suggestions: tuple[Suggestion, ...] = ()
    silence: Silence | None = None
    withheld: tuple[Withheld, ...] = ()
    places: tuple[RankedPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class PredictorSettings:
    """How the pipeline is set.

    ``min_chance`` is the least chance of acceptance worth an interruption: from a quarter on, where a wrong
    suggestion costs a third of what a right one gains.  Until the user has
    paused for ``settle_s`` seconds, only what finishes the edit in progress is suggested.
    """

    min_chance: float = 0.25
    max_suggestions: int = 32
    settle_s: float = 0.4


def predict(
    snapshot: Snapshot,
    settings: PredictorSettings,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Prediction:
    """The next edits for ``snapshot``.  Stops early, with nothing, once ``is_cancelled``."""
    intentions = snapshot.history.intentions()
    if not intentions:
        return Prediction(silence=Silence.NO_HISTORY)
    typing = completion.intention_in_progress(snapshot, intentions)
    unsettled = _is_unsettled(snapshot, typing, settings)
    places = () if unsettled else ranker.ranked(snapshot, intentions)
    ranked = _ranked(snapshot, _proposals(snapshot, intentions, typing, places, is_cancelled, only_here=unsettled))
    if is_cancelled():
        return Prediction(silence=Silence.CANCELLED)
    prediction = replace(_verdict(ranked, snapshot, intentions, settings), places=places)
    if prediction.suggestions:
        return prediction
    silence = Silence.UNSETTLED if unsettled else prediction.silence or Silence.NO_CANDIDATE
    return replace(prediction, silence=silence)


def questions(snapshot: Snapshot, quick: Prediction, form: Format) -> Iterator[Task | Refused]:
    """What to ask the model, the most promising first, when ``quick`` is what was predicted without it."""
    if quick.silence is Silence.NO_HISTORY:
        return
    yield form.task(snapshot, writing.spot_at_cursor(snapshot))
    if quick.silence is not Silence.UNSETTLED:
        for spot, proposal in _spots(snapshot, quick):
            task = form.task(snapshot, spot)
            yield task if proposal is None or isinstance(task, Refused) else writing.drafted(task, proposal)


def _spots(snapshot: Snapshot, quick: Prediction) -> list[tuple[Spot, Proposal | None]]:
    """Where to ask the model beside the cursor, the likeliest first, with what was derived for the spot."""
    unlikely = [one for one in quick.withheld if one.reason is Silence.UNLIKELY]
    # What was derived is a draft for its rows, so it goes before the bare rows.
    wanted: list[tuple[float, Spot | None, Proposal | None]] = [
        (
            max(one.chance, ranker.chance_at(quick.places, one.proposal.document, one.proposal.rows)),
            writing.spot_of(one.proposal, snapshot),
            one.proposal,
        )
        for one in unlikely
    ]
    wanted += [(place.chance, writing.spot_on(place, snapshot), None) for place in quick.places]
    found: list[tuple[Spot, Proposal | None]] = []
    for chance, spot, proposal in sorted(wanted, key=lambda one: -one[0]):
        if chance < MIN_ASKED_CHANCE or len(found) == MAX_ASKED_PLACES:
            break
        if spot is not None and not any(writing.is_within_reach(spot, other) for other, _ in found):
            found.append((spot, proposal))
    return found


def written(
    snapshot: Snapshot,
    quick: Prediction,
    task: Task,
    completions: Sequence[Completion],
    form: Format,
    settings: PredictorSettings,
) -> Prediction:
    """``quick`` with what the model wrote for ``task``; ``completions`` best first.

    While the user is typing only what goes on from the cursor is taken of it.
    """
    intentions = snapshot.history.intentions()
    proposals: list[Proposal] = []
    for rank, one in enumerate(completions):
        reading = form.read(task, one)
        if not isinstance(reading, Refused):
            proposals += writing.proposals(task, reading, one, rank)
    if quick.silence is Silence.UNSETTLED:
        proposals = [proposal for proposal in proposals if writing.goes_on_from_cursor(proposal, snapshot)]
    ranked = _ranked(snapshot, zip(chance_.chances(proposals), proposals, strict=True))
    found = _verdict(ranked, snapshot, intentions, settings)
    known = [(one.uri, one.edit) for one in quick.suggestions]
    added = [one for one in found.suggestions if not any(_meet(one.uri, one.edit, *other) for other in known)]
    shown = (*quick.suggestions, *added)
    silence = None if shown else quick.silence
    if not shown and silence is not Silence.UNSETTLED:
        silence = found.silence or Silence.NO_EDIT
    return Prediction(shown, silence, (*quick.withheld, *found.withheld), quick.places)


def rivals(task: Task, prediction: Prediction) -> list[str]:
    """Answers to be scored against each other: the text as it is, then what was derived for the task's region.

    Nothing where nothing was.
    """
    derived = [one.proposal for one in prediction.withheld if one.reason is Silence.UNLIKELY]
    answers = [writing.answer_of(task, one.document.uri, one.changes) for one in derived]
    answers += [writing.answer_of(task, one.uri, one.changes) for one in prediction.suggestions]
    found = dict.fromkeys(answer for answer in answers if answer is not None)
    return [task.question.draft, *found] if found else []


def rescored(
    snapshot: Snapshot,
    prediction: Prediction,
    task: Task,
    scores: Mapping[str, float],
    settings: PredictorSettings,
) -> Prediction:
    """``prediction`` with the model's opinion of what was derived; ``scores`` are log-probabilities by answer."""
    kept = scores[task.question.draft]

    def adjusted(probability: float, uri: str, changes: Changes) -> float:
        score = scores.get(writing.answer_of(task, uri, changes) or "")
        return probability if score is None else chance_.with_opinion(probability, score - kept)

    shown = [replace(one, chance=adjusted(one.chance, one.uri, one.changes)) for one in prediction.suggestions]
    ranked = [
        (adjusted(one.chance, one.proposal.document.uri, one.proposal.changes), one.proposal)
        for one in prediction.withheld
        if one.reason is Silence.UNLIKELY
    ]
    promoted = _verdict(_ranked(snapshot, ranked), snapshot, snapshot.history.intentions(), settings)
    others = tuple(one for one in prediction.withheld if one.reason is not Silence.UNLIKELY)
    best = sorted([*shown, *promoted.suggestions], key=lambda one: -one.chance)
    silence = None if best else prediction.silence
    return Prediction(tuple(best), silence, (*others, *promoted.withheld), prediction.places)


def is_sound(task: Task, text: str, rest: str, form: Format) -> bool:
    """Whether the answer ``text``, going on with ``rest``, leaves sound syntax sound."""
    reading = form.read(task, Completion((Segment(text),), Finish.END, rest))
    if isinstance(reading, Refused) or not reading.changes:
        return True
    proposal = Proposal(task.spot.document, reading.changes, writing.SOURCE, writing.SOURCE, "", "")
    return not checks.break_syntax([proposal])


def _is_unsettled(snapshot: Snapshot, typing: Intention | None, settings: PredictorSettings) -> bool:
    """Whether the user is in the middle of a word."""
    return typing is not None and not snapshot.explicit and snapshot.now - typing.ended_at < settings.settle_s


def _verdict(
    ranked: list[tuple[float, Proposal]],
    snapshot: Snapshot,
    intentions: list[Intention],
    settings: PredictorSettings,
) -> Prediction:
    """What of ``ranked`` is shown; the silence is why the best was not, None without any."""
    verdicts = list(_vetted(ranked, snapshot, intentions, settings))
    shown = tuple(
        present.presented(proposal, probability, snapshot)
        for probability, proposal, objection in verdicts
        if objection is None
    )
    withheld = tuple(
        Withheld(proposal, probability, objection)
        for probability, proposal, objection in verdicts
        if objection is not None
    )
    return Prediction(shown, withheld[0].reason if withheld and not shown else None, withheld)


def _proposals(
    snapshot: Snapshot,
    intentions: list[Intention],
    typing: Intention | None,
    places: Sequence[RankedPlace],
    is_cancelled: Callable[[], bool],
    *,
    only_here: bool,
) -> Iterator[tuple[float, Proposal]]:
    """Every proposal with its chance: what finishes the edit in progress, then what repeats elsewhere.

    With ``only_here`` the former alone: whoever is in the middle of a word has no eyes for another place.
    """
    cursor_row = snapshot.document.text.line_at(snapshot.cursor)
    finishing: set[str] = set()
    if typing is not None:
        base = completion.base_snapshot(snapshot, typing)
        begun = traits.described(candidates(base, base.history.intentions()[:MAX_CONTINUED], is_cancelled), ())
        for probability, proposal in zip(chance_.chances(begun), begun, strict=True):
            finished = completion.completed(proposal, snapshot, typing)
            if finished is not None:
                finishing.add(proposal.pattern)
                yield completion.raised(probability), finished
    if only_here:
        return
    repeated = traits.described(synthesis.united(candidates(snapshot, intentions, is_cancelled)), places)
    for probability, proposal in zip(chance_.chances(repeated), repeated, strict=True):
        if typing is not None and completion.is_disturbed(proposal, snapshot, typing):
            continue
        # What the edit in progress will do is not to be done beside it as well.
        if proposal.pattern not in finishing or abs(proposal.rows[0] - cursor_row) > 1:
            yield probability, proposal


def candidates(
    snapshot: Snapshot, intentions: list[Intention], is_cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Proposal]:
    """Every proposal that repeats what ``intentions`` did, one a place, in no order and not yet vetted."""
    evidence = evidence_.gathered(snapshot, intentions)
    for place in places_.places(evidence, is_cancelled):
        proposal = synthesis.synthesised(place)
        if proposal is not None:
            yield proposal


def _ranked(snapshot: Snapshot, proposals: Iterable[tuple[float, Proposal]]) -> list[tuple[float, Proposal]]:
    """Likely before unlikely, this document before others, near before far; one proposal a place.

    Who repeats a change goes from place to place: those that are about as likely as the likeliest stand in a row.
    """
    cursor_line = snapshot.document.text.line_at(snapshot.cursor)
    found = list(proposals)
    likeliest: dict[tuple[str, str], float] = {}
    for probability, proposal in found:
        change = (proposal.document.uri, proposal.pattern)
        likeliest[change] = max(probability, likeliest.get(change, 0.0))

    def order(item: tuple[float, Proposal]) -> tuple[int, bool, float]:
        probability, proposal = item
        best = likeliest[proposal.document.uri, proposal.pattern]
        probability = best if probability >= best - SAME_CHANCE else probability
        is_elsewhere = proposal.document.uri != snapshot.document.uri
        n_rows = proposal.rows[0] - (0 if is_elsewhere else cursor_line)
        # People go down more than up: a line above counts as one and a half below.
        distance = n_rows if n_rows >= 0 else -1.5 * n_rows
        return -round(CHANCE_STEPS * probability), is_elsewhere, distance

    taken: dict[str, list[Proposal]] = {}
    kept: list[tuple[float, Proposal]] = []
    for probability, proposal in sorted(found, key=order):
        if len(kept) >= MAX_VETTED:
            break
        others = taken.setdefault(proposal.document.uri, [])
        if not any(_collide(proposal, other) for other in others):
            others.append(proposal)
            kept.append((probability, proposal))
    return kept


def _collide(left: Proposal, right: Proposal) -> bool:
    return left.changes.start <= right.changes.end and right.changes.start <= left.changes.end


def _meet(uri: str, edit: Edit, other_uri: str, other: Edit) -> bool:
    return uri == other_uri and edit.start <= other.end and other.start <= edit.end


def _vetted(
    ranked: list[tuple[float, Proposal]],
    snapshot: Snapshot,
    intentions: list[Intention],
    settings: PredictorSettings,
) -> Iterator[tuple[float, Proposal, Silence | None]]:
    """The best proposals, each with the objection to it, if any."""
    passed: list[tuple[float, Proposal]] = []
    for probability, proposal in ranked:
        if len(passed) >= settings.max_suggestions:
            break
        is_likely = probability >= settings.min_chance
        objection = checks.first_cheap_objection(proposal, snapshot, intentions) if is_likely else Silence.UNLIKELY
        if objection is None:
            passed.append((probability, proposal))
        else:
            yield probability, proposal, objection
    objections = checks.syntax_objections([proposal for _, proposal in passed])
    for (probability, proposal), objection in zip(passed, objections, strict=True):
        yield probability, proposal, objection
