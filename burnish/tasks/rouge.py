"""ROUGE (Lin 2004, https://aclanthology.org/W04-1013): what a summary shares with a reference.

The figures are those of Google's rouge-score (extra ``train``) without stemming. Its own words are
runs of a-z and digits: of "Käufer" it keeps "k" and "ufer", of Cyrillic nothing. Here they are
those of any script (`ngrams`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from burnish.errors import MissingExtraError
from burnish.tasks.ngrams import tokens

__all__ = ["Rouge", "scores"]


@dataclass(frozen=True, slots=True)
class Rouge:
    """F1 from 0 to 1."""

    rouge1: float
    """Of words."""
    rouge2: float
    """Of pairs of neighbouring words."""
    rouge_l: float
    """Of the longest common subsequence of words, over the whole text."""


def scores(summary: str, reference: str) -> Rouge:
    """ROUGE-1, ROUGE-2 and ROUGE-L of a summary.

    Time and memory grow with the product of the two lengths, for ROUGE-L: 2,000 words against
    2,000 take a second or two.

    Args:
        summary: what is judged.
        reference: what somebody wrote. If either has no words, all are 0.

    Raises:
        MissingExtraError: rouge-score is not installed.
    """
    found = _scorer().score(reference, summary)
    return Rouge(*(float(found[name].fmeasure) for name in ("rouge1", "rouge2", "rougeL")))


class _Tokenizer:
    """What rouge-score asks for words."""

    def tokenize(self, text: str) -> list[str]:
        return tokens(text)


@cache
def _scorer() -> Any:
    try:
        # It imports nltk, and that what it finds of scikit-learn and pandas: seconds.
        from rouge_score.rouge_scorer import RougeScorer
    except ModuleNotFoundError as error:
        raise MissingExtraError((error.name or "rouge_score").partition(".")[0], "train") from error
    return RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=_Tokenizer())
