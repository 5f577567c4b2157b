"""The house's rules: who may import whom, and that every public name says what it is."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("training", "export", "service")
FOLDERS = (*ROOMS, "torch_models")
"""Mapped into the package when it is installed."""
HEAVY = {
    *("torch", "transformers", "peft", "optimum", "onnx", "sklearn", "accelerate", "safetensors"),
    *("fairlearn", "pandas"),
}
SERVING = {"bentoml", "starlette", "uvicorn", "prometheus_client"}


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the package, under the name that it has when installed."""
    for folder in ("burnish", *FOLDERS):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts if folder == "burnish" else ("burnish", *parts))
            yield name.removesuffix(".__init__"), path


def imports(name: str, source: str, *, is_package: bool = False) -> Iterator[str]:
    """Full names of what a module imports, wherever in it the import stands."""
    package = name if is_package else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room(name: str) -> str:
    """``training``, ``export``, ``service``, ``torch_models``, ``cli``, ``api`` or ``core``."""
    parts = name.split(".")
    if name == "burnish" or name.startswith("burnish.api"):
        return "api"
    if name == "burnish.__main__":
        return "cli"
    known = (*FOLDERS, "cli")
    return parts[1] if len(parts) > 1 and parts[0] == "burnish" and parts[1] in known else "core"


def forbidden(name: str, target: str) -> str:
    """Why a module may not import ``target``; empty where it may."""
    here, top = room(name), target.partition(".")[0]
    there = room(target) if top == "burnish" else ""
    if top in FOLDERS or top == "tests":
        return "the rooms are burnish.training, burnish.export and so on"
    if here in ROOMS and there in ROOMS and here != there:
        return "rooms pass directories to each other, not objects"
    if there == "torch_models" and here not in ("training", "export", "torch_models"):
        return "torch_models is for training and export"
    if here == "core" and there in (*ROOMS, "cli"):
        return "the core is below the rooms and the command line"
    if here != "api" and target.startswith("burnish.api"):
        return "the public functions are above everything; import what they call"
    if here in ROOMS and there == "cli":
        return "the command line is above the rooms"
    if here in ("core", "cli", "service", "api") and top in HEAVY:
        return "the base and serve installs hold no training library"
    if here != "service" and top in SERVING:
        return "only the service knows the server"
    return ""


ALL = dict(modules())


@pytest.mark.parametrize("name", ALL)
def test_a_module_imports_only_what_its_room_may(name: str) -> None:
    path = ALL[name]
    source = path.read_text(encoding="utf-8")
    found = imports(name, source, is_package=path.name == "__init__.py")
    wrong = {target: why for target in found if (why := forbidden(name, target))}
    assert not wrong


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("burnish.training.loop.loop", "from burnish.export import export_run"),
        ("burnish.training.loop.loop", "from ...service import app"),
        ("burnish.service.app", "def f():\n    import torch"),
        ("burnish.runtime.model", "from transformers import AutoModel"),
        ("burnish.runtime.model", "from burnish.torch_models import build"),
        ("burnish.tasks.qa", "from burnish.training import train"),
        ("burnish.cli.train", "import training"),
        ("burnish.torch_models.merging", "import bentoml"),
        ("burnish.export.pipeline", "from burnish.api import train"),
        ("burnish.api", "import torch"),
    ],
)
def test_the_rule_sees_a_forbidden_import(name: str, source: str) -> None:
    assert any(forbidden(name, target) for target in imports(name, source))


def test_the_listed_packages_are_the_folders() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {
        name if path.name == "__init__.py" else name.rpartition(".")[0] for name, path in modules()
    }
    assert set(listed) == folders | {"burnish.data.samples"}
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("command", ["import burnish.cli", "import burnish.runtime, burnish.data"])
def test_the_core_runs_without_importing_a_training_library(command: str) -> None:
    code = f"{command}; import sys; print(*sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not (HEAVY | SERVING) & set(done.stdout.split())


def loaded() -> Iterator[ModuleType]:
    for name in ALL:
        if name != "burnish.__main__":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # bentoml's import uses what pydantic deprecates
                module = importlib.import_module(name)
            yield module


def test_dunder_all_is_sorted_and_true() -> None:
    for module in loaded():
        names = getattr(module, "__all__", [])
        missing = [name for name in names if not hasattr(module, name)]
        assert not missing, f"{module.__name__} has no {missing}"


def test_every_public_name_has_a_docstring() -> None:
    bare = [name for module in loaded() for name in _undocumented(module)]
    assert not bare


def _undocumented(module: ModuleType) -> Iterator[str]:
    if not module.__doc__:
        yield module.__name__
    for name in getattr(module, "__all__", []):
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        if not inspect.getdoc(value):
            yield f"{module.__name__}.{name}"


def test_the_walk_finds_the_whole_package() -> None:
    import burnish

    found = {m.name for m in pkgutil.walk_packages(burnish.__path__, "burnish.")}
    assert found <= set(ALL)
    assert len(ALL) > 60


def _graph() -> dict[str, set[str]]:
    """By module, what of the package it imports."""
    found: dict[str, set[str]] = {}
    for name, path in ALL.items():
        targets = imports(
            name, path.read_text(encoding="utf-8"), is_package=path.name == "__init__.py"
        )
        known = (t if t in ALL else t.rpartition(".")[0] for t in targets)
        found[name] = {target for target in known if target in ALL}
    return found


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += graph[name]
    return found


def test_no_module_imports_itself_through_others() -> None:
    # The root hands out the public functions, which import what they need when they are called.
    graph = {name: targets - {"burnish"} for name, targets in _graph().items()}
    assert [name for name in graph if name in _reached(graph, name)] == []


def test_the_sub_rooms_of_training_form_no_circle() -> None:
    rooms: dict[str, set[str]] = {}
    for name, targets in _graph().items():
        here = name.split(".")
        if here[:2] == ["burnish", "training"] and len(here) > 2:
            theirs = (t.split(".") for t in targets)
            rooms.setdefault(here[2], set()).update(
                t[2] for t in theirs if t[:2] == here[:2] and len(t) > 2 and t[2] != here[2]
            )
    assert [room for room in rooms if room in _reached(rooms, room)] == []


def test_a_newcomer_sees_training_at_a_glance() -> None:
    entries = [e.name for e in (ROOT / "training").iterdir() if not e.name.startswith("__pyc")]
    assert len(entries) <= 12


PROGRAMS = ("benchmarks", "qualification", "release")
FOLDERS_OF_CODE = ("burnish", *FOLDERS, "tests", *PROGRAMS, "docs", "examples")
MOST_LINES = 350
"""A file that is longer holds more than one concept."""


def too_long(root: Path) -> dict[str, int]:
    """Lines of every Python file that has too many, tests and programs included."""
    found = {}
    for path in (path for folder in FOLDERS_OF_CODE for path in (root / folder).rglob("*.py")):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES:
            found[path.relative_to(root).as_posix()] = lines
    return found


def test_no_python_file_has_more_than_350_lines() -> None:
    assert too_long(ROOT) == {}


@pytest.mark.parametrize("folder", ["service", "tests", "qualification"])
def test_a_file_of_351_lines_is_found(tmp_path: Path, folder: str) -> None:
    for name, lines in (("most", MOST_LINES), ("more", MOST_LINES + 1)):
        path = tmp_path / folder / "part" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("pass\n" * lines)
    assert too_long(tmp_path) == {f"{folder}/part/more.py": 351}


_METHODS = {"full", "lora", "adapters", "prefix", "ia3", "head", "setfit"}


@pytest.mark.parametrize(
    "name", [n for n in ALL if room(n) in FOLDERS and not n.startswith("burnish.training.methods.")]
)
def test_no_room_asks_which_tuning_method_it_is(name: str) -> None:
    for node in ast.walk(ast.parse(ALL[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare) and "method" in ast.unparse(node.left):
            sides = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
            assert not sides & _METHODS, ast.unparse(node)
