"""What tasks share that give labels to a whole input: one each, or several."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

from typing_extensions import override

from burnish.tasks.base import TaskSettings
from burnish.tasks.examples import Example
from burnish.tasks.heads import Head
from burnish.tasks.table import find_task

__all__ = ["Labelled", "LabelledExample", "LabelledTask", "gives_labels"]

InputT = TypeVar("InputT")
PredictionT = TypeVar("PredictionT")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledExample(Example, ABC):
    """An input and its labels: exactly one, or any number where labels are several."""

    labels: tuple[str, ...]

    @property
    @override
    def class_names(self) -> tuple[str, ...]:
        return self.labels


ExampleT = TypeVar("ExampleT", bound=LabelledExample)


class LabelledTask(TaskSettings[InputT, ExampleT, PredictionT]):
    """A task whose model gives one number per label, to an input as a whole."""

    head: ClassVar[Head] = Head.SEQUENCE

    if TYPE_CHECKING:
        labels: tuple[str, ...]
        multi_label: bool

    @property
    @override
    def several_labels(self) -> bool:
        return self.multi_label

    def name_example(self, label: str, text: str) -> ExampleT | None:
        """A row whose input is a label's own name; None where no name alone can be an input.

        Args:
            label: of the task.
            text: the name as a person would write it.
        """
        del label, text
        return None


Labelled: TypeAlias = LabelledTask[Any, Any, Any]
"""Any of them, as a type; ``isinstance`` asks for ``LabelledTask``."""


def gives_labels(task: str) -> bool:
    """Whether a task, by its name, is one of them."""
    return issubclass(find_task(task).settings, LabelledTask)
