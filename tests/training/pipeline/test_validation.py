"""Every refusal of a recipe comes before a row is read, in whatever command reads it."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from burnish.cli import main
from burnish.errors import BurnishError, ConfigError, MissingExtraError
from burnish.recipe.recipe import Recipe, load_recipe, parse_recipe
from burnish.training import train
from burnish.training.methods import METHODS
from burnish.training.pipeline import ray, reproduction
from burnish.training.pipeline.learning_rate import find_rate
from burnish.training.pipeline.validation import validate_recipe
from tests.tiny import tiny_base

ROOT = Path(__file__).parents[3]
LABELS = ("classification", "pairs")

BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "method": ("classification", {"method": "lore"}, "'lore' is not a tuning method"),
    "regularization of setfit": (
        "classification",
        {"method": "setfit", "train": {"regularization": "l2"}},
        "regularization: l2 is for other methods",
    ),
    "mixout": ("classification", {"train": {"regularization": "mixout"}}, "mixout was removed"),
    "class weights": (
        "extraction",
        {"train": {"class_weights": "balanced"}},
        "class_weights: balanced is for classification and pairs alone",
    ),
    "out of scope": (
        "qa",
        {"data": {"out_of_scope": "other"}},
        "out_of_scope: other is for classification, pairs and taxonomy alone",
    ),
    "reject": ("classification", {"abstain": {"reject": 0.5}}, "abstain -> reject: 0.5"),
    "synthetic questions": (
        "classification",
        {"train": {"synthetic_questions": 2}},
        "2 questions per row are for qa alone",
    ),
    "language": ("classification", {"bias": {"language": "ha"}}, "no list of terms for 'ha'"),
    "terms": ("classification", {"bias": {"terms": "none.yaml"}}, "bias -> terms: cannot read"),
    "tracking directory": (
        "classification",
        {"train": {"tracking_dir": "curves"}},
        "tracking_dir: needs a tracker",
    ),
    "tracker": ("classification", {"train": {"tracker": "mlflow"}}, "the package 'mlflow'"),
    "subgroups": ("classification", {"data": {"subgroups": "age"}}, "the package 'fairlearn'"),
    "device": ("classification", {"train": {"device": "cuda"}}, "PyTorch finds no GPU"),
    "shares": (
        "classification",
        {"data": {"validation": 0.5, "test": 0.5}},
        "validation and test would take all rows",
    ),
    "base": ("classification", {"base_model": "./nowhere"}, "'./nowhere' is not a directory"),
    "family": ("qa", {"base_model": "big_bird"}, "cannot export for qa"),
    "window": ("classification", {"train": {"max_length": 8000}}, "reads at most"),
    "stride": ("classification", {"train": {"stride": 500}}, "stride: 500 is more than half"),
    "method of the task": (
        "extraction",
        {"method": "setfit"},
        "method: setfit cannot tune this bert model for extraction",
    ),
    "method of the base": (
        "classification",
        {"method": "prefix", "base_model": "rembert"},
        "method: prefix cannot tune this rembert model",
    ),
    "adalora": (
        "classification",
        {"method": "lora", "lora": {"variant": "adalora"}, "train": {"freeze": 1}},
        "adalora weighs the ranks of every layer",
    ),
    "prefix": (
        "classification",
        {"method": "prefix", "prefix": {"length": 8000}},
        "behind a prefix of 8000",
    ),
    "freeze": ("classification", {"train": {"freeze": 3}}, "freeze: 3 layers, and the encoder has"),
    "freeze with setfit": (
        "classification",
        {"method": "setfit", "train": {"freeze": 2}},
        "2 layers are all that method: setfit can tune",
    ),
    "freeze of unknown layers": (
        "classification",
        {"base_model": "big_bird", "train": {"freeze": 1}},
        "the order of the layers of a 'big_bird' model is not known",
    ),
    "decay over unknown layers": (
        "extraction",
        {"base_model": "big_bird", "train": {"layer_decay": 1.2}},
        "the order of the layers of a 'big_bird' model is not known",
    ),
    "unfreezing of unknown layers": (
        "classification",
        {"base_model": "big_bird", "train": {"gradual_unfreezing": True}},
        "the order of this encoder's layers is not known",
    ),
}
"""By what is wrong: the task, the keys, and what the refusal says. No data file exists."""
WITHOUT_LIBRARY = (
    *("mixout", "class weights", "out of scope", "reject", "language", "terms", "shares"),
)
"""Those that are known without torch."""


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory, bert: Path) -> dict[str, str]:
    directory = tmp_path_factory.mktemp("bases")
    made = {name: str(tiny_base(directory / name, name)) for name in ("rembert", "big_bird")}
    return {"bert": str(bert), **made}


@pytest.fixture
def write(tmp_path: Path, bases, monkeypatch) -> Callable[[str], Path]:
    """A bad recipe's file; neither an optional package nor a GPU is there."""
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.setattr("burnish.training.evaluation.subgroups.find_spec", lambda _: None)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)

    def make(what: str) -> Path:
        task, keys, _ = BAD[what]
        base = keys.get("base_model", "bert")
        document = {
            "task": task,
            "output": str(tmp_path / "run"),
            **keys,
            "base_model": bases.get(base, base),
            "data": {"train": "nowhere.csv", "validation": 0.2, **keys.get("data", {})},
        }
        path = tmp_path / "recipe.yaml"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    return make


def _refused_by(act: Callable[[], object]) -> str:
    with pytest.raises(BurnishError) as caught:
        act()
    return caught.value.message


@pytest.mark.parametrize("what", BAD)
def test_a_bad_recipe_is_refused_before_its_files_are_looked_for(what, write, tmp_path) -> None:
    recipe = load_recipe(write(what))
    assert BAD[what][2] in _refused_by(lambda: train(recipe))
    if METHODS.get(recipe.method, METHODS["full"]).stage is None:
        assert BAD[what][2] in _refused_by(lambda: find_rate(recipe))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("what", BAD)
def test_check_refuses_it_too(what, write, capsys) -> None:
    assert main(["check", "--recipe", str(write(what))]) in (1, 2)
    assert BAD[what][2] in capsys.readouterr().err


@pytest.mark.parametrize("what", BAD)
def test_a_quick_check_refuses_what_needs_no_library(what, write, capsys) -> None:
    assert main(["check", "--recipe", str(write(what)), "--quick"]) in (1, 2)
    said = capsys.readouterr().err
    assert (BAD[what][2] in said) is (what in WITHOUT_LIBRARY)
    assert ("nowhere.csv: there is no such file" in said) is (what not in WITHOUT_LIBRARY)


def test_a_good_recipe_is_refused_for_its_file(write, capsys) -> None:
    BAD["nothing"] = ("classification", {}, "nowhere.csv: there is no such file")
    try:
        path = write("nothing")
    finally:
        words = BAD.pop("nothing")[2]
    assert words in _refused_by(lambda: train(load_recipe(path)))
    assert main(["check", "--recipe", str(path)]) == 1
    assert words in capsys.readouterr().err


def test_no_validation_rows_are_refused_before_the_others_are_read(write) -> None:
    recipe = load_recipe(write("shares"), ["data.validation=null", "data.test=null"])
    assert "there is no validation set" in _refused_by(lambda: train(recipe))


@pytest.mark.parametrize("given", ["validation", "test"])
def test_a_data_set_takes_the_place_of_a_share(write, given) -> None:
    validate_recipe(load_recipe(write("shares")), given=("train", given))


def test_a_method_without_a_range_test_is_refused_before_a_row_is_read(write) -> None:
    recipe = load_recipe(write("shares"), ["data.test=null", "method=setfit"])
    assert "setfit has no range test" in _refused_by(lambda: find_rate(recipe))


def test_what_processes_cannot_share_is_refused_before_a_row_is_read(write, monkeypatch) -> None:
    recipe = load_recipe(write("shares"), ["data.test=null"])
    sized = recipe.train.model_copy(update={"batch_size": 7})
    monkeypatch.setattr("burnish.training.distributed.processes.process_count", lambda: 2)
    validate_recipe(recipe)
    with pytest.raises(ConfigError, match="batch_size: 7 cannot be divided equally between 2"):
        validate_recipe(recipe.model_copy(update={"train": sized}))
    with pytest.raises(ConfigError, match="setfit trains in one process, and 2 were started"):
        validate_recipe(recipe.model_copy(update={"method": "setfit"}))


def test_a_worker_of_ray_refuses_it_too(write, tmp_path) -> None:
    recipe = load_recipe(write("mixout"))
    config = {"recipe": recipe.model_dump(mode="json"), "shared": str(tmp_path)}
    assert "mixout was removed" in _refused_by(lambda: ray._work(config))
    assert "mixout was removed" in (tmp_path / "error.json").read_text(encoding="utf-8")


def test_a_reproduction_refuses_it_too(write) -> None:
    class Old:
        recipe = load_recipe(write("mixout"))
        path = Path("run")
        record = SimpleNamespace(adopted=None)

    again = reproduction.reproduce_run
    assert "mixout was removed" in _refused_by(lambda: again(Old()))  # type: ignore[arg-type]


def test_a_package_that_is_missing_is_named_with_its_extra(write) -> None:
    with pytest.raises(MissingExtraError) as caught:
        train(load_recipe(write("tracker")))
    assert caught.value.hint == "pip install 'burnish[mlflow]'"


def test_one_place_calls_the_checks() -> None:
    """A check that another module called would be one that a command can forget."""
    checks = {
        *("check_cell", "check_fairlearn", "check_layers", "check_shares", "check_task"),
        *("check_tracker", "check_window", "check_base", "check_recipe", "check_rows"),
        "validate_keys",
    }
    called: dict[str, set[str]] = {}
    for path in (ROOT / "training").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in checks:
                    called.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    own = "training/pipeline/validation.py"
    # The diagnosis is of rows, and has no recipe.
    expected = {name: {own} for name in checks}
    expected["check_task"].add("training/pipeline/diagnosis.py")
    for name in ("check_task", "check_fairlearn", "validate_keys"):  # of an adoption, all there is
        expected[name].add("training/pipeline/adopt/pipeline.py")
    assert called == expected


def _recipe(task: str, *, data: dict[str, str] | None = None, **settings: object) -> Recipe:
    document = {"task": task, "output": "run", "train": settings}
    return parse_recipe({**document, "data": {"train": "rows.csv", **(data or {})}})


def test_what_a_task_can_have_passes() -> None:
    for task in LABELS:
        data = {"out_of_scope": "other"}
        validate_recipe(_recipe(task, data=data, class_weights="balanced"))
    validate_recipe(_recipe("qa", synthetic_questions=2))
