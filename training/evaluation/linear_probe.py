"""The linear probe: logistic or ridge regression on the frozen encoder's vectors.

It is the baseline of every task whose model answers for a window as a whole (`Head.of_windows`),
and the start of the model's head (LP-FT: Kumar et al. 2022, "Fine-Tuning can Distort Pretrained
Features and Underperform Out-of-Distribution"): a random head damages the encoder in its first
epochs.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from burnish.arrays import DoubleArray
from burnish.tasks import Encoding, Task
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.heads import Head
from burnish.torch_models.build import head_module

from ..checkpointing.snapshot import DamagedError, read_snapshot, write_snapshot
from ..distributed.shared_logits import shared_logits
from .logistic import LOGISTIC_STRENGTHS, LogisticFitter
from .losses import validation_loss
from .ridge import RIDGE_STRENGTHS, RidgeFitter
from .scoring import label_targets, main_score, tune_task

__all__ = [
    "Probe",
    "fit_probe",
    "keep_probe",
    "load_probe",
    "probe_name",
    "score_probe",
    "start_head",
]


_GAIN = 0.02
"""Of the loss, in nats a row: less does not justify larger weights. Where every row is right they
would grow without end, and fp32 would round their products to other logits."""
_TENTH = 2
"""Steps down the strengths."""

_LEAST_DEVIATION = 0.01
"""Of the vectors' own size: dimensions that vary less are not raised further. Weights that raise
them a thousandfold also raise what fp32 rounds off. A sentence encoder's vary by 0.85 of it, but
for dead ones: MiniLM's last LayerNorm has one."""
_TENSORS = ("weight", "bias", "looser_weight", "looser_bias")
_FEW = 1000
"""Training rows below which they help to choose the strength; five more fits are cheap there."""
_FOLDS, _FOLD_SEED = 5, 13
Linear = tuple[DoubleArray, DoubleArray]
"""Weight (labels, hidden) and bias (labels,) of a linear layer."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A linear layer for vectors that are not standardized."""

    weight: DoubleArray
    """(labels, hidden)."""
    bias: DoubleArray
    """(labels,)."""
    strength: float
    """Inverse regularization strength: that of the least loss on rows that were not fitted.

    The score of a few dozen rows is mostly chance: on 24 draws of 100 to 1,000 rows, strengths
    chosen by it were right in 0.762 of the test rows, and those chosen by the loss in 0.765. With
    fewer than `_FEW` rows the training rows are asked too, by cross-validation: on 15 validation
    rows the loss chose 3.0, 0.3 and 1.0 for three draws of a set whose folds all say 0.03."""
    score: float
    """The task's main metric on validation."""
    looser: Linear
    """The fit at a tenth of the strength, or at the least one there is."""


def fit_probe(
    model: nn.Module,
    task: Task,
    train: EncodedRows,
    *,
    validation: EncodedRows,
    class_weights: torch.Tensor | None = None,
) -> Probe:
    """Fit the probe on the inputs of the model's last linear layer.

    Args:
        model: the encoder with any head.
        task: the model's labels.
        train: rows to fit on.
        validation: rows to choose the regularization on, with the training rows where those are
            few.
        class_weights: (labels,) as in the loss.
    """
    vectors = pooled_vectors(model, task, train.encodings)
    held_out = pooled_vectors(model, task, validation.encodings)
    mean, scale = vectors.mean(0), _scale(vectors, getattr(model, "normalized", False))
    scaled, scaled_held_out = (vectors - mean) / scale, (held_out - mean) / scale
    fitter = _fitter(task, train, scaled, class_weights)
    folds = _Folds(task, train, scaled, class_weights) if len(train) < _FEW else None
    unseen = validation if folds is None else _joined(validation, folds.rows)
    numbers = task.head is Head.SCORE
    strengths, gain = (RIDGE_STRENGTHS, 0.0) if numbers else (LOGISTIC_STRENGTHS, _GAIN)
    losses: list[float] = []
    fits: list[Linear] = []
    for strength in strengths:
        fits.append(fitter.fit(strength))
        told = _outputs(scaled_held_out, fits[-1])
        if folds is not None:
            told = np.vstack([told, folds.outputs(strength)])
        losses.append(validation_loss(task, unseen, _shaped(told, unseen), class_weights))
        if losses[-1] > min(losses):
            break
    place = next(at for at, loss in enumerate(losses) if loss <= min(losses) + gain)
    score = _score(task, validation, _outputs(scaled_held_out, fits[place]))
    unscaled = [(weight / scale, bias - weight / scale @ mean) for weight, bias in fits]
    looser = unscaled[max(0, place - _TENTH)]
    return Probe(*unscaled[place], strengths[place], score, looser)


def probe_name(task: Task) -> str:
    """What the probe of a task is, for a reader."""
    kind = "ridge" if task.head is Head.SCORE else "logistic"
    return f"{kind} regression on the frozen encoder"


def score_probe(model: nn.Module, task: Task, probe: Probe, rows: EncodedRows) -> float:
    """Score a probe on a model's vectors by the task's main metric."""
    outputs = pooled_vectors(model, task, rows.encodings) @ probe.weight.T + probe.bias
    return main_score(task, rows, _shaped(outputs, rows))


def keep_probe(path: Path, probe: Probe) -> None:
    """Save a probe for other seeds, and for resuming the training."""
    linear = dict(zip(_TENSORS, (probe.weight, probe.bias, *probe.looser), strict=True))
    # At the least strength both fits are the same arrays, and safetensors writes no memory twice.
    tensors = {name: torch.from_numpy(array).clone() for name, array in linear.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_snapshot(path, tensors, {"strength": probe.strength, "score": probe.score})


def load_probe(path: Path) -> Probe | None:
    """Load a saved probe; None where there is none, or a damaged one, which is removed."""
    try:
        kept = read_snapshot(path)
    except DamagedError:
        shutil.rmtree(path, ignore_errors=True)
        return None
    weight, bias, looser_weight, looser_bias = (kept.tensors[name].numpy() for name in _TENSORS)
    looser = looser_weight, looser_bias
    return Probe(weight, bias, kept.values["strength"], kept.values["score"], looser)


def start_head(model: nn.Module, probe: Probe, *, looser: bool = False) -> None:
    """Copy the probe into the model's last linear layer.

    Args:
        model: any.
        probe: fitted to its vectors.
        looser: the fit at a tenth of its strength instead.
    """
    _, head = head_module(model)
    weight, bias = probe.looser if looser else (probe.weight, probe.bias)
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(weight))
        head.bias.copy_(torch.from_numpy(bias))


def pooled_vectors(model: nn.Module, task: Task, encodings: Sequence[Encoding]) -> DoubleArray:
    """(texts, hidden) input of the last linear layer, averaged over a text's windows.

    ``decode`` averages logits over windows, which is the same for a linear layer.
    """
    name, head = head_module(model)
    model.set_submodule(name, nn.Identity())
    try:
        vectors = shared_logits(model, task, encodings)
    finally:
        model.set_submodule(name, head)
    return np.stack([np.mean(windows, axis=0, dtype=np.float64) for windows in vectors])


def _outputs(vectors: DoubleArray, linear: Linear) -> DoubleArray:
    found: DoubleArray = vectors @ linear[0].T + linear[1]
    return found


def _joined(one: EncodedRows, other: EncodedRows) -> EncodedRows:
    return EncodedRows(
        (*one.examples, *other.examples),
        (*one.inputs, *other.inputs),
        (*one.encodings, *other.encodings),
    )


def _fitter(
    task: Task,
    rows: EncodedRows,
    vectors: DoubleArray,
    class_weights: torch.Tensor | None,
    *,
    rough: bool = False,
) -> LogisticFitter | RidgeFitter:
    if task.head is Head.SCORE:
        return RidgeFitter(task, rows, vectors)
    return LogisticFitter(task, rows, vectors, class_weights, rough=rough)


class _Folds:
    """Fits without a fifth of the rows each, for outputs that none of them was fitted to.

    A row with a label that its fit has not seen is left out: it tells no strength from another, and
    the more of them there are, the weaker the fit that loses least on them.
    """

    rows: EncodedRows
    """The rows that `outputs` answers, in its order."""

    def __init__(
        self,
        task: Task,
        rows: EncodedRows,
        vectors: DoubleArray,
        class_weights: torch.Tensor | None,
    ) -> None:
        order = np.random.default_rng(_FOLD_SEED).permutation(len(rows))
        self._parts = []
        answered: list[int] = []
        for out in np.array_split(order, min(_FOLDS, len(rows))):
            rest = np.setdiff1d(order, out)
            part = rows.take(rest.tolist())
            known = out[_known(task, rows.take(out.tolist()), part)]
            if len(rest) and len(known):
                fitter = _fitter(task, part, vectors[rest], class_weights, rough=True)
                self._parts.append((vectors[known], fitter))
                answered += known.tolist()
        self.rows = rows.take(answered)
        self._none = np.zeros((0, len(task.output_labels)))

    def outputs(self, strength: float) -> DoubleArray:
        """(rows, outputs)."""
        found = [_outputs(vectors, fitter.fit(strength)) for vectors, fitter in self._parts]
        return np.vstack([self._none, *found])


def _known(task: Task, rows: EncodedRows, fitted: EncodedRows) -> npt.NDArray[np.bool_]:
    """(rows,) whether each label of a row is one of a fitted row."""
    if task.head is Head.SCORE or not len(fitted):
        return np.full(len(rows), bool(len(fitted)))
    asked, taught = label_targets(task, rows), label_targets(task, fitted)
    if asked.ndim == 1:
        return np.isin(asked, taught)
    return np.logical_not((asked & ~taught.any(0)).any(1))


def _scale(vectors: DoubleArray, normalized: bool) -> DoubleArray:
    """(hidden,) what to divide by: one number for vectors of one length, else the deviations.

    Standardized, vectors of one length lose what they have in common.
    """
    scale: DoubleArray = vectors.std(0)
    if normalized:
        scale = np.full_like(scale, _size(scale))
    least = _LEAST_DEVIATION * _size(vectors)
    found: DoubleArray = np.maximum(scale, least or 1.0)
    return found


def _size(array: DoubleArray) -> float:
    """The root of the mean square."""
    return float(np.sqrt((array**2).mean()))


def _score(task: Task, rows: EncodedRows, outputs: DoubleArray) -> float:
    shaped = _shaped(outputs, rows)
    return main_score(tune_task(task, rows, shaped), rows, shaped)


def _shaped(outputs: DoubleArray, rows: EncodedRows) -> list[list[npt.NDArray[np.float32]]]:
    """Repeat a text's logits for each of its windows."""
    logits = outputs.astype(np.float32)
    return [[row] * len(e.windows) for row, e in zip(logits, rows.encodings, strict=True)]
