"""Heads: the forms of output that a model can have. A task says which of them it reads."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Head"]


class Head(StrEnum):
    """What a model gives for a window of n tokens, as the field's libraries name their heads."""

    SEQUENCE = "sequence"
    """One number per label: (labels,)."""
    TOKENS = "tokens"
    """One number per tag and token: (n, tags)."""
    SPAN = "span"
    """Two numbers per token, that an answer starts there and that it ends there: (n, 2)."""
    SCORE = "score"
    """One number: (1,)."""
    MARKS = "marks"
    """One number per token, that it belongs to the answer: (n, 1)."""
    WRITTEN = "written"
    """A text of its own, token by token: (m, 2), the id of each token and the logarithm of its
    probability."""

    @property
    def of_windows(self) -> bool:
        """Whether the model answers for a window as a whole, not for each of its tokens."""
        return self in (Head.SEQUENCE, Head.SCORE)

    @property
    def pipeline(self) -> str:
        """The task of transformers and of the hub that has this head."""
        return _PIPELINES[self]


_PIPELINES = {
    Head.SEQUENCE: "text-classification",
    Head.TOKENS: "token-classification",
    Head.SPAN: "question-answering",
    Head.SCORE: "text-classification",
    Head.MARKS: "token-classification",
    Head.WRITTEN: "text2text-generation",
}
