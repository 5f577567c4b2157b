"""Runs rows: the timed ones alone, one after the other, the rest beside the longest of them."""

from __future__ import annotations

import datetime as dt
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from burnish.bench import Machine
from qualification.bench import Bench
from qualification.rows import Finding, Measurement, Row

__all__ = ["run_rows"]

LONGEST = "memory"
"""It looks at nothing but memory, for twenty minutes, while untimed rows run."""


def run_rows(
    rows: Sequence[Row],
    *,
    machine: Machine,
    quick: bool,
    controls: bool,
    notify: Callable[[str], None],
) -> list[Finding]:
    """Measure rows, and their negative controls.

    Args:
        rows: which.
        machine: this one.
        quick: small sizes.
        controls: whether the controls are run.
        notify: is told of every row that is done.
    """
    found: dict[str, Finding] = {}
    with tempfile.TemporaryDirectory(prefix="qualify-") as place, ThreadPoolExecutor(1) as beside:

        def run(row: Row) -> None:
            date = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            bench = Bench(
                folder=Path(place) / row.name / "measured",
                bundles=Path(place) / "bundles",
                quick=quick,
            )
            measured = _measure(row, bench)
            control = _control(row, bench) if controls else None
            found[row.name] = Finding(row, measured, control, date, machine)
            notify(f"{row.name}: {found[row.name].verdict}: {found[row.name].measured.figure}")

        for row in _timed(rows):
            run(row)
        longest = [beside.submit(run, row) for row in rows if row.name == LONGEST]
        for row in rows:
            if not row.timed and row.name != LONGEST:
                run(row)
        for future in longest:
            future.result()
    return [found[row.name] for row in rows]


def _timed(rows: Sequence[Row]) -> Iterator[Row]:
    return (row for row in rows if row.timed)


def _control(row: Row, bench: Bench) -> Measurement:
    """The row again, with its guard taken away."""
    folder = bench.folder.with_name("control")
    return _measure(row, replace(bench, folder=folder, weakened=row.guards))


def _measure(row: Row, bench: Bench) -> Measurement:
    bench.folder.mkdir(parents=True)
    try:
        return row.measure(bench)
    except Exception as error:  # noqa: BLE001  a row that breaks must not end the others
        if not bench.is_control:
            traceback.print_exc()
        last = str(error).strip().splitlines()[-1:] or [""]
        # A control that breaks has shown nothing: it must not be taken for one that failed its bar.
        return Measurement(f"broke: {type(error).__name__}: {last[0][:200]}", bench.is_control)
