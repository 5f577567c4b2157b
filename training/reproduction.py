"""Training again from the record, and comparing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.errors import DataError, UsageError
from burnish.run import Run
from burnish.tasks.evaluation import Evaluation

from .pipeline import train
from .provenance import describe_hardware, package_versions

__all__ = ["Reproduction", "Score", "reproduce_run"]

_PARTS = ("validation", "test")
_HARDWARE = ("processor", "cores", "system", "python")


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
    """Packages and hardware that are not what they were."""

    @property
    def holds(self) -> bool:
        """Bit-equal where nothing differs; elsewhere within the intervals."""
        within = all(score.within for score in self.scores)
        return within if self.differences else self.bit_equal


def reproduce_run(
    run: Run, output: Path | None = None, *, notify: Callable[[str], None] | None = None
) -> Reproduction:
    """Train a run again from its recipe.

    Args:
        run: the run.
        output: keeps the new run; None: it is compared and removed.
        notify: told what is going on.

    Raises:
        DataError: the rows are not those of the run.
        UsageError: the output holds something.
    """
    if output is not None:
        _check_free(output)
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / run.path.name if output is None else output.absolute()
        again = train(run.recipe.model_copy(update={"output": target}), notify=notify)
        _check_rows(run, again)
        return Reproduction(
            run=target,
            bit_equal=_equal(run, again),
            scores=tuple(_scores(run, again)),
            differences=tuple(_differences(run)),
        )


def _check_free(output: Path) -> None:
    """Nothing is ever replaced: what stands there may be the run itself."""
    if output.is_file() or (output.is_dir() and any(output.iterdir())):
        raise UsageError(
            f"{output} exists already and is not empty",
            "choose a directory that is not there yet, or leave -o out: the new run is then "
            "compared and removed",
        )


def _check_rows(run: Run, again: Run) -> None:
    for name, part in run.record.data.parts.items():
        if again.record.data.parts[name].digest != part.digest:
            raise DataError(
                f"the {name} rows are not those of the run: digest "
                f"{again.record.data.parts[name].digest[:16]}, then {part.digest[:16]}",
                "bring back the files that its record.json names, with their SHA-256",
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


def _differences(run: Run) -> list[str]:
    then, now = run.record.packages, package_versions()
    found = [
        f"{name}: {then.get(name, 'not installed')} then, {now.get(name, 'not installed')} now"
        for name in sorted({*then, *now}, key=str.casefold)
        if then.get(name) != now.get(name)
    ]
    hardware = describe_hardware(device=run.recipe.train.device)
    for key in _HARDWARE:
        before, after = getattr(run.record.hardware, key), getattr(hardware, key)
        if before != after:
            found.append(f"{key}: {before} then, {after} now")
    return found
