"""The matrix as docs/explanation/methods.md prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from burnish.errors import ConfigError
from burnish.training.methods import Cell, check_cell
from tests.matrix.cells import MAX_LENGTH, TASK_NAMES, VARIANTS, recipe_for
from tests.tiny import FAMILIES

__all__ = ["DOCUMENT", "Key", "expected_refusals", "render_table", "with_table", "written_table"]

DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "methods.md"
_BEGIN, _END = "<!-- matrix: begin -->\n", "<!-- matrix: end -->\n"


@dataclass(frozen=True, order=True)
class Key:
    """A cell."""

    variant: str
    family: str
    task: str


KEYS = [
    Key(variant, family, task)
    for family in sorted(FAMILIES)
    for variant in VARIANTS
    for task in TASK_NAMES
]


def expected_refusals() -> dict[Key, str]:
    """What the methods say of every cell, nothing being run."""
    refusals = {}
    for key in KEYS:
        recipe = recipe_for(key.variant, key.task)
        cell = Cell(recipe=recipe, family=key.family, positions=130, max_length=MAX_LENGTH)
        try:
            check_cell(cell)
        except ConfigError as error:
            refusals[key] = error.message
    return refusals


def render_table(refusals: Mapping[Key, str]) -> str:
    """Markdown: a row a method, a column a family, and the reasons below."""
    families = sorted(FAMILIES)
    reasons: list[str] = []
    lines = [f"| method | {' | '.join(families)} |", "|---" * (len(families) + 1) + "|"]
    for variant in VARIANTS:
        cells = [_cell(refusals, variant, family, reasons) for family in families]
        lines.append(f"| {variant} | {' | '.join(cells)} |")
    lines += ["", *(f"{number}. {reason}" for number, reason in enumerate(reasons, start=1))]
    return "\n".join(lines) + "\n"


def with_table(text: str, table: str, *, note: str) -> str:
    """The document with another table in it."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{note}\n\n{table}{_END}{after}"


def written_table(text: str) -> str:
    """The table that stands in the document, without the note above it."""
    part = text.partition(_BEGIN)[2].partition(_END)[0]
    return part[part.index("| method") :]


def _cell(refusals: Mapping[Key, str], variant: str, family: str, reasons: list[str]) -> str:
    """``4`` tasks done, or how many and the number of the reason why not the others."""
    refused = [
        reason
        for task in TASK_NAMES
        if (reason := refusals.get(Key(variant, family, task))) is not None
    ]
    if not refused:
        return str(len(TASK_NAMES))
    short = {reason.rpartition(": ")[2] for reason in refused}
    reasons += sorted(short - set(reasons))
    numbers = ", ".join(f"({reasons.index(reason) + 1})" for reason in sorted(short))
    done = len(TASK_NAMES) - len(refused)
    return f"{done} {numbers}" if done else f"no {numbers}"
