"""Why nothing is suggested: the one list of reasons, each with words for a person.

In: nothing.  Out: the reasons that the pipeline, the session and the server give.
Not here: errors; silence is a value.
"""

from __future__ import annotations

from enum import Enum


class Silence(Enum):
    """Why a proposal was withheld, or why there was none."""

    NO_HISTORY = "nothing has been edited yet"
    NO_CANDIDATE = "the last edits repeat nowhere"
    NO_EDIT = "the model expects no edit here"
    NO_CHANGE = "it would change nothing"
    REVERTS_USER = "it would take back what was just done"
    UNDONE = "it was just undone"
    REJECTED = "it was turned down before"
    BREAKS_SYNTAX = "it would break syntax that is sound"
    UNVETTED = "there were too many to check"
    TOO_LARGE = "the edit is too large to show"
    NOT_OPEN = "the file is not open, and nothing says that it has to follow"
    UNLIKELY = "it is too unlikely to be wanted"
    UNSETTLED = "the word being typed is not finished"
    CANCELLED = "the request was cancelled"
    STALE = "the document changed meanwhile"
    PAUSED = "suggestions are paused"
    DISABLED = "suggestions are switched off for this language"
    LEFT_ALONE = "this file is left alone"
    ENGINE_FAILED = "the model failed"
