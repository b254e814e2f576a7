"""All formats by name, and which of them a model file is for.

In: what a model file says of itself.  Out: formats.
Not here: the formats; asking the user where a file says too little.
"""

from __future__ import annotations

from nextedit_lsp.formats import chat, fim, instinct, native, sweep, zeta1, zeta2, zeta21
from nextedit_lsp.formats.format import Format, Traits

# Told by the model's own name, or by a vocabulary that nobody else has.
_SURE = (native.FORMAT, zeta1.FORMAT, zeta2.FORMAT, zeta21.FORMAT, sweep.FORMAT, instinct.FORMAT)
# Told by tokens that a model has for one use and may have for others too.
_LIKELY = (*fim.FORMATS, *chat.FORMATS)

FORMATS: dict[str, Format] = {one.name: one for one in (*_SURE, zeta21.LINES_FORMAT, sweep.ZED_FORMAT, *_LIKELY)}


def recognised(traits: Traits) -> list[Format]:
    """The formats that a model may be for, the likeliest first: one if that is sure, none if nobody knows.

    A model made to chat that was trained to fill in the middle as well can do both.
    """
    sure = [one for one in _SURE if one.fits(traits)]
    if sure:
        return sure
    likely = [one for one in _LIKELY if one.fits(traits)]
    # A base model's file has a chat template too, as often as not; one that is told to be for instructions means it.
    is_for_chat = any(word in traits.label for word in ("instruct", "chat", "-it-"))
    return sorted(likely, key=lambda one: (one in chat.FORMATS) != is_for_chat)
