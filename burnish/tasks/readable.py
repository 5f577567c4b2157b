"""Checks of an input before a model reads it: text that cannot be tokenized, or shows no word."""

from __future__ import annotations

from burnish.errors import InputError
from burnish.tasks.windows import Encoding

__all__ = ["require_tokens", "validate_text"]


def validate_text(text: str, *, what: str = "text") -> None:
    """Refuse what cannot be tokenized.

    Raises:
        InputError: nothing but white space, or lone surrogates.
    """
    if not text.strip():
        raise InputError(f"the {what} is empty", f"send a {what} with at least one character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"the {what} holds a lone surrogate at character {error.start}",
            "send valid Unicode text",
        ) from None


def require_tokens(encoding: Encoding, *, what: str = "text") -> None:
    """Refuse what the tokenizer drops to nothing: a model would answer an empty window.

    Raises:
        InputError: not one token, as of control and zero-width characters alone.
    """
    if not encoding.tokens:
        raise InputError(
            f"the model sees no word in this {what}", f"send a {what} with visible characters"
        )
