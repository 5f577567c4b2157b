"""The public names at the root: complete, lazy, documented, and clear about a missing extra."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import burnish
from burnish.bundle import read_bundle
from burnish.errors import ConfigError, DataError, UsageError
from burnish.recipe.recipe import parse_recipe
from burnish.tasks import ClassificationTask
from tests.tiny_onnx import tiny_bundle

SOURCE = Path(burnish.__file__).read_text(encoding="utf-8")
FUNCTIONS = (
    *("adopt", "compare", "compare_bases", "distill", "evaluate", "export", "load"),
    *("load_recipe", "predict", "pretrain", "prune_vocabulary", "read_bundle", "read_rows"),
    *("read_run", "search", "train", "vocabulary"),
)
KEYS = "{'task': 'classification', 'data': {'train': 'a.csv'}, 'output': 'b'}"
ROWS = [
    {"text": "the invoice was charged to my card", "label": "billing"},
    {"text": "my parcel is late", "label": "delivery"},
]


def in_new_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def known_labels(bundle: Path) -> tuple[str, ...]:
    task = read_bundle(bundle).manifest.task
    assert isinstance(task, ClassificationTask)
    return task.labels


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture
def rows(tmp_path: Path, bundle: Path) -> Path:
    labels = known_labels(bundle)
    lines = [row | {"label": labels[index]} for index, row in enumerate(ROWS)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def test_importing_burnish_imports_no_library() -> None:
    code = "import burnish, sys; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = set(in_new_process(code).split())
    assert not loaded & {"numpy", "onnxruntime", "pydantic", "torch", "transformers", "yaml"}


def test_evaluating_and_loading_import_no_torch(bundle: Path, rows: Path) -> None:
    code = (
        "import burnish, sys\n"
        f"with burnish.load({str(bundle)!r}) as model: model.predict_one('hello')\n"
        f"burnish.evaluate({str(bundle)!r}, {str(rows)!r})\n"
        "print('torch' in sys.modules)"
    )
    assert in_new_process(code).strip() == "False"


def test_every_public_name_is_where_a_type_checker_sees_it() -> None:
    (block,) = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.If)]
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == burnish._HOMES
    assert set(burnish.__all__) == {*seen, "__version__"}


def test_dir_lists_what_has_not_been_imported() -> None:
    names = in_new_process("import burnish; print(*dir(burnish))").split()
    assert set(burnish.__all__) <= set(names)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'burnish' has no attribute 'answer'"):
        getattr(burnish, "answer")  # noqa: B009  a type checker knows that there is none


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_shows_its_arguments_errors_and_an_example(name: str) -> None:
    home = importlib.import_module(burnish._HOMES[name])
    text = inspect.getdoc(getattr(home, name)) or ""
    assert {"Args:", "Raises:", "Examples:"} <= set(text.splitlines())
    assert ">>> " in text


@pytest.mark.parametrize(
    "call",
    [
        f"burnish.train({KEYS})",
        "burnish.export('run', 'bundle')",
        "burnish.distill('run', 'small')",
        "burnish.pretrain('texts.txt', 'base')",
        "burnish.vocabulary('texts.txt')",
        "burnish.prune_vocabulary('minilm', 'texts.txt', 'base')",
        f"burnish.search({KEYS}, trials=1)",
        f"burnish.compare_bases({KEYS}, ['minilm', 'base'])",
    ],
)
def test_a_missing_extra_is_named_as_the_command_that_installs_it(call: str, tmp_path) -> None:
    code = (
        "import sys, os\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "sys.modules['torch'] = sys.modules['transformers'] = None\n"
        "import burnish\n"
        "try:\n"
        f"    {call}\n"
        "except burnish.BurnishError as error:\n"
        "    print(type(error).__name__, error.hint, sep='|')"
    )
    assert in_new_process(code).strip() == "MissingExtraError|pip install 'burnish[train]'"


def test_a_bundle_is_evaluated_by_its_path_or_as_an_object(bundle: Path, rows: Path) -> None:
    by_path = burnish.evaluate(bundle, rows)
    assert by_path.rows == 2
    task = read_bundle(bundle).manifest.task.task
    assert burnish.evaluate(read_bundle(bundle), burnish.read_rows(rows, task)) == by_path


def test_columns_name_what_a_file_calls_its_text(bundle: Path, tmp_path: Path) -> None:
    label = known_labels(bundle)[0]
    path = tmp_path / "rows.csv"
    path.write_text(f"body,label\nmy parcel is late,{label}\n", encoding="utf-8")
    with pytest.raises(DataError):
        burnish.evaluate(bundle, path)
    assert burnish.evaluate(bundle, path, columns=burnish.Columns(text="body")).rows == 1


def test_a_directory_that_is_neither_run_nor_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="neither a run"):
        burnish.evaluate(tmp_path, tmp_path / "rows.csv")


def test_a_bundle_object_is_loaded_as_its_directory(bundle: Path) -> None:
    with burnish.load(read_bundle(bundle), threads=1) as model:
        assert isinstance(model.predict_one("the invoice"), burnish.Classification)


def test_the_keys_of_a_recipe_in_python_are_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = {"task": "classification", "data": {"train": Path("rows.csv")}, "output": "runs/x"}
    recipe = parse_recipe(keys, overrides=["data.test=0.2"], directory=Path.cwd())
    assert recipe.data.train == tmp_path / "rows.csv"
    assert recipe.output == tmp_path / "runs" / "x"
    assert recipe.data.test == 0.2


def test_a_single_override_needs_no_list() -> None:
    keys = {"task": "classification", "data": {"train": "rows.csv"}, "output": "x"}
    assert parse_recipe(keys, overrides="method=lora").method == "lora"


def test_wrong_keys_in_python_are_named() -> None:
    with pytest.raises(ConfigError, match="did you mean epochs"):
        burnish.train({"task": "classification", "train": {"epoch": 3}})
