"""What the two threads of the worker share, and how it hears objections."""

import queue
from typing import Any

from nextedit_lsp.engine.interface import Partial
from nextedit_lsp.engine.worker import NO_MORE, Desk, Overseer, Worker


class Watched:
    """A desk that counts how often what runs was stopped."""

    def __init__(self) -> None:
        self.n_stops = 0
        self.is_stopped = False
        self.desk = Desk(stop=self._stop, go_on=self._go_on)

    def _stop(self) -> None:
        self.n_stops, self.is_stopped = self.n_stops + 1, True

    def _go_on(self) -> None:
        self.is_stopped = False

    def take(self, **message: Any) -> None:
        self.desk.take(message)

    def begin(self) -> bool:
        return self.desk.begin(self.desk.pending.get_nowait())


def test_a_request_cancelled_amid_its_work_is_stopped_and_the_next_one_not():
    watched = Watched()
    watched.take(id=1, call="ask")
    watched.take(id=2, call="ask")
    assert watched.begin()
    watched.take(cancel=1)
    assert watched.is_stopped
    watched.desk.end()
    assert watched.begin()
    assert not watched.is_stopped


def test_a_cancellation_of_a_request_in_the_queue_is_not_lost_when_another_ends():
    watched = Watched()
    watched.take(id=1, call="ask")
    watched.take(id=2, call="ask")
    watched.take(id=3, call="ask")
    assert watched.begin()
    watched.take(cancel=2)
    assert watched.n_stops == 0
    watched.desk.end()
    assert not watched.begin()
    assert watched.begin()


def test_a_cancellation_that_comes_too_late_is_forgotten():
    watched = Watched()
    watched.take(id=1, call="ask")
    assert watched.begin()
    watched.desk.end()
    watched.take(cancel=1)
    watched.take(cancel=77)
    assert watched.n_stops == 0
    assert not watched.desk.cancelled
    assert not watched.desk.waiting


def test_reading_ahead_gives_way_to_a_question_and_not_to_reading_ahead():
    watched = Watched()
    watched.take(id=1, call="warm")
    assert watched.begin()
    watched.take(id=2, call="warm")
    watched.take(id=3, call="measure")
    assert watched.n_stops == 0
    watched.take(id=4, call="ask")
    assert watched.is_stopped


def test_reading_ahead_that_has_not_begun_gives_way_to_a_question_behind_it():
    watched = Watched()
    watched.take(id=1, call="warm")
    watched.take(id=2, call="score")
    watched.take(id=3, call="warm")
    assert not watched.begin()
    assert watched.begin()
    watched.desk.end()
    assert watched.begin()


def test_a_question_does_not_stop_a_question():
    watched = Watched()
    watched.take(id=1, call="ask")
    assert watched.begin()
    watched.take(id=2, call="ask")
    assert watched.n_stops == 0


def new_overseer() -> tuple[Overseer, Desk, list[dict[str, Any]]]:
    sent: list[dict[str, Any]] = []
    desk = Desk()
    return Overseer(Worker(sent.append, desk), 5), desk, sent


def test_objections_are_heard_once_and_those_of_other_requests_never():
    overseer, desk, sent = new_overseer()
    for n_tokens in (3, 7, 9):
        overseer.on_settled(n_tokens, Partial("a", "b"))
    assert sent[0] == {"id": 5, "n_tokens": 3, "partial": {"text": "a", "rest": "b"}}
    desk.take({"verdict": 4, "n_tokens": 3, "is_fine": False})
    desk.take({"verdict": 5, "n_tokens": 3, "is_fine": True})
    desk.take({"verdict": 5, "n_tokens": 7, "is_fine": False})
    assert overseer.objections(0.0) == [7]
    desk.take({"verdict": 5, "n_tokens": 7, "is_fine": False})
    assert overseer.objections(0.0) == []


def test_what_was_taken_back_is_not_judged_any_more():
    overseer, desk, _ = new_overseer()
    overseer.on_settled(3, Partial("a"))
    overseer.forget()
    desk.take({"verdict": 5, "n_tokens": 3, "is_fine": False})
    assert overseer.objections(60.0) == []


def test_with_nothing_open_nobody_is_waited_for():
    overseer, desk, _ = new_overseer()
    desk.verdicts = NoQueue()  # type: ignore[assignment]
    assert overseer.objections(60.0) == []


class NoQueue(queue.SimpleQueue[Any]):
    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        raise AssertionError("waits")


def test_cancelling_ends_the_wait_for_objections():
    overseer, desk, _ = new_overseer()
    overseer.on_settled(3, Partial("a"))
    desk.running = {"id": 5, "call": "ask"}
    desk.take({"cancel": 5})
    assert desk.verdicts.qsize() == 1
    assert overseer.objections(3600.0) == []
    assert NO_MORE < 0
