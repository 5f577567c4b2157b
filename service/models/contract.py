"""What callers of a name rely on: the kind of its answers, and the labels that they know."""

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
    """A whole bundle that callers of a name do not expect there."""


class LabelsChange(BaseModel):
    """That a version with other labels was made active, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    former: str
    """The version before it; empty where that cannot be told."""
    reason: str
    time: str
    """ISO 8601, UTC."""


class Contract(BaseModel):
    """The answers of a model, as far as a caller's code depends on them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: str
    """The task and the shape of its answers, as ``TaskSettings.answers`` has it."""
    labels: Annotated[tuple[str, ...], Field(max_length=_MOST_LABELS)] = ()
    """Sorted: their order in the model does not count."""

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """A bundle's."""
        task = manifest.task
        return cls(answers=task.answers, labels=tuple(sorted(task.answer_labels)))

    def check_answers(self, other: Contract, *, where: object, name: str) -> None:
        """Refuse a bundle whose answers are of another kind.

        Args:
            other: the bundle's.
            where: the bundle, for the message.
            name: under which this contract is served.

        Raises:
            ContractError: they are.
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
            ContractError: it has; names the first ones.
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
