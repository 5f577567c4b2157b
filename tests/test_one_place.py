"""A task is one place: no module outside a task's own files asks which task it is.

What a module wants to know of a task it asks the task, through the contract in ``kind.py`` or its
room's table. Then a new task is its own files and a line in each table, and nothing is forgotten.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import iter_modules

import pytest

from burnish.tasks.table import TASKS

ROOT = Path(__file__).parent.parent
ROOMS = ("burnish", "training", "export", "service", "torch_models")
TABLES = {
    "burnish/__init__.py",
    "burnish/data/__init__.py",
    "burnish/tasks/__init__.py",
    "burnish/tasks/table.py",
    "training/tasks/__init__.py",
    "service/api/tasks/__init__.py",
    "service/routes.py",
}
"""The tables of tasks, and what gives the public types their names."""


NOT_OURS = {
    ("torch_models/build.py", "regression"),
    ("training/pipeline/adopt/plain.py", "regression"),
    ("burnish/data/tree_files.py", "taxonomy"),
    ("burnish/recipe/recipe.py", "taxonomy"),
    ("training/pipeline/defaults.py", "taxonomy"),
    ("burnish/cli/rows.py", "summary"),
    ("burnish/cli/scores.py", "summary"),
    ("burnish/data/columns.py", "summary"),
    ("burnish/data/readers/tables.py", "summary"),
    ("burnish/recipe/sections.py", "summary"),
    ("training/results/card.py", "summary"),
    ("training/results/seeds.py", "summary"),
    ("service/api/openapi.py", "summary"),
}
"""Words that something else shares with a task: the problem types of transformers, the recipe's key
``data.taxonomy``, the usual column of a summary, the seeds' and OpenAPI's field."""

OWNERS = (*TASKS, "abstract", "labelled", "written")
"""Tasks, and what some of them share: as much theirs as if each had written it."""


def is_own(path: Path) -> bool:
    """Whether a file is a task's own: ``tasks/<task>.py``, or in ``tasks/<task>/``."""
    parts = path.with_suffix("").parts
    return any(a == "tasks" and b in OWNERS for a, b in pairwise(parts))


def outside() -> list[Path]:
    """The product's files that are no task's own and no table."""
    files = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    relative = (path.relative_to(ROOT) for path in files)
    return [path for path in relative if str(path) not in TABLES and not is_own(path)]


def own_types() -> set[str]:
    """Names of the classes that tasks define in the core."""
    found: set[str] = set()
    for task in OWNERS:
        package = import_module(f"burnish.tasks.{task}")
        for info in iter_modules(package.__path__, f"{package.__name__}."):
            members = inspect.getmembers(import_module(info.name), inspect.isclass)
            found |= {n for n, each in members if each.__module__ == info.name and n[0] != "_"}
    return found


def places(source: str, types: set[str]) -> Iterator[str]:
    """Where a source names a task or a type of a task's own, outside its docstrings and imports.

    A recipe may be written with a task's name in it; asking is what is looked for: a task's name
    as a whole string, or one of its types after ``isinstance``, in a ``case``, or imported.
    """
    tree = ast.parse(source)
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in TASKS and id(node) not in docs:
            yield f"{node.lineno}: {node.value!r}"
        elif isinstance(node, ast.ImportFrom) and node.module:
            wanted = {alias.name for alias in node.names} & types
            own = any(f"tasks.{task}" in node.module for task in OWNERS)
            if wanted or own:
                yield f"{node.lineno}: imports {', '.join(sorted(wanted)) or node.module}"


@pytest.mark.parametrize("path", outside(), ids=str)
def test_a_module_does_not_ask_which_task_it_is(path: Path) -> None:
    found = list(places((ROOT / path).read_text(encoding="utf-8"), own_types()))
    words = {f"{word!r}" for place, word in NOT_OURS if place == str(path)}
    assert [each for each in found if each.partition(": ")[2] not in words] == []


@pytest.mark.parametrize(
    "source",
    [
        'if task == "qa":\n    pass',
        'FOLDS = {"classification": 5}',
        'match task:\n    case "extraction":\n        pass',
        'known = frozenset({"qa"})',
        "from burnish.tasks import ClassificationTask",
        "from burnish.tasks.qa.example import QAExample",
        "from ..tasks.extraction import loss",
        "def f():\n    from burnish.tasks import Extraction",
    ],
)
def test_the_rule_sees_a_question(source: str) -> None:
    assert list(places(source, own_types()))


@pytest.mark.parametrize(
    "source",
    [
        '"""classification"""',
        "from burnish.tasks import Task, Prediction",
        'name = "text-classification"',
        "from burnish.tasks.table import find_task",
    ],
)
def test_the_rule_lets_the_rest_be(source: str) -> None:
    assert not list(places(source, own_types()))
