"""What the callers of a model rely on: the kind of its answers, and its labels."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from burnish.bundle import Manifest
from burnish.errors import BundleError

__all__ = ["Contract", "ContractError", "LabelsChange"]

_SHOWN = 5
"""Labels that a message names."""
_MOST_LABELS = 100_000


class ContractError(BundleError):
    """A valid bundle that has other answers or labels than its callers expect."""


class LabelsChange(BaseModel):
    """The record of an activation of a version with other labels, with the reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    former: str
    """The version before it; empty if that is unknown."""
    reason: str
    time: str
    """ISO 8601, UTC."""


class Contract(BaseModel):
    """The parts of a model's answers that a caller's code depends on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: str
    """The task and the shape of its answers, as ``TaskSettings.answers`` has it."""
    labels: Annotated[tuple[str, ...], Field(max_length=_MOST_LABELS)] = ()
    """Sorted: their order in the model does not count."""

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """The contract of a bundle."""
        task = manifest.task
        return cls(answers=task.answers, labels=tuple(sorted(task.answer_labels)))

    def check_answers(self, other: Contract, *, where: object, name: str) -> None:
        """Refuse a bundle whose answers are of another kind.

        Args:
            other: the bundle's contract.
            where: the bundle, for the message.
            name: the model's name.

        Raises:
            ContractError: its answers are of another kind.
        """
        if self.answers != other.answers:
            raise ContractError(
                f"{where}: it is a model for {other.answers}, and {name} is one for "
                f"{self.answers}: its callers would get another kind of answer, or 404",
                "serve it under a name of its own: burnish export RUN -o MODELS/OTHER/1; to give "
                f"{name} another task, move its other versions and active.json away, and start "
                "the server again",
            )

    def check_labels(self, other: Contract, *, where: object, hint: str) -> None:
        """Refuse a bundle with other labels.

        Raises:
            ContractError: its labels differ; names the first ones.
        """
        if self.labels == other.labels:
            return
        new, old = set(other.labels), set(self.labels)
        parts = [("new", sorted(new - old)), ("no longer there", sorted(old - new))]
        told = "; ".join(f"{what}: {_listed(labels)}" for what, labels in parts if labels)
        raise ContractError(
            f"{where}: its labels differ from those that callers know ({told})", hint
        )


def _listed(labels: list[str]) -> str:
    more = f" and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else ""
    return ", ".join(repr(label) for label in labels[:_SHOWN]) + more
