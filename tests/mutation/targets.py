"""What is mutated, and the tests that must notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """Modules, and the tests that mirror them."""

    modules: tuple[str, ...]
    """Files and folders under the root of the repository."""
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()
    """Names of modules that are another target's; their tests are not run either."""

    def files(self, root: Path) -> Iterator[Path]:
        """The modules' files, relative to the root."""
        for module in self.modules:
            path = root / module
            found = sorted(path.rglob("*.py")) if path.is_dir() else [path]
            yield from (each.relative_to(root) for each in found if each.stem not in self.without)

    def tests_of(self, file: Path, root: Path) -> list[list[str]]:
        """Groups of arguments for pytest: the file that mirrors a module, then all tests."""
        mirrored = [
            str(path.relative_to(root))
            for test in self.tests
            for name in (file.stem, file.parent.name)  # of a task: test_extraction.py
            for path in sorted((root / test).rglob(f"test_{name}.py"))
        ]
        there = [test for test in self.tests if (root / test).exists()]
        left_out = [f"--ignore-glob=*/test_{name}.py" for name in self.without]
        first = [mirrored] if mirrored and mirrored != there else []
        return [*first, [*there, *left_out]]


_TEXT = ("pieces", "templates", "tokens", "windows", "units")

TARGETS: dict[str, Target] = {
    "tasks": Target(("burnish/tasks",), ("tests/core/tasks",), without=_TEXT),
    "text": Target(
        tuple(f"burnish/tasks/{name}.py" for name in _TEXT),
        tuple(f"tests/core/tasks/test_{name}.py" for name in _TEXT),
    ),
    "calibration": Target(
        ("burnish/calibration", "burnish/evidence/calibration"),
        (
            "tests/core/calibration",
            "tests/core/evidence/calibration",
            "tests/core/tasks/test_intervals.py",
        ),
    ),
    "split": Target(
        tuple(
            f"burnish/data/{name}.py" for name in ("split", "split_record", "stratify", "groups")
        ),
        tuple(
            f"tests/core/data/test_{name}.py"
            for name in ("split", "split_record", "stratify", "leaks")
        ),
    ),
    "fairness": Target(("burnish/runtime/fairness.py",), ("tests/core/runtime/test_fairness.py",)),
    "gates": Target(("burnish/gates",), ("tests/core/gates",)),
}
