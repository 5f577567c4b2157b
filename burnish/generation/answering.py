"""From a piece of a text to what a model writes for it, in the form that tasks decode."""

from __future__ import annotations

from typing import Protocol, Self, runtime_checkable

import numpy as np

from burnish.arrays import FloatArray
from burnish.generation.search import Generated, Generation, Model
from burnish.generation.settings import GenerationSettings
from burnish.tasks.base import Task
from burnish.tasks.windows import TextEncoder, Window

__all__ = ["Writer", "WritingTask", "within_positions", "writing_task", "written_array"]


@runtime_checkable
class WritingTask(Protocol):
    """What a search asks of a task whose models write (`burnish.tasks.heads.Head.WRITTEN`)."""

    @property
    def generation(self) -> GenerationSettings | None:
        """The model's own tokens; None as long as its base is not known."""

    @property
    def beams(self) -> int:
        """How many beginnings the search keeps."""

    @property
    def target_language(self) -> str | None:
        """The token of the language to write; None where the model needs none."""

    def settled(self, own: GenerationSettings, encoder: TextEncoder) -> Self:
        """A copy with a model's own tokens."""

    def search(self, window: Window) -> GenerationSettings:
        """How the answer to a window is searched for."""

    def most_tokens(self, window: Window) -> int:
        """How many tokens are written for a window at most."""

    def expected_tokens(self, window: Window) -> float:
        """How many tokens are likely to be written for a window."""


def writing_task(task: Task) -> WritingTask:
    """The task, typed as one whose models write; its head must be `Head.WRITTEN`."""
    assert isinstance(task, WritingTask)  # noqa: S101  for the type checker
    return task


class Writer:
    """A model that answers a window from beginning to end, as a session of one graph does.

    Any number of threads may use it at once, if they may use the model.
    """

    def __init__(self, model: Model, task: WritingTask) -> None:
        """Write with a model.

        Args:
            model: its graphs, loaded.
            task: says how an answer is searched for.
        """
        self._model = model
        self._task = task

    def run(self, window: Window) -> FloatArray:
        """What is written for a window.

        Returns:
            as `written_array`.

        Raises:
            InputError: the window is too long for the model.
            ModelFaultError: ONNX Runtime fails, or a number is not finite.
        """
        settings = within_positions(self._task.search(window), self._model.target_positions)
        source = window.input_ids.tolist()
        return written_array(Generation(self._model, source, settings).run())


def within_positions(settings: GenerationSettings, most: int | None) -> GenerationSettings:
    """A search that writes no more than a model can.

    Args:
        settings: what the task asks for.
        most: the tokens that the decoder can write; None where there is no limit.
    """
    if most is None or settings.max_length <= most:
        return settings
    return settings.model_copy(update={"max_length": most})


def written_array(generated: Generated) -> FloatArray:
    """(m, 2): the id of each token, exact in fp32, and the logarithm of its probability."""
    return np.stack(
        [
            np.array(generated.ids, dtype=np.float32),
            np.array(generated.log_probabilities, dtype=np.float32),
        ],
        axis=1,
    )
