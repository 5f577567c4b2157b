"""A checkpoint that was found and vetted, before its outputs have the user's names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from burnish.digest import file_sha256
from burnish.errors import BaseModelError
from burnish.tasks import Task
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel

__all__ = ["KINDS", "Found", "Kind", "read_digests", "unnamed"]

Kind = Literal["checkpoint", "setfit", "adapter"]

KINDS: Mapping[Kind, str] = {
    "checkpoint": "a checkpoint of transformers",
    "setfit": "a SetFit model",
    "adapter": "a PEFT adapter",
}
"""What each is called."""


@dataclass(frozen=True)
class Found(ABC):
    """A vetted checkpoint of one kind."""

    kind: ClassVar[Kind]

    source: str
    """As the user named it."""
    base: BaseModel
    """What the model stands on: the checkpoint itself, or an adapter's base."""
    outputs: tuple[str, ...]
    """The names of its outputs, in order; empty where they have none (question answering)."""
    several_labels: bool | None
    """Whether it was trained to give several labels; None: it does not say."""
    window: int
    """The longest input that it was made for, in tokens."""
    files: Mapping[str, str]
    """SHA-256 of every file that was read, by name."""

    @abstractmethod
    def build(self, task: Task) -> BuiltModel:
        """Load the model.

        Args:
            task: names the outputs, in the checkpoint's order.

        Raises:
            BaseModelError: it has no head for the task.
        """

    def has_head(self, built: BuiltModel, task: Task) -> BuiltModel:
        """The built model, if nothing of it started at random.

        Raises:
            BaseModelError: names the tensors that the checkpoint lacks.
        """
        if built.missing:
            raise BaseModelError(
                f"{self.source} has no head for {task.task}: it lacks {', '.join(built.missing)}",
                "adopt takes a model that was tuned for the task; to tune this one: burnish init "
                f"{task.task}, with base_model: {self.source}",
            )
        return built


def read_digests(directory: Path, names: tuple[str, ...]) -> dict[str, str]:
    """SHA-256 of the files of these patterns that a directory has, by their names in it."""
    found = {path for name in names for path in directory.glob(name) if path.is_file()}
    return {path.relative_to(directory).as_posix(): file_sha256(path) for path in sorted(found)}


def unnamed(count: int) -> tuple[str, ...]:
    """Names of outputs that nobody named, as transformers gives them."""
    return tuple(f"LABEL_{index}" for index in range(count))
