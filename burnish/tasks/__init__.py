"""Tasks: one file each. ``encode`` turns an input into windows, ``decode`` logits into an answer.

Training, verification and serving all call them, so that none can differ from another.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from burnish.tasks.base import TaskSettings
from burnish.tasks.classification import ClassificationTask
from burnish.tasks.extraction import ExtractionTask
from burnish.tasks.predictions import Classification, Extraction, Prediction, QAPrediction
from burnish.tasks.qa import QATask, Question
from burnish.tasks.windows import Encoding, TextEncoder, Window

__all__ = [
    "TASKS",
    "AnyTask",
    "Classification",
    "ClassificationTask",
    "Encoding",
    "Extraction",
    "ExtractionTask",
    "Input",
    "Prediction",
    "QAPrediction",
    "QATask",
    "Question",
    "Task",
    "TaskSettings",
    "TextEncoder",
    "Window",
]

Task = ClassificationTask | ExtractionTask | QATask
Input = str | Question
AnyTask = Annotated[Task, Field(discriminator="task")]
"""A task as a field of a pydantic model: told apart by its ``task`` key."""

TASKS: dict[str, type[TaskSettings[Any, Any, Any]]] = {
    "classification": ClassificationTask,
    "extraction": ExtractionTask,
    "qa": QATask,
}
