"""Translations: a text in another language, written by an encoder-decoder."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from burnish.tasks.translation.prediction import Translation
from burnish.tasks.written.prediction import Writing
from burnish.tasks.written.scores import OverlapScores
from burnish.tasks.written.settings import WrittenTask

__all__ = ["TranslationTask"]


class TranslationTask(OverlapScores, WrittenTask):
    """Translations, scored by chrF++ and BLEU of all rows together."""

    usual_metric: ClassVar[str] = "chrf"
    answers: ClassVar[str] = "translations"
    unanswered: ClassVar[Translation] = Translation(writing=Writing("", 0.0), tokens=0, windows=0)
    good: ClassVar[float] = 0.5
    """The chrF++ of a draft that it is quicker to correct than to write again. Chosen."""

    task: Literal["translation"] = "translation"
    max_length: int = Field(default=128, ge=16, le=8192)
    languages: tuple[str, str] | None = None
    """Codes of the languages, where the rows' files say them (``data.languages``)."""

    @property
    @override
    def summary_metrics(self) -> tuple[str, ...]:
        others = (name for name in self.metric_choices if name != self.main_metric)
        return (self.main_metric, *others)

    @property
    @override
    def target_code(self) -> str:
        return self.languages[1] if self.languages else ""
