"""chrF++ and BLEU from sums over rows, so that a bootstrap resamples without counting again.

Both are functions of counts that add up over rows (Popović 2015 and 2017, Papineni et al. 2002).
sacreBLEU (extra ``train``) counts. What becomes of the sums is computed here, for any number of
resamples at once, and equals sacreBLEU's own figures for a corpus.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from burnish.errors import MissingExtraError
from burnish.tasks.base import StatisticsArray

__all__ = [
    "BLEU_COUNTS",
    "CHRF_COUNTS",
    "bleu",
    "bleu_counts",
    "bleu_tokenizer",
    "chrf",
    "chrf_counts",
    "signatures",
]

_BETA = 2
_ORDERS = 6 + 2
"""Runs of one to six characters and of one and two words."""
_MOST_WORDS = 4
CHRF_COUNTS = 3 * _ORDERS
"""For each order the hypothesis's runs, the reference's, and those that match."""
BLEU_COUNTS = 2 + 2 * _MOST_WORDS
"""The two lengths in words, then for each order the runs that match, and all of the hypothesis."""
_WITHOUT_SPACES = frozenset({"ja", "th", "lo", "km", "my"})


def bleu_tokenizer(language: str = "") -> str:
    """The name of sacreBLEU's tokenizer for texts of a language.

    ``13a`` is that of WMT. Chinese has one of its own; other scripts without spaces are counted by
    characters, for which no dictionary has to be installed.

    Args:
        language: the code of the target's; empty where it is not known.
    """
    code = language.lower().replace("_", "-").partition("-")[0]
    return "zh" if code == "zh" else "char" if code in _WITHOUT_SPACES else "13a"


def chrf_counts(text: str, reference: str) -> StatisticsArray:
    """(24,) what chrF++ counts of a text.

    Args:
        text: what is judged.
        reference: what somebody wrote.

    Raises:
        MissingExtraError: sacreBLEU is not installed.
    """
    # There is no public way to them; sacreBLEU's own bootstrap sums what this gives.
    (counts,) = _chrf()._extract_corpus_statistics([text], [[reference]])
    return np.array(counts, dtype=np.float64)


def chrf(totals: StatisticsArray) -> StatisticsArray:
    """ChrF++ from 0 to 1 of summed counts: (…, 24) becomes (…)."""
    counts = totals.reshape(*totals.shape[:-1], _ORDERS, 3)
    written, true, match = np.moveaxis(counts, -1, 0)
    known = (written > 0) & (true > 0)
    orders = np.maximum(known.sum(axis=-1), 1)
    precision, recall = (
        np.divide(match, each, out=np.zeros_like(match), where=known).sum(axis=-1) / orders
        for each in (written, true)
    )
    below = _BETA**2 * precision + recall
    above = (1 + _BETA**2) * precision * recall
    return np.asarray(np.divide(above, below, out=np.zeros_like(below), where=below > 0))


def bleu_counts(text: str, reference: str, *, tokenizer: str = "13a") -> StatisticsArray:
    """(10,) what BLEU counts of a text.

    Args:
        text: what is judged.
        reference: what somebody wrote.
        tokenizer: sacreBLEU's name of it.

    Raises:
        MissingExtraError: sacreBLEU is not installed.
    """
    found = _bleu(tokenizer, of_rows=True).sentence_score(text, [reference])
    return np.array([found.sys_len, found.ref_len, *found.counts, *found.totals], dtype=np.float64)


def bleu(totals: StatisticsArray) -> StatisticsArray:
    """BLEU from 0 to 1 of summed counts, (…, 10) becomes (…); exponential smoothing, as WMT's."""
    written, true = totals[..., 0], totals[..., 1]
    match, counted = totals[..., 2 : 2 + _MOST_WORDS], totals[..., 2 + _MOST_WORDS :]
    none = match == 0
    # An order without a match counts as half a match, the next such one as a quarter, and so on.
    smoothed = np.where(none, 0.5 ** np.cumsum(none, axis=-1), match)
    possible = np.all(counted > 0, axis=-1) & np.any(match > 0, axis=-1)
    shares = np.divide(smoothed, counted, out=np.ones_like(smoothed), where=counted > 0)
    short = np.divide(true, written, out=np.ones_like(true), where=written > 0)
    brevity = np.exp(1 - np.maximum(short, 1))
    return np.where(possible, brevity * np.exp(np.log(shares).mean(axis=-1)), 0.0)


def signatures(tokenizer: str = "13a") -> dict[str, str]:
    """What sacreBLEU calls the settings of both metrics, with its version, for a record.

    Args:
        tokenizer: of BLEU.

    Raises:
        MissingExtraError: sacreBLEU is not installed.
    """
    scorers = {"chrf": _chrf(), "bleu": _bleu(tokenizer, of_rows=False)}
    found = {}
    for name, scorer in scorers.items():
        scorer.corpus_score(["a b c d"], [["a b c d"]])  # counts the references for the signature
        found[name] = str(scorer.get_signature())
    return found


@cache
def _chrf() -> Any:
    return _metrics().CHRF(word_order=2)


@cache
def _bleu(tokenizer: str, *, of_rows: bool) -> Any:
    """A scorer; one for rows does not warn that BLEU is for whole sets: its counts are taken."""
    return _metrics().BLEU(tokenize=tokenizer, effective_order=of_rows)


@cache
def _metrics() -> Any:
    try:
        from sacrebleu import metrics
    except ModuleNotFoundError as error:
        raise MissingExtraError((error.name or "sacrebleu").partition(".")[0], "train") from error
    return metrics
