"""The exceptions of the shell; the core raises none of its own.

In: nothing.  Out: the one tree of exceptions, each message naming the remedy.
Not here: "no suggestion", which is a value (``vetting.silence``).

    NexteditError
    ├── DocumentNotOpen       a request names a document that was never opened
    ├── UnknownSuggestion     a command names a suggestion that is not known (any more)
    ├── TransportError        the server cannot be reached or must not listen there
    ├── EditorError           the scripted editor and the server disagree
    ├── EpisodeError          an episode file is not what it should be (``evaluation``)
    ├── ModelError            a model is not known, not here, or not to be had (``models``)
    │   ├── RegistryError     the list of known models is not what it should be
    │   ├── StoreError        what is kept on this machine can't be read or written
    │   └── DownloadError     a model can't be downloaded, or what came is not it
    ├── RecordingError        a recorded session is not what it should be (``cli``)
    ├── BadInput              arguments of a command make no sense (``cli``)
    └── ServerFailed          a command's server did not start or died (``cli``)
"""

from __future__ import annotations


class NexteditError(Exception):
    """Anything that the shell reports to a person or to the client."""


class DocumentNotOpen(NexteditError):  # noqa: N818 - it names a state of the document.
    """A request names a document that was never opened."""

    def __init__(self, uri: str) -> None:
        super().__init__(f"the document {uri} is not open: send textDocument/didOpen first")
        self.uri = uri


class UnknownSuggestion(NexteditError):  # noqa: N818 - it names a state of the suggestion.
    """A command names a suggestion that is not known (any more)."""

    def __init__(self, suggestion_id: str) -> None:
        super().__init__(f"no suggestion {suggestion_id!r} is known: ask again, the document has changed since")


class TransportError(NexteditError):
    """The server cannot be reached or must not listen there."""


class EditorError(NexteditError):
    """The scripted editor and the server disagree."""


class ModelError(NexteditError):
    """A model is not known, not here, or not to be had."""
