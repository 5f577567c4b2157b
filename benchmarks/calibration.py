"""Whether scores are probabilities, and whether the promise of abstaining is kept.

    .venv/bin/python -m benchmarks.calibration shared/data/banking77 --work /tmp/calibration

Each directory holds train, validation and test (``.jsonl``). A small model (1,500 rows, one epoch)
is trained and exported, as ``burnish train`` and ``burnish export`` do it. Then the
served graph's numbers for validation and at most 2,000 test rows are thrown together and divided
again, at random and in the same sizes, ``--resamples`` times: each time calibration, thresholds and
the promise are fitted on the one side alone, and judged on the other. Prints a table, then one line
of JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from burnish.bundle import Bundle, read_bundle
from burnish.calibration import Tolerance, fit_task
from burnish.data import read_rows
from burnish.evidence.calibration import measure
from burnish.export import Budgets, export_run
from burnish.recipe.recipe import parse_recipe
from burnish.runtime.session import Session
from burnish.tasks.evaluation import evaluate
from burnish.training import train

_KEPT = 0.95
_TEST_ROWS = 2000
_ECE = 0.03


@dataclass(frozen=True, slots=True)
class Outcome:
    """Figures of a data set."""

    data: str
    task: str
    precision: str
    validation: int
    test: int
    score: float
    """The task's main metric on the test rows, in the split of the files."""
    ece_before: float
    """On the test rows, in the split of the files."""
    ece_after: float
    ece_before_mean: float
    """Mean over the divisions."""
    ece_after_mean: float
    error_asked: float
    error: float
    """Of what is answered of the test rows, in the split of the files."""
    coverage: float
    kept_boot: float
    """Share of bootstrap samples of the test rows in which the error is at most what was asked."""
    kept: float
    """Share of divisions in which it is."""
    promised: float
    """Share of divisions in which something is promised at all."""
    coverage_mean: float
    error_mean: float
    resamples: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows with the served graph's numbers."""

    examples: tuple[Any, ...]
    inputs: tuple[Any, ...]
    encodings: tuple[Any, ...]
    logits: tuple[Any, ...]

    def take(self, places: Sequence[int]) -> _Rows:
        return _Rows(
            *(
                tuple(column[i] for i in places)
                for column in (self.examples, self.inputs, self.encodings, self.logits)
            )
        )


def build(data: Path, work: Path, *, task: str, options: dict[str, Any], rows: int) -> Bundle:
    """Train and export; what stands in ``work`` already is taken as it is."""
    run_path, bundle_path = work / f"{data.name}-run", work / f"{data.name}-bundle"
    sample = _sample(data / "train.jsonl", work, count=rows)
    files = {"train": str(sample), "validation": str(data / "validation.jsonl")}
    if not run_path.exists():
        train(
            parse_recipe({"task": task, "data": files, "train": options, "output": str(run_path)})
        )
    if not bundle_path.exists():
        budgets = Budgets(search_rows=100)
        export_run(run_path, bundle_path, budgets=budgets)
    return read_bundle(bundle_path)


def _sample(path: Path, work: Path, *, count: int) -> Path:
    """At most so many rows of a file, drawn at random, in a file of their own."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) <= count:
        return path
    places = np.sort(np.random.default_rng(13).choice(len(lines), count, replace=False))
    sample = work / f"{path.parent.name}-{path.name}"
    sample.write_text("\n".join(lines[i] for i in places) + "\n", encoding="utf-8")
    return sample


def answer(bundle: Bundle, path: Path) -> _Rows:
    """The served graph's numbers, window by window as in the runtime."""
    task: Any = bundle.manifest.task
    encoder = task.text_encoder(bundle.tokenizer_path)
    session = Session(bundle.model_path, inputs=bundle.manifest.inputs, outputs=task.output_names)
    examples = read_rows(path, task.task).examples
    inputs = [task.example_input(example) for example in examples]
    encodings = [task.encode(given, encoder) for given in inputs]
    logits = [tuple(session.run(window) for window in each.windows) for each in encodings]
    return _Rows(tuple(examples), tuple(inputs), tuple(encodings), tuple(logits))


def judge(
    task: Any, fitted_on: _Rows, judged_on: _Rows, tolerance: Tolerance, *, scored: bool = False
) -> SimpleNamespace:
    """Fit on the one, measure on the other."""
    fitted, promise = fit_task(task, fitted_on, fitted_on.logits, tolerance=tolerance)
    found = measure(fitted, {"test": (judged_on, judged_on.logits)}, promise=promise)
    each, said = found["calibration"]["parts"]["test"], found["abstention"]["parts"]["test"]
    return SimpleNamespace(
        task=fitted,
        score=evaluate(fitted, judged_on.examples, _predictions(fitted, judged_on), resamples=1)
        .metrics[fitted.main_metric]
        .value
        if scored
        else 0.0,
        before=each["before"]["ece"],
        after=each["after"]["ece"],
        error=said["error"],
        coverage=said["coverage"],
        promised=bool(promise and promise.kept_from is not None),
    )


def _predictions(task: Any, rows: _Rows) -> list[Any]:
    return [
        task.decode(given, encoding, logits)
        for given, encoding, logits in zip(rows.inputs, rows.encodings, rows.logits, strict=True)
    ]


def kept_in_bootstrap(task: Any, rows: _Rows, *, error: float, resamples: int) -> float:
    """Share of samples of the rows, drawn with replacement, whose answers keep the promise."""
    sums = []
    for example, given, encoding, logits in zip(
        rows.examples, rows.inputs, rows.encodings, rows.logits, strict=True
    ):
        claims = task.claims(example, task.decode(given, encoding, logits))
        said = [claim.right for claim in claims if claim.score >= task.abstain_below]
        sums.append((len(said), len(said) - sum(said)))
    answered, wrong = np.array(sums).T
    drawn = np.random.default_rng(13).integers(len(sums), size=(resamples, len(sums)))
    return float((wrong[drawn].sum(1) <= error * answered[drawn].sum(1)).mean())


def measure_data(
    data: Path,
    work: Path,
    *,
    task: str,
    options: dict[str, Any],
    tolerance: Tolerance,
    resamples: int,
    rows: int,
) -> Outcome:
    """All figures of a data set."""
    begin = time.monotonic()
    bundle = build(data, work, task=task, options=options, rows=rows)
    settings = bundle.manifest.task
    validation, test = (
        answer(bundle, path)
        for path in (
            data / "validation.jsonl",
            _sample(data / "test.jsonl", work, count=_TEST_ROWS),
        )
    )
    given = judge(settings, validation, test, tolerance, scored=True)
    pool = _Rows(
        *(
            one + other
            for one, other in (
                (validation.examples, test.examples),
                (validation.inputs, test.inputs),
                (validation.encodings, test.encodings),
                (validation.logits, test.logits),
            )
        )
    )
    size, rng, drawn = len(validation.examples), np.random.default_rng(13), []
    asked = tolerance.error or 0.0
    for _ in range(resamples):
        order = rng.permutation(len(pool.examples)).tolist()
        drawn.append(judge(settings, pool.take(order[:size]), pool.take(order[size:]), tolerance))
    return Outcome(
        data=data.name,
        task=settings.task,
        precision=bundle.manifest.precision,
        validation=size,
        test=len(test.examples),
        score=given.score,
        ece_before=given.before,
        ece_after=given.after,
        ece_before_mean=float(np.mean([each.before for each in drawn])),
        ece_after_mean=float(np.mean([each.after for each in drawn])),
        error_asked=asked,
        error=given.error,
        coverage=given.coverage,
        kept_boot=kept_in_bootstrap(given.task, test, error=asked, resamples=200),
        kept=float(np.mean([each.error <= asked for each in drawn])),
        promised=float(np.mean([each.promised for each in drawn])),
        coverage_mean=float(np.mean([each.coverage for each in drawn])),
        error_mean=float(np.mean([each.error for each in drawn])),
        resamples=resamples,
        seconds=round(time.monotonic() - begin, 1),
    )


def print_table(outcomes: Sequence[Outcome]) -> None:
    """A row a data set, and whether the bars are reached."""
    head = ("data", "score", "ece", "after", "mean", "after", "error", "answered", "kept", "bars")
    print("{:<20}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}{:>10}{:>7}  {}".format(*head))
    for each in outcomes:
        calibrated = each.ece_after_mean <= max(_ECE, each.ece_before_mean / 2)
        reached = "both" if calibrated and each.kept >= _KEPT else "NOT BOTH"
        print(
            f"{each.data:<20}{each.score:>7.3f}{each.ece_before:>7.3f}{each.ece_after:>7.3f}"
            f"{each.ece_before_mean:>7.3f}{each.ece_after_mean:>7.3f}{each.error_mean:>7.3f}"
            f"{each.coverage_mean:>10.3f}{each.kept:>7.3f}  {reached}"
        )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="holds runs and bundles")
    parser.add_argument("--task", default="classification")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rows", type=int, default=1500, help="to train on at most")
    parser.add_argument("--error", type=float, default=0.05)
    parser.add_argument("--resamples", type=int, default=200)
    given = parser.parse_args()
    outcomes = [
        measure_data(
            data,
            given.work,
            task=given.task,
            options={"epochs": given.epochs, "threads": 1},
            rows=given.rows,
            tolerance=Tolerance(error=given.error),
            resamples=given.resamples,
        )
        for data in given.data
    ]
    print_table(outcomes)
    print(json.dumps([asdict(each) for each in outcomes]))


if __name__ == "__main__":
    main()
