"""burnish's default against others on the same rows: ``python -m benchmarks.accuracy``.

docs/lab/accuracy.md tells of it. Every contender learns the same draws of the same sets, chooses on
the same validation rows, and answers the same test rows. Results are kept in the folder
``results``, one file each: a run that is stopped goes on where it was. To measure again what
changed, remove its files.

::

    python -m benchmarks.accuracy --rows 100 --rows 300 --set pros_cons_feedback
    python -m benchmarks.accuracy --page          # writes the page from what is kept
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .page import write_page
from .running import CONTENDERS, Place, run
from .sets import SETS, SHARED

ROWS = ("100", "300", "1000", "all")
SEEDS = (1, 2, 3)
KEPT = Path(__file__).parent / "results"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is missing, or write the page."""
    given = _parser().parse_args(argv)
    if given.page:
        write_page(given.results)
        return 0
    options = {"ACCURACY_SET": given.override} if given.override else None
    place = Place(given.results, given.base, given.threads, options, given.label)
    if not SHARED.is_dir():
        print(f"skipped: there is no {SHARED}; set BURNISH_SHARED_DATA", file=sys.stderr)
        return 0
    for seed in given.seed or SEEDS:
        for rows in [None if each == "all" else int(each) for each in given.rows or ROWS]:
            for name in given.set or SETS:
                _contend(place, name, rows, seed, given.contender or list(CONTENDERS))
    return 0


def _contend(
    place: Place, name: str, rows: int | None, seed: int, contenders: Sequence[str]
) -> None:
    labelled = SETS[name]
    if (seed != SEEDS[0]) if rows is None else (rows < labelled.fewest):
        return
    for each in contenders:
        try:
            outcome = run(place, CONTENDERS[each], labelled, rows, seed)
        except RuntimeError as e:
            print(f"{name} {rows or 'all'} draw {seed}: failed: {e}", file=sys.stderr, flush=True)
            continue
        if outcome is not None:
            print(
                f"{name} {rows or 'all'} draw {seed} {outcome.contender}: {outcome.score:.3f}, "
                f"{outcome.cpu_s:.0f} s of processor time",
                flush=True,
            )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy")
    parser.add_argument("--set", action="append", choices=list(SETS))
    parser.add_argument("--rows", action="append", choices=ROWS)
    parser.add_argument("--seed", action="append", type=int, choices=SEEDS, help="of the draw")
    parser.add_argument("--contender", action="append", choices=list(CONTENDERS))
    parser.add_argument("--base", default="minilm", help="minilm, or a directory")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--override", help="of burnish's recipe: 'train.epochs=10 method=lora'")
    parser.add_argument("--label", default="", help="added to the name of such a result")
    parser.add_argument("--results", type=Path, default=KEPT)
    parser.add_argument("--page", action="store_true", help="write docs/lab/accuracy.md")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
