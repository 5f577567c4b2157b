"""The benchmarks: ``python -m benchmarks`` prints tables, then one line of JSON.

Both are written to a folder too, as ``bench.txt`` and ``bench.json``. docs/lab/benchmarks.md
explains every column.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.bench import run_benchmarks
from benchmarks.plan import PRECISIONS, TASKS, Plan, full, quick
from benchmarks.results import Results

CACHE = Path(".cache/bench")


def main(arguments: list[str]) -> None:
    """Run what the command line asks for."""
    given = _parser().parse_args(arguments)
    plan, begin = _plan(given), time.perf_counter()

    def notify(note: str) -> None:
        print(f"{time.perf_counter() - begin:6.1f} s  {note}", file=sys.stderr, flush=True)

    if plan.tiny:
        with tempfile.TemporaryDirectory() as directory:
            results = run_benchmarks(plan, Path(directory), notify)
    else:
        results = run_benchmarks(plan, CACHE.resolve(), notify)
    _write(results, given.out)
    notify(f"written to {given.out}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny bundles, a few seconds")
    parser.add_argument("--task", action="append", choices=TASKS, help="only this; repeatable")
    parser.add_argument("--precision", action="append", choices=PRECISIONS, help="the same")
    parser.add_argument("--tokens", action="append", type=int, metavar="N", help="the same")
    parser.add_argument("--out", type=Path, default=Path("build"), metavar="FOLDER")
    return parser


def _plan(given: argparse.Namespace) -> Plan:
    plan = quick() if given.quick else full()
    return replace(
        plan,
        tasks=tuple(given.task or plan.tasks),
        precisions=tuple(given.precision or plan.precisions),
        tokens=tuple(given.tokens or plan.tokens),
    )


def _write(results: Results, directory: Path) -> None:
    text, document = results.text(), json.dumps(results.to_json(), allow_nan=False)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "bench.txt").write_text(text, encoding="utf-8")
    (directory / "bench.json").write_text(document + "\n", encoding="utf-8")
    print(text)
    print(document)


if __name__ == "__main__":
    main(sys.argv[1:])
