"""The keys of a recipe that only models that write have."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from burnish.recipe.section import Section

__all__ = ["NEW", "NewSection", "TranslationSection"]

NEW = "new"
"""What ``base_model`` calls a base that is made of the rows (training/pipeline/new_base.py)."""


class TranslationSection(Section):
    """What translations alone read: the languages' codes, and how a text is searched for."""

    source_language: str | None = Field(default=None, min_length=1, max_length=32)
    """The token by which the base's tokenizer marks the language of a source; None: it needs none.
    """
    target_language: str | None = Field(default=None, min_length=1, max_length=32)
    """The same for the language to write."""
    beams: int | None = Field(default=None, ge=1, le=32)
    length_penalty: float | None = Field(default=None, ge=-10, le=10)
    no_repeat_ngram_size: int | None = Field(default=None, ge=0, le=100)
    """None: one beam, 1 and 0."""
    longest: int | None = Field(default=None, ge=8, le=4096)
    """The most tokens of a translation; None: what the training rows need."""


class NewSection(Section):
    """The sizes of a model from scratch, which ``base_model: new`` alone reads."""

    vocabulary: int = Field(default=4000, ge=200, le=64_000)
    """Subwords of both languages, learned from the training rows."""
    hidden_size: int = Field(default=256, ge=16, le=2048)
    layers: int = Field(default=3, ge=1, le=24)
    """Of the encoder, and of the decoder."""
    heads: int = Field(default=4, ge=1, le=64)
    dropout: float = Field(default=0.3, ge=0, lt=1)

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.hidden_size % self.heads:
            raise ValueError(
                f"hidden_size {self.hidden_size} cannot be divided into {self.heads} heads"
            )
        return self
