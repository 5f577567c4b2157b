"""Does the score at twice the rows lie in its own 90 % interval?

``python -m benchmarks.learning_curve [SET:ROWS …]`` draws ROWS rows of a set twenty times,
extrapolates the curve that ``burnish check`` would show for them, and compares it with what twice
as many rows give on the set's test file. Prints a line a set, then one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from benchmarks.frozen_rows import FrozenRows, frozen_rows
from burnish.training.diagnostics.extrapolation import Forecast, forecast_score
from burnish.training.diagnostics.learning_curve import (
    CurveRows,
    LearningCurve,
    measure_curve,
    row_order,
    row_sums,
)
from burnish.training.diagnostics.linear import fit_linear

TRIALS = 20
SETS = {
    "medical_abstracts": 500,
    "vetclaims_roles": 1200,
    "pros_cons_feedback": 1000,
    "banking77": 1500,
    "goemotions": 1500,
}


def main(arguments: list[str]) -> None:
    """Run the sets that the command line names, else all."""
    asked = dict(each.split(":") for each in arguments) or SETS
    results = {}
    for name, rows in asked.items():
        begin = time.perf_counter()
        results[name] = trials_of(*frozen_rows(name), rows=int(rows))
        seconds = time.perf_counter() - begin
        print(f"{name}, {rows} rows: {results[name]} ({seconds:.0f} s)", flush=True)
    print(json.dumps(results))


def trials_of(train: FrozenRows, test: FrozenRows, *, rows: int) -> dict[str, float]:
    """How often the truth lay inside, how far off the value was, and how wide the interval."""
    pairs = [_trial(train, test, rows, seed=1000 + trial) for trial in range(TRIALS)]
    off = np.array([truth - forecast.value for forecast, truth in pairs])
    inside = sum(forecast.low <= truth <= forecast.high for forecast, truth in pairs)
    width = float(np.mean([forecast.high - forecast.low for forecast, _ in pairs]))
    return {
        "trials": TRIALS,
        "inside": inside,
        "mean_error": round(float(off.mean()), 4),
        "mean_absolute_error": round(float(np.abs(off).mean()), 4),
        "mean_width": round(width, 4),
    }


def _trial(train: FrozenRows, test: FrozenRows, rows: int, *, seed: int) -> tuple[Forecast, float]:
    order = row_order(train.groups, seed=seed)
    few, twice = train.of(order[:rows]), train.of(order[: 2 * rows])
    curve = measure_curve(_curve_rows(few))
    forecast = forecast_score(
        curve.sizes, curve.hits, curve.weights, groups=few.groups, rows=2 * rows, seed=0
    )
    return forecast, _score(twice, test, curve)


def _score(train: FrozenRows, test: FrozenRows, curve: LearningCurve) -> float:
    """On the test file, of the classifier that the curve was measured with."""
    model = fit_linear(
        train.vectors, train.targets, multi_label=train.multi_label, strength=curve.strength
    )
    given = _curve_rows(test)
    hits, weights = row_sums(model.probabilities(test.vectors), given, curve.threshold)
    return float(hits.sum() / weights.sum())


def _curve_rows(rows: FrozenRows) -> CurveRows:
    return CurveRows(
        vectors=rows.vectors,
        targets=rows.targets,
        rows=np.arange(len(rows.vectors)),
        groups=rows.groups,
        multi_label=rows.multi_label,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
