"""The whole matrix, and what docs/explanation/methods.md prints of it: ``python -m tests.matrix``.

Some minutes. Names of families after it (``python -m tests.matrix bert albert``) run those alone
and write nothing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch

from burnish.torch_models.base import resolve_base
from tests.matrix.cells import TOLERANCES, Outcome, run_cell
from tests.matrix.table import DOCUMENT, KEYS, Key, render_table, with_table
from tests.tiny import FAMILIES, tiny_base


def main(families: list[str]) -> int:
    """Run, say what became of each cell, and write the table if every cell passed or refused."""
    torch.set_num_threads(1)
    outcomes = _run([key for key in KEYS if key.family in (families or FAMILIES)])
    failed = [key for key, outcome in outcomes.items() if not (outcome.refusal or outcome.passed)]
    refusals = {key: outcome.refusal for key, outcome in outcomes.items() if outcome.refusal}
    note = _note(outcomes, refused=len(refusals))
    print(note, file=sys.stderr)
    if failed:
        print(f"{len(failed)} cells failed: {failed}", file=sys.stderr)
        return 1
    if not families:
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(with_table(text, render_table(refusals), note=note), encoding="utf-8")
    return 0


def _run(keys: list[Key]) -> dict[Key, Outcome]:
    outcomes = {}
    with tempfile.TemporaryDirectory() as scratch:
        bases = {
            family: resolve_base(str(tiny_base(Path(scratch) / family, family, checkpoint="mlm")))
            for family in {key.family for key in keys}
        }
        for number, key in enumerate(keys):
            place = Path(scratch) / f"cell-{number}"
            place.mkdir()
            outcome = run_cell(key.variant, key.task, bases[key.family], place=place)
            outcomes[key] = outcome
            print(f"{key.family}: {key.variant}: {key.task}: {outcome}", file=sys.stderr)
    return outcomes


def _note(outcomes: dict[Key, Outcome], *, refused: int) -> str:
    largest = {
        step: max((o.differences[step] for o in outcomes.values() if o.differences), default=0.0)
        for step in TOLERANCES
    }
    figures = ", ".join(f"{step} {value:.1g}" for step, value in largest.items())
    flips = sum(outcome.flips for outcome in outcomes.values())
    return (
        f"{len(outcomes)} cells, {refused} of them refused. Largest difference of a logit from the "
        f"trained model's: {figures}. Answers that change: {flips}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
