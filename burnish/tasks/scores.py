"""Arithmetic that decoding and scoring share: softmax, sigmoid, logit, quotients and F1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["f1", "log_softmax", "logit", "ratio", "sigmoid", "softmax", "window_mean"]

Array = npt.NDArray[Any]


def softmax(logits: Array) -> Array:
    """Softmax over the last axis, in float64."""
    return np.exp(log_softmax(logits))


def log_softmax(logits: Array) -> Array:
    """Logarithm of the softmax over the last axis, in float64."""
    wide = logits.astype(np.float64)
    shifted = wide - wide.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def sigmoid(logits: Array) -> Array:
    """Logistic function, in float64, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64))))


def logit(p: Array) -> Array:
    """Inverse of the sigmoid, in float64; 0 and 1 are drawn in by 1e-12."""
    inside = np.clip(p.astype(np.float64), 1e-12, 1 - 1e-12)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def ratio(numerator: Array, denominator: Array) -> Array:
    """Quotient, 0 where the denominator is 0."""
    safe = np.where(denominator == 0, 1, denominator)
    return np.asarray(np.where(denominator == 0, 0.0, numerator / safe))


def f1(right: Array, predicted: Array, true: Array) -> Array:
    """F1 from counts, 0 where there is nothing to find and nothing was found."""
    return ratio(2.0 * right, predicted + true)


def window_mean(logits: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float64]:
    """(outputs,) of an input: the mean of (outputs,) per window."""
    if len(logits) == 1:
        return logits[0].astype(np.float64)
    return np.asarray(np.mean(np.stack(logits), axis=0, dtype=np.float64))
