"""Rows as calibration reads them, of training or export."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Rowed"]


class Rowed(Protocol):
    """Encoded rows, of training or export."""

    @property
    def examples(self) -> tuple[Any, ...]:
        """The rows."""

    @property
    def inputs(self) -> tuple[Any, ...]:
        """What a user would send."""

    @property
    def encodings(self) -> tuple[Any, ...]:
        """The windows."""
