"""How a text is generated: the search's settings, as a bundle keeps them."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from burnish.errors import ConfigError

__all__ = ["MOST_BEAMS", "MOST_TOKENS", "GenerationSettings"]

MOST_BEAMS = 32
"""Each beam costs a row of every multiplication; translation gains nothing beyond about 10."""
MOST_TOKENS = 4096


class GenerationSettings(BaseModel):
    """Settings of greedy search (``beams=1``) and beam search, with the meaning of transformers.

    Lengths count new tokens: the token that starts the decoder is not among them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    start_id: int = Field(ge=0)
    """What the decoder begins with (``decoder_start_token_id``)."""
    end_ids: tuple[int, ...] = Field(min_length=1)
    """Tokens that end a text (``eos_token_id``)."""
    beams: int = Field(default=1, ge=1, le=MOST_BEAMS)
    max_length: int = Field(default=128, ge=1, le=MOST_TOKENS)
    min_length: int = Field(default=0, ge=0)
    length_penalty: float = Field(default=1.0, ge=-10, le=10)
    """The exponent of the length that a sequence's score is divided by."""
    early_stopping: bool | Literal["never"] = False
    no_repeat_ngram_size: int = Field(default=0, ge=0)
    """No n-gram of this size occurs twice; 0 allows them all."""
    repetition_penalty: float = Field(default=1.0, gt=0, le=100)
    forced_start_id: int | None = Field(default=None, ge=0)
    """The first new token (``forced_bos_token_id``), as the language of a multilingual model."""
    forced_end_ids: tuple[int, ...] = ()
    """The last token of a text that reaches ``max_length`` (``forced_eos_token_id``)."""
    bad_words: tuple[tuple[int, ...], ...] = ()
    """Sequences of tokens that are never written (``bad_words_ids``)."""
    suppressed: tuple[int, ...] = ()
    """Tokens that are never written (``suppress_tokens``)."""

    @field_validator("end_ids", "forced_end_ids", mode="before")
    @classmethod
    def _one_needs_no_list(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, int) else value

    @field_validator("early_stopping", mode="before")
    @classmethod
    def _no_number(cls, value: Any) -> Any:
        if value not in (True, False, "never") or isinstance(value, int | float) != isinstance(
            value, bool
        ):
            raise ValueError("must be true, false or never")
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.min_length > self.max_length:
            raise ValueError(
                f"min_length is {self.min_length}, above max_length, which is {self.max_length}"
            )
        if any(not word for word in self.bad_words):
            raise ValueError("bad_words: an empty sequence would forbid everything")
        negative = [each for each in self._ids() if each < 0]
        if negative:
            raise ValueError(f"{negative[0]} cannot be a token's id: they begin at 0")
        return self

    @classmethod
    def checked(cls, **values: Any) -> GenerationSettings:
        """Settings from what a user wrote.

        Raises:
            ConfigError: names the wrong setting and its limits.
        """
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            what = first["msg"].removeprefix("Value error, ")
            given = f", not {first['input']!r}" if where else ""
            raise ConfigError(
                f"{where}: {what}{given}" if where else what,
                f"beams are 1 to {MOST_BEAMS}, lengths 1 to {MOST_TOKENS} tokens",
            ) from None

    def check_vocabulary(self, size: int) -> None:
        """Refuse ids that a model does not have, and too few tokens to choose from.

        Args:
            size: tokens in the model's vocabulary.

        Raises:
            ConfigError: names the id.
        """
        outside = [each for each in self._ids() if each >= size]
        if outside:
            raise ConfigError(
                f"token {outside[0]} is not in the model's vocabulary of {size} tokens",
                "check that the settings belong to this model and its tokenizer",
            )
        if self.beams > 1 and size < 1 + len(self.end_ids):
            raise ConfigError(f"a vocabulary of {size} tokens is too small for a beam search")

    def _ids(self) -> tuple[int, ...]:
        forced = () if self.forced_start_id is None else (self.forced_start_id,)
        words = tuple(each for word in self.bad_words for each in word)
        one = (self.start_id, *self.end_ids, *forced, *self.forced_end_ids)
        return (*one, *words, *self.suppressed)
