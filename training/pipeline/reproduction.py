"""Training again from the record, and comparing."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.data.split_record import SplitRecord
from burnish.errors import DataError, UsageError
from burnish.notify import Notify
from burnish.run import Run, RunRecord
from burnish.tasks.evaluation import Evaluation

from ..data.splits import read_split
from .train import train
from .validation import validate_recipe

__all__ = ["Reproduction", "Score", "reproduce_run"]

_PARTS = ("validation", "test")
_HARDWARE = ("processor", "cores", "gpu", "system", "python")


@dataclass(frozen=True, slots=True)
class Score:
    """The main metric of one part, then and now."""

    part: str
    before: float
    low: float
    """Of the first run's 95 % interval."""
    high: float
    after: float

    @property
    def within(self) -> bool:
        """Whether the new score lies in the old interval."""
        return self.low <= self.after <= self.high


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What training again gave."""

    run: Path
    bit_equal: bool
    """``metrics.json`` and every weight."""
    scores: tuple[Score, ...]
    differences: tuple[str, ...]
    """Packages, hardware, processes, base model and terms that are not what they were."""

    @property
    def holds(self) -> bool:
        """Bit-equal where nothing differs; elsewhere within the intervals."""
        within = all(score.within for score in self.scores)
        return within if self.differences else self.bit_equal


def reproduce_run(
    run: Run, output: Path | None = None, *, notify: Notify | None = None
) -> Reproduction:
    """Train a run again from its recipe.

    Args:
        run: the run.
        output: keeps the new run; None: it is compared and removed.
        notify: told what is going on.

    Raises:
        ConfigError, MissingExtraError: its recipe cannot be trained here.
        DataError: the rows are not those of the run.
        UsageError: the output holds something, or the model was trained elsewhere.
    """
    if run.record.adopted is not None:
        raise UsageError(
            f"{run.path} is an adopted model: how it was trained is not known",
            "adopt it again from its source: burnish adopt CHECKPOINT --data ROWS -o RUN",
        )
    if output is not None:
        _check_free(output)
    with tempfile.TemporaryDirectory() as scratch:
        validate_recipe(run.recipe)
        target = Path(scratch) / run.path.name if output is None else output.absolute()
        _check_rows(run.record.data, read_split(run.recipe).record())
        again = train(run.recipe.model_copy(update={"output": target}), notify=notify)
        return Reproduction(
            run=target,
            bit_equal=_equal(run, again),
            scores=tuple(_scores(run, again)),
            differences=tuple(_differences(run.record, again.record)),
        )


def _check_free(output: Path) -> None:
    """Nothing is ever replaced: what is there may be the run itself."""
    if output.is_file() or (output.is_dir() and any(output.iterdir())):
        raise UsageError(
            f"{output} exists already and is not empty",
            "choose a new directory, or leave out -o: the new run is then compared and removed",
        )


def _check_rows(then: SplitRecord, now: SplitRecord) -> None:
    """Before anything is trained: other rows cannot give the same model."""
    for name, part in then.parts.items():
        digest = now.parts[name].digest if name in now.parts else "none"
        if digest != part.digest:
            raise DataError(
                f"the {name} rows are not those of the run: digest {digest[:16]}, then "
                f"{part.digest[:16]}",
                "restore the files that its record.json names, with their SHA-256",
            )


def _equal(run: Run, again: Run) -> bool:
    files = [name for name in run.record.files if name.endswith(".safetensors")]
    same = all(again.record.files.get(name) == run.record.files[name] for name in files)
    return same and _comparable(run.metrics) == _comparable(again.metrics)


def _comparable(metrics: dict[str, Any]) -> str:
    return json.dumps(metrics, sort_keys=True)


def _scores(run: Run, again: Run) -> list[Score]:
    metric = run.record.task.main_metric
    found = []
    for part in _PARTS:
        if part in run.metrics:
            before = Evaluation.from_json(run.metrics[part]).metrics[metric]
            after = Evaluation.from_json(again.metrics[part]).metrics[metric]
            found.append(Score(part, before.value, before.low, before.high, after.value))
    return found


def _differences(then: RunRecord, now: RunRecord) -> list[str]:
    return [
        f"{name}: {before} then, {after} now"
        for name, before, after in _pairs(then, now)
        if before != after
    ]


def _pairs(then: RunRecord, now: RunRecord) -> Iterator[tuple[str, object, object]]:
    """All that may change the bits: name, value then, value now."""
    for name in sorted({*then.packages, *now.packages}, key=str.casefold):
        before, after = (each.packages.get(name, "not installed") for each in (then, now))
        yield name, before, after
    for key in _HARDWARE:
        yield key, getattr(then.hardware, key), getattr(now.hardware, key)
    for key in ("threads", "processes"):
        yield key, getattr(then.training, key), getattr(now.training, key)
    yield "bias.terms", _terms(then), _terms(now)
    yield "teacher", _teacher(then), _teacher(now)
    yield "tree of labels", _tree(then), _tree(now)
    yield "base model", then.base_model.digest[:16], now.base_model.digest[:16]


def _teacher(record: RunRecord) -> str:
    return "none" if record.taught_by is None else record.taught_by.sha256[:16]


def _tree(record: RunRecord) -> str:
    """The digest of the tree that the labels lie in."""
    tree = record.task.tree
    if tree is None:
        return "none"
    return hashlib.sha256(json.dumps(tree.parents).encode()).hexdigest()[:16]


def _terms(record: RunRecord) -> str:
    return "none on record" if record.bias_terms is None else record.bias_terms.sha256[:16]
