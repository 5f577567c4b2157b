"""Rows as calibration reads them, and what a task says of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from burnish.tasks import Task
from burnish.tasks.predictions import Claim

__all__ = ["Rowed", "claims_of"]


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


def claims_of(task: Task, rows: Rowed, logits: Sequence[Any]) -> list[list[Claim]]:
    """The claims in the answer to each row; ``logits`` are one array per window, by row."""
    given = zip(rows.examples, rows.inputs, rows.encodings, logits, strict=True)
    return [
        task.claims(example, task.decode(asked, encoding, windows))
        for example, asked, encoding, windows in given
    ]
