"""The section of a recipe that says what ``burnish search`` tries."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from burnish.recipe.section import Section

__all__ = ["SearchRange", "SearchSection", "search_directory"]

_SEARCHED = ("base_model", "method", "pooling", "train", "lora", "adapters", "prefix", "setfit")
"""Keys, and sections of keys, that may differ between trials."""
_SAME_FOR_ALL = (
    *("train.metric", "train.seed", "train.seeds", "train.device", "train.threads"),
    *("train.tracker", "train.tracking_dir", "train.checkpoint_minutes"),
)
"""What makes a trial's score, and what does not change it."""
_FORMS = "must be a list of two values or more, or {low: …, high: …}"


class SearchRange(Section):
    """Values to draw from: a list of them, or all numbers from ``low`` to ``high``."""

    low: int | float | None = None
    high: int | float | None = None
    """Numbers are whole if both ends are written so."""
    log: bool = False
    """Whether equal ratios are equally likely, as suits a learning rate."""
    choices: tuple[bool | int | float | str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _a_list_needs_no_key(cls, given: Any) -> Any:
        if isinstance(given, list | tuple):
            return {"choices": given}
        if not isinstance(given, dict | SearchRange):
            raise ValueError(_FORMS)
        return given

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.choices:
            if len(self.choices) < 2 or self.low is not None or self.high is not None:
                raise ValueError(_FORMS)
            return self
        if self.low is None or self.high is None:
            raise ValueError(_FORMS)
        if self.low >= self.high:
            raise ValueError("low must be less than high")
        if self.log and self.low <= 0:
            raise ValueError("with log, low must be above 0")
        return self

    @property
    def ends(self) -> tuple[Any, ...]:
        """The choices; of numbers, the least and the most."""
        return self.choices or (self.low, self.high)


class SearchSection(Section):
    """What is tried, by the recipe's key, such as ``train.learning_rate``."""

    ranges: dict[str, SearchRange] = {}
    trials: int = Field(default=0, ge=0)
    """How many chose this recipe; the search writes it into the best one."""

    @property
    def said(self) -> str:
        """What a reader of a run's scores must know; empty where nothing was searched."""
        if not self.trials:
            return ""
        return (
            f"the settings are the best of {self.trials} trials on the validation rows, whose "
            "score is therefore too good: judge by the test rows, which no trial has seen"
        )

    @field_validator("ranges")
    @classmethod
    def _keys_may_differ(cls, ranges: dict[str, Any]) -> dict[str, Any]:
        for key in ranges:
            if key.partition(".")[0] not in _SEARCHED or key in _SAME_FOR_ALL:
                raise ValueError(
                    f"{key} cannot be searched, because all trials must have the same rows and be "
                    f"judged alike; keys of {', '.join(_SEARCHED)} can"
                )
        return ranges


def search_directory(output: Path) -> Path:
    """Where a search lies if nothing else is said: beside the output of its recipe."""
    return output.with_name(f"{output.name}-search")
