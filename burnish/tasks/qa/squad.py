"""Scores of one answer as the SQuAD evaluation computes them (Rajpurkar et al. 2016, 2018)."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

__all__ = ["exact_match", "normalize_answer", "token_f1"]

_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalize_answer(text: str) -> str:
    """Lower case, without ASCII punctuation, English articles and extra white space."""
    bare = text.lower().translate(_NO_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """1 if the answer equals an accepted one after normalization. None accepted: no answer."""
    return max(float(normalize_answer(answer) == normalize_answer(a)) for a in accepted or [""])


def token_f1(answer: str, accepted: Sequence[str]) -> float:
    """Best token overlap (F1) with an accepted answer. None accepted: no answer."""
    return max(_overlap(answer, a) for a in accepted or [""])


def _overlap(answer: str, accepted: str) -> float:
    ours, gold = normalize_answer(answer).split(), normalize_answer(accepted).split()
    if not ours or not gold:
        return float(ours == gold)
    shared = sum((Counter(ours) & Counter(gold)).values())
    return 2 * shared / (len(ours) + len(gold))
