"""Tokens to text: the text of tokens, and the character offsets of tagged entities."""

from __future__ import annotations

from collections.abc import Sequence

from burnish.data.records import Record
from burnish.data.tags import Scheme, TagError, tag_spans

__all__ = ["join_tokens", "locate_tokens", "token_entities"]

Offsets = list[tuple[int, int]]


def join_tokens(tokens: Sequence[str]) -> tuple[str, Offsets]:
    """The tokens joined by one space, and each token's start and end in it."""
    offsets, start = [], 0
    for token in tokens:
        offsets.append((start, start + len(token)))
        start += len(token) + 1
    return " ".join(tokens), offsets


def locate_tokens(record: Record, tokens: Sequence[str], text: str) -> Offsets:
    """Each token's start and end in a given text, which holds the tokens in order.

    Raises:
        DataError: the text does not hold a token.
    """
    offsets, cursor = [], 0
    for index, token in enumerate(tokens):
        start = text.find(token, cursor)
        if start < 0 or text[cursor:start].strip():
            raise record.error(
                f"token {index + 1}, {token!r}, does not come next in the text",
                "give the text that the tokens were cut from, or leave the text out: "
                "then the tokens are joined by spaces",
            )
        cursor = start + len(token)
        offsets.append((start, cursor))
    return offsets


def token_entities(
    tags: Sequence[str], scheme: Scheme, *, offsets: Offsets
) -> tuple[list[dict[str, object]], list[TagError]]:
    """Tagged entities in the native form, offsets in characters.

    Returns:
        The entities, read with the tags that were certainly meant, and the errors in those that
        are written.

    Raises:
        TagError: a tag that the scheme does not allow, and it is not certain which one was meant.
    """
    meant, errors = list(tags), []
    while True:
        try:
            spans = tag_spans(meant, scheme)
            break
        except TagError as error:
            if error.certain is None:
                raise
            errors.append(error)
            meant[error.index] = error.certain
    return [
        {"start": offsets[span.start][0], "end": offsets[span.end - 1][1], "label": span.label}
        for span in spans
    ], errors
