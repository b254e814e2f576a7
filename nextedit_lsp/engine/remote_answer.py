"""The text of an answer while it streams in: where it stops, its line ends, and where it is back at the draft.

In: a question, and pieces of text cut anywhere.  Out: what is beyond doubt of the answer, and why it ended.
Not here: the network, the form of the server's messages.
"""

from __future__ import annotations

import re

from nextedit_lsp.engine.interface import Partial
from nextedit_lsp.engine.remote_lines import Alignment, lines_of
from nextedit_lsp.formats.prompt import Finish, Question, Segment


class Answer:
    """Grows by ``add`` until ``finish`` says why it ended.

    All stops are applied, also those that the server was told of: they cost nothing.  ``settled`` has what is to be
    judged: once for each change, when its first line behind it is as the draft has it, or at the answer's end.
    """

    def __init__(self, question: Question) -> None:
        self.text = ""
        self.rest = ""
        self.finish: Finish | None = None
        self._stops = tuple(stop for stop in question.stops if stop)
        self.settled: list[Partial] = []
        self._is_settled = False
        self._rejoin_lines = question.rejoin_lines
        self._alignment = Alignment(question.draft) if question.draft else None
        # What may be the beginning of a stop, and where the line begins that is being written.
        self._held = ""
        self._line_start = 0

    def add(self, piece: str) -> None:
        """Take in what the server sent."""
        if self.finish is not None:
            return
        text = self._held + piece
        ends = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        sure = min(ends) if ends else len(text) - self._n_doubtful(text)
        self._held = "" if ends else text[sure:]
        self._write(text[:sure])
        if ends:
            self._finish(Finish.END)

    def end(self, finish: Finish) -> None:
        """No more will come: what was held back as the beginning of a stop is text."""
        if self.finish is None:
            held, self._held = self._held, ""
            self._write(held)
            self._finish(finish)

    def _finish(self, finish: Finish) -> None:
        if self.finish is not None:
            return
        self.finish = finish
        has_tail = self._line_start < len(self.text)
        if not self.is_cut and (has_tail or not self._is_settled):
            self.settled.append(Partial(self.text, self.rest))

    @property
    def is_cut(self) -> bool:
        """Whether the answer broke off."""
        return self.finish in (Finish.LENGTH, Finish.TIME)

    def _n_doubtful(self, text: str) -> int:
        """The length of the longest end of the text that a stop may begin with."""
        longest = min(len(text), max((len(stop) - 1 for stop in self._stops), default=0))
        return next((n for n in range(longest, 0, -1) if any(s.startswith(text[-n:]) for s in self._stops)), 0)

    def _write(self, text: str) -> None:
        for run in lines_of(text):
            self.text += run
            if run.endswith("\n"):
                self._end_line()
                if self.finish is not None:
                    return

    def _end_line(self) -> None:
        line, self._line_start = self.text[self._line_start :], len(self.text)
        if self._alignment is None:
            return
        self._alignment.add(line)
        n_following = self._alignment.n_following
        if n_following and not self._is_settled:
            self.settled.append(Partial(self.text, self._alignment.rest))
        self._is_settled = n_following > 0
        if 0 < self._rejoin_lines <= n_following:
            self.rest = self._alignment.rest
            self._finish(Finish.REJOINED)


def pieces_of(text: str, markers: frozenset[str]) -> tuple[Segment, ...]:
    """The text cut at the markers; a server does not tell a control token from text that reads like one."""
    if not text:
        return ()
    if not markers:
        return (Segment(text),)
    # The longest first, so that a marker which begins like another is found.
    pattern = "|".join(re.escape(marker) for marker in sorted(markers, key=len, reverse=True))
    runs = re.split(f"({pattern})", text)
    return tuple(Segment(run, is_control=idx % 2 == 1) for idx, run in enumerate(runs) if run)
