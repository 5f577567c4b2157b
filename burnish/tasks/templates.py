"""Templates: the special tokens that a tokenizer puts around texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Encoding, Tokenizer

from burnish.errors import InputError

__all__ = ["Around", "Template", "pair_template", "single_template"]


@dataclass(frozen=True, slots=True)
class Around:
    """What every window has, before and behind a stretch of the text that is cut."""

    head: list[int]
    """Token ids before it."""
    tail: list[int]
    """Token ids behind it."""
    head_types: list[int]
    """Segment ids of the head."""
    tail_types: list[int]
    text_type: int
    """Segment id of the text."""

    @property
    def size(self) -> int:
        """Tokens that it takes of every window."""
        return len(self.head) + len(self.tail)


@dataclass(frozen=True, slots=True)
class Template:
    """The special tokens that a tokenizer puts before, between and behind texts."""

    before: tuple[int, ...]
    between: tuple[int, ...]
    behind: tuple[int, ...]
    before_type: int
    between_type: int
    behind_type: int
    text_types: tuple[int, int]

    def around(self, *, first: Sequence[int] = (), second: Sequence[int] = ()) -> Around:
        """What stands around the text that is cut into windows.

        Args:
            first: ids of the text that stands before it, whole; none where there is one text.
            second: ids of the text that stands behind it; one of the two at most.
        """
        begin = [self.before_type] * len(self.before)
        middle = [self.between_type] * len(self.between)
        end = [self.behind_type] * len(self.behind)
        one, two = self.text_types
        if second:
            return Around(
                head=[*self.before],
                tail=[*self.between, *second, *self.behind],
                head_types=begin,
                tail_types=[*middle, *([two] * len(second)), *end],
                text_type=one,
            )
        return Around(
            head=[*self.before, *first, *self.between],
            tail=[*self.behind],
            head_types=[*begin, *([one] * len(first)), *middle],
            tail_types=end,
            text_type=two if first else one,
        )

    def apart(self, *, first: Sequence[int] = (), second: Sequence[int] = ()) -> Around:
        """What stands around the text that is cut where each text has special tokens of its own.

        The segment ids are 0 for the first text and 1 for the second. The template is that of one
        text.

        Args:
            first: as for :meth:`around`.
            second: as for :meth:`around`.
        """
        if second:
            other = [*self.before, *second, *self.behind]
            types = [0] * len(self.behind) + [1] * len(other)
            return Around(
                head=[*self.before],
                tail=[*self.behind, *other],
                head_types=[0] * len(self.before),
                tail_types=types,
                text_type=0,
            )
        other = [*self.before, *first, *self.behind]
        return Around(
            head=[*other, *self.before],
            tail=[*self.behind],
            head_types=[0] * len(other) + [1] * len(self.before),
            tail_types=[1] * len(self.behind),
            text_type=1,
        )


def single_template(tokenizer: Tokenizer) -> Template:
    """What a tokenizer puts around one text.

    Raises:
        InputError: it makes no token of a letter.
    """
    encoded = tokenizer.encode("a")
    if 0 not in encoded.sequence_ids:
        raise InputError("the tokenizer makes no token of the letter 'a'")
    return _template(encoded)


def pair_template(tokenizer: Tokenizer) -> Template:
    """What a tokenizer puts around and between two texts."""
    return _template(tokenizer.encode("a", "a"))


def _template(encoded: Encoding) -> Template:
    """The special tokens of an encoded text, or of two."""
    first = [i for i, sequence in enumerate(encoded.sequence_ids) if sequence == 0]
    second = [i for i, sequence in enumerate(encoded.sequence_ids) if sequence == 1] or first
    between = encoded.ids[first[-1] + 1 : second[0]]
    return Template(
        before=tuple(encoded.ids[: first[0]]),
        between=tuple(between),
        behind=tuple(encoded.ids[second[-1] + 1 :]),
        before_type=encoded.type_ids[0],
        between_type=encoded.type_ids[first[-1] + 1] if between else 0,
        behind_type=encoded.type_ids[-1],
        text_types=(encoded.type_ids[first[0]], encoded.type_ids[second[0]]),
    )
