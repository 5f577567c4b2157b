"""How a base reads the words of texts, beside plain sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.torch_models.base import resolve_base

from ..diagnostics.vocabulary import Advice, Reading, Words, advise, read_words
from ..evaluation.neutral import NEUTRAL_TEXTS
from .pretraining.texts import Survey, readable_texts, survey

__all__ = ["VocabularyReport", "judge_vocabulary"]


@dataclass(frozen=True, slots=True)
class VocabularyReport:
    """How a base's tokenizer reads texts, and what to do about it."""

    texts: Survey
    base_model: str
    own: Reading
    plain: Reading
    """Of the neutral sentences, most of which are English."""
    advice: Advice
    reason: str

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        plain = {key: value for key, value in self.plain.to_json().items() if key != "terms"}
        return {
            "texts": self.texts.texts,
            "base_model": self.base_model,
            "these_texts": self.own.to_json(),
            "plain_sentences": plain,
            "advice": str(self.advice),
            "reason": self.reason,
        }


def judge_vocabulary(
    texts: Path, *, base_model: str = "minilm", revision: str | None = None, text: str = "text"
) -> VocabularyReport:
    """Count the words of texts, and say what to do with a base.

    Args:
        texts: a file or a folder, as ``burnish predict`` reads it.
        base_model: whose tokenizer reads.
        revision: of a hub id.
        text: the column or field of the text.

    Raises:
        UsageError, DataError: the texts cannot be read, or have no word.
        BaseModelError: the base is refused.
    """
    found = survey(texts, text)
    base = resolve_base(base_model, revision)
    tokenizer = base.path / "tokenizer.json"
    words = Words(tokenizer)
    for each in readable_texts(texts, text):
        words.add(each)
    own = words.read()
    plain = read_words(tokenizer, NEUTRAL_TEXTS)
    return VocabularyReport(found, base.name, own, plain, *advise(own))
