"""Method by task by family: every cell passes or refuses with a reason, none crashes.

Here a part that covers every pair of method and family, every variant, and every pair of task and
family; ``python -m tests.matrix`` runs the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest
import torch

from burnish.torch_models.base import BaseModel, resolve_base
from burnish.training.methods import METHODS
from tests.matrix.cells import TASK_NAMES, VARIANTS, run_cell
from tests.matrix.table import (
    DOCUMENT,
    Key,
    expected_refusals,
    render_table,
    with_table,
    written_table,
)
from tests.tiny import FAMILIES, tiny_base


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], BaseModel]:
    @cache
    def make(family: str) -> BaseModel:
        directory = tmp_path_factory.mktemp(family)
        return resolve_base(str(tiny_base(directory, family, checkpoint="mlm")))

    return make


def _covering() -> list[Key]:
    """Each method and family once, the variants and tasks going round."""
    keys = []
    for (row, method), (column, family) in product(enumerate(METHODS), enumerate(FAMILIES)):
        variants = [name for name in VARIANTS if name.partition(",")[0] == method]
        variant = variants[column % len(variants)]
        keys.append(Key(variant, family, TASK_NAMES[(row + column) % len(TASK_NAMES)]))
    return keys


COVERING = _covering()


@pytest.mark.parametrize("key", COVERING, ids=lambda key: f"{key.family}-{key.variant}-{key.task}")
def test_a_cell_passes_or_refuses_with_a_reason(
    base: Callable[[str], BaseModel], tmp_path: Path, key: Key
) -> None:
    outcome = run_cell(key.variant, key.task, base(key.family), place=tmp_path)

    assert outcome.refusal == expected_refusals().get(key)
    assert outcome.passed or outcome.refusal, outcome


@pytest.mark.parametrize("variant", ["full", "lora", "ia3", "setfit"])
@pytest.mark.parametrize("family", ["ernie", "eurobert", "roberta-prelayernorm"])
def test_families_beyond_the_matrix_lose_nothing_either(
    base: Callable[[str], BaseModel], tmp_path: Path, family: str, variant: str
) -> None:
    tasks = ["classification", "pooled classification"]
    for task in tasks if variant == "setfit" else [*tasks, "extraction"]:
        place = tmp_path / task
        place.mkdir()
        outcome = run_cell(variant, task, base(family), place=place)
        assert outcome.passed, (task, outcome)


def test_the_part_that_runs_covers_what_it_says() -> None:
    assert {key.variant for key in COVERING} == set(VARIANTS)
    assert {key.variant.partition(",")[0] for key in COVERING} == set(METHODS)
    assert {(key.task, key.family) for key in COVERING} == set(product(TASK_NAMES, FAMILIES))
    refusals = expected_refusals()
    covered = {_reason(refusals[key]) for key in COVERING if key in refusals}
    assert covered == {_reason(message) for message in refusals.values()}


def _reason(message: str) -> str:
    return message.rpartition(": ")[2]


def test_the_documents_matrix_is_that_of_the_refusals() -> None:
    written = written_table(DOCUMENT.read_text(encoding="utf-8"))
    assert written == render_table(expected_refusals()), "python -m tests.matrix"


def test_a_table_is_read_as_it_was_written() -> None:
    table = render_table({Key("prefix", "mpnet", "qa"): "method: prefix cannot: no prefixes"})
    text = with_table(
        "# Methods\n<!-- matrix: begin -->\n<!-- matrix: end -->\nend", table, note="n"
    )
    assert written_table(text) == table
    assert "| 3 (1) |" in table
    assert "1. no prefixes" in table
    assert text.endswith("\nend")
