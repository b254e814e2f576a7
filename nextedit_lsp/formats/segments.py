"""Prompts put together of text and control tokens.

In: strings and control tokens, in order.  Out: a prompt, neighbouring text joined.
Not here: what they say.

Only what is one token of the family's vocabulary is a control token.  A marker that the family spells in several
tokens is plain text in the run of text around it, for so it was tokenised in training: cut apart, the pieces would
make other tokens.
"""

from __future__ import annotations

from nextedit_lsp.formats.prompt import Prompt, Segment


def control(text: str) -> Segment:
    """A control token."""
    return Segment(text, is_control=True)


def prompt_of(*parts: str | Segment) -> Prompt:
    """The prompt of ``parts``; empty text vanishes, text that touches is one segment."""
    segments: list[Segment] = []
    for part in parts:
        segment = Segment(part) if isinstance(part, str) else part
        if not segment.text:
            continue
        if segments and not segment.is_control and not segments[-1].is_control:
            segments[-1] = Segment(segments[-1].text + segment.text)
        else:
            segments.append(segment)
    return tuple(segments)
