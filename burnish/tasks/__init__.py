"""Tasks: a folder each. ``encode`` turns an input into windows, ``decode`` logits into an answer.

Training, verification and serving all call them, so that none can differ from another. A task is
its own folder and a line in each table: here the types, in ``table.py`` the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from burnish.tasks.base import Task, TaskSettings
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.classification.prediction import Classification
from burnish.tasks.classification.settings import ClassificationTask
from burnish.tasks.examples import Example
from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.extraction.prediction import Extraction
from burnish.tasks.extraction.settings import ExtractionTask
from burnish.tasks.pairs.example import PairExample, TextPair
from burnish.tasks.pairs.settings import PairsTask
from burnish.tasks.predictions import Prediction
from burnish.tasks.qa.example import QAExample, Question
from burnish.tasks.qa.prediction import QAPrediction
from burnish.tasks.qa.settings import QATask
from burnish.tasks.regression.example import ScoreExample
from burnish.tasks.regression.prediction import Score
from burnish.tasks.regression.settings import RegressionTask
from burnish.tasks.summary.example import SummaryExample
from burnish.tasks.summary.prediction import Summary
from burnish.tasks.summary.settings import SummaryTask
from burnish.tasks.taxonomy.prediction import Branches
from burnish.tasks.taxonomy.settings import TaxonomyTask
from burnish.tasks.translation.prediction import Translation
from burnish.tasks.translation.settings import TranslationTask
from burnish.tasks.windows import Encoding, TextEncoder, Window
from burnish.tasks.written.example import WrittenExample

__all__ = [
    "AnyTask",
    "Branches",
    "Classification",
    "ClassificationExample",
    "ClassificationTask",
    "Encoding",
    "Example",
    "Extraction",
    "ExtractionExample",
    "ExtractionTask",
    "Input",
    "PairExample",
    "PairsTask",
    "Prediction",
    "QAExample",
    "QAPrediction",
    "QATask",
    "Question",
    "RegressionTask",
    "Score",
    "ScoreExample",
    "Summary",
    "SummaryExample",
    "SummaryTask",
    "Task",
    "TaskSettings",
    "TaxonomyTask",
    "TextEncoder",
    "TextPair",
    "Translation",
    "TranslationTask",
    "Window",
    "WrittenExample",
]


if TYPE_CHECKING:
    AnyTask = Task
else:
    AnyTask = Annotated[
        ClassificationTask
        | ExtractionTask
        | QATask
        | PairsTask
        | RegressionTask
        | TaxonomyTask
        | SummaryTask
        | TranslationTask,
        Field(discriminator="task"),
    ]
    """A task as a field of a pydantic model: told apart by its ``task`` key."""

Input = str | Question | TextPair
"""What a user sends: a text, or what a task's own type holds."""
