"""What every section of a recipe is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Section"]


class Section(BaseModel):
    """Keys and values; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
