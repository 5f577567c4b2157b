"""The commands of the whole line, on a tiny base model: train, evaluate, export, predict, demo."""

from __future__ import annotations

import csv
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from burnish.cli import demo_models
from burnish.cli.command import command_parser, load_command
from burnish.cli.demo_models import DemoModel
from burnish.cli.extras import needs_extra
from burnish.cli.served import served
from burnish.errors import BurnishError, MissingExtraError
from burnish.lock import owned, training_place

RECIPE = """\
task: classification
base_model: {base}
data: {{train: tickets.csv, validation: 0.3, test: 0.2}}
train: {{epochs: 2, max_length: 32, stride: 8, threads: 1, seeds: 1, learning_rate: 1e-3}}
output: run
"""
DEMO_RECIPE = """\
task: classification
base_model: BASE
data: {{train: {data}, validation: 0.2}}
train: {{epochs: 1, max_length: 64, stride: 8, threads: 1, seeds: 1}}
output: {runs}/tickets
"""
WORDS = {"money": ("refund", "invoice", "charge"), "access": ("password", "login", "account")}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with rows and a recipe."""
    folder = tmp_path_factory.mktemp("work")
    pytest.importorskip("torch")
    from tests.tiny import tiny_base

    base = tiny_base(folder / "base", checkpoint="mlm", pooling="mean")
    with (folder / "tickets.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label", "site"])
        for i in range(60):
            label = ("money", "access")[i % 2]
            writer.writerow([f"my {WORDS[label][i % 3]} is late {i}", label, "ab"[i % 4 > 1]])
    (folder / "recipe.yaml").write_text(RECIPE.format(base=base))
    return folder


@pytest.fixture(scope="module")
def trained(work: Path) -> Path:
    from burnish.cli import main

    assert main(["train", str(work / "recipe.yaml")]) == 0
    return work / "run"


@pytest.fixture(scope="module")
def exported(work: Path, trained: Path) -> Path:
    from burnish.cli import main

    words = ["export", str(trained), "-o", str(work / "bundles" / "tickets")]
    assert main([*words, "--precision", "fp32"]) == 0
    return work / "bundles" / "tickets"


def test_train_prints_scores_and_where_the_run_lies(shell, work: Path) -> None:
    done = shell("train", work / "recipe.yaml", f"output={work / 'other'}", "train.epochs=1")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split("  ")[0] == "metric"
    assert "validation (18 rows)" in lines[0]
    assert "validation, TF-IDF (18 rows)" in lines[0]
    assert lines[-1] == f"run: {work / 'other'}"
    assert f"next: burnish export {work / 'other'} -o BUNDLE" in done.notes


def test_train_tells_what_the_seeds_came_to(shell, work: Path) -> None:
    words = (f"output={work / 'seeds'}", "train.epochs=1", "train.seeds=2")
    done = shell("train", work / "recipe.yaml", *words)
    lines = [line.split() for line in done.out.splitlines()]
    head = lines.index(["seed", "validation", "accuracy", "test", "accuracy"])
    assert [line[0] for line in lines[head + 1 : head + 3]] == ["13", "14"]
    assert sum("(kept)" in line for line in lines) == 1
    assert any(
        line.startswith(("test: mean 0.", "test: mean 1.")) for line in done.out.splitlines()
    )
    assert "the seeds disagree on" in done.out


def test_a_second_training_is_told_whose_the_place_is(shell, work: Path) -> None:
    with owned(training_place(work / "twice")):
        done = shell("train", work / "recipe.yaml", f"output={work / 'twice'}")
    assert (done.code, done.out) == (1, "")
    assert f"belongs to another training: process {os.getpid()} on " in done.notes


def test_train_leaves_an_old_run_alone_unless_told(shell, work: Path, trained: Path) -> None:
    refused = shell("train", work / "recipe.yaml")
    assert refused.code == 2
    assert "use --replace" in refused.notes
    words = ("train.epochs=1", f"output={work / 'again'}")
    assert shell("train", work / "recipe.yaml", *words).code == 0
    assert shell("train", work / "recipe.yaml", "--replace", *words).code == 0


def test_train_with_json_is_one_document(shell, work: Path, trained: Path) -> None:
    words = ("--json", "train.epochs=1", f"output={work / 'json'}")
    document = shell("train", work / "recipe.yaml", *words).document
    assert document["run"] == str(work / "json")
    assert set(document["metrics"]) == {"validation", "test"}
    assert set(document["metrics"]["test"]) == {"accuracy", "macro_f1", "micro_f1"}
    low, high = document["intervals"]["test"]["accuracy"]
    assert low <= document["metrics"]["test"]["accuracy"] <= high
    assert set(document["baseline"]) == {"validation", "test"}
    assert [run["seed"] for run in document["seeds"]["runs"]] == [13]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.epoch=3", "train -> epoch: unknown key; did you mean epochs?"),
        ("nonsense", "'nonsense' is not of the form key=value"),
        ("method=magic", "magic"),
    ],
)
def test_a_wrong_recipe_exits_2(shell, work: Path, override: str, message: str) -> None:
    done = shell("train", work / "recipe.yaml", override, f"output={work / 'never'}")
    assert (done.code, done.out) == (2, "")
    assert message in done.notes


def test_no_validation_rows_no_training(shell, work: Path) -> None:
    words = ("data.validation=null", f"output={work / 'never'}")
    done = shell("train", work / "recipe.yaml", *words)
    assert done.code == 1
    assert "there is no validation set" in done.notes
    assert not (work / "never").exists()


def test_run_and_bundle_score_the_same_rows_alike(shell, work, trained: Path, exported) -> None:
    asked = (work / "tickets.csv", "--subgroup", "site", "--json")
    of_run = shell("evaluate", trained, *asked).document
    of_bundle = shell("evaluate", exported, *asked).document
    assert of_run == {name: of_bundle[name] for name in of_run}
    assert of_run["rows"] == 60
    (report,) = of_run["subgroups"]
    assert {each["name"]: each["rows"] for each in report["subgroups"]} == {"a": 30, "b": 30}


def test_export_prints_the_gates(shell, work: Path, trained: Path) -> None:
    output = work / "gates"
    done = shell("export", trained, "-o", output, "--precision", "fp32")
    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0].split() == ["gate", "value", "limit", "meaning"]
    (onnx,) = [line.split() for line in lines if line.startswith("onnx_equals_torch")]
    assert onnx[2:5] == ["<=", "0.001", "passed"]
    assert lines[-1].startswith("fp32, ")
    assert lines[-1].endswith(str(output))


def test_export_with_json_is_one_document(shell, work: Path, trained: Path) -> None:
    words = ("--precision", "fp32", "--json")
    document = shell("export", trained, "-o", work / "document", *words).document
    assert document["bundle"] == str(work / "document")
    assert document["precision"] == "fp32"
    assert {"name", "value", "threshold", "passed"} <= set(document["gates"][0])


def test_a_gate_that_fails_exits_1_and_leaves_no_bundle(shell, work: Path, trained: Path) -> None:
    words = ("--precision", "int8", "--speedup", "1e9")
    done = shell("export", trained, "-o", work / "refused", *words)
    assert done.code == 1
    assert done.out == ""
    assert not (work / "refused").exists()


def test_the_gates_options_are_the_budgets_and_name_their_defaults() -> None:
    from burnish.cli.export import _BUDGETS
    from burnish.export import Budgets

    counted = {"metric_loss": "0.5, or one answer", "agreement": "0.98, or all but one"}
    assert list(_BUDGETS) == [field.name for field in fields(Budgets)]
    for name, (_, _, text) in _BUDGETS.items():
        default = getattr(Budgets(), name) if name not in counted else counted[name]
        assert text.endswith("(no limit)" if default is None else f"({default})")


def test_a_server_answers_while_its_block_runs(exported: Path) -> None:
    with served([exported]) as client:
        reply = client.ask("/classify", {"inputs": "my refund is late"})
        assert client.url.startswith("http://127.0.0.1:")
    assert {each["label"] for each in reply} == {"money", "access"}


def test_a_server_that_cannot_start_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(BurnishError, match="neither a bundle"), served([tmp_path]):
        pass


def test_the_demo_does_the_whole_line(shell, work: Path, trained, monkeypatch) -> None:
    recipe = DEMO_RECIPE.replace("BASE", str(work / "base"))
    model = DemoModel("tickets", "sort", recipe, "/classify", "my parcel is late", "fp32")
    monkeypatch.setattr("burnish.cli.demo.DEMO_MODELS", (model,))
    done = shell("demo", "--directory", work / "demo", "--json")
    assert done.code == 0
    (answer,) = done.document["answers"]
    assert answer["request"] == {"inputs": "my parcel is late"}
    assert len(answer["reply"]) == 5
    assert (work / "demo" / "tickets.yaml").exists()


@pytest.mark.parametrize("model", demo_models.DEMO_MODELS, ids=lambda model: model.name)
def test_every_demo_recipe_is_one(model: DemoModel, tmp_path: Path) -> None:
    from burnish.recipe.recipe import load_recipe

    file = tmp_path / "recipe.yaml"
    model.write_recipe(file, data=tmp_path / "rows.csv", runs=tmp_path / "runs")
    assert load_recipe(file).output == tmp_path / "runs" / model.name


@pytest.mark.parametrize("extra", ["train", "serve"])
def test_a_missing_package_is_told_with_its_extra(extra) -> None:
    with pytest.raises(MissingExtraError) as caught, needs_extra(extra):
        raise ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")
    assert str(caught.value) == (
        f"this needs the package 'torch', which is not installed\n  pip install 'burnish[{extra}]'"
    )


def test_serve_and_package_are_run_as_they_are_told(shell, exported: Path, monkeypatch) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(
        "burnish.service.server.serve",
        lambda settings, **options: told.update(options, settings=settings),
    )
    key = exported.parent.parent / "key.txt"
    key.write_text("a-key-of-many-characters\n")
    done = shell("serve", exported, "--port", 0, "--api-key-file", key, "--allowed-host", "a.org")
    assert (done.code, done.out) == (0, "")
    assert told["settings"].api_key == "a-key-of-many-characters"
    assert told["settings"].allowed_hosts == ("a.org",)
    assert told["settings"].bundles == (exported,)
    assert told["tls"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--tls-key", "key.pem"], "--tls-certificate and --tls-key go together"),
        (["--host", "0.0.0.0"], "needs keys and TLS"),
        (["--api-key-file", os.devnull], "holds no key"),
    ],
)
def test_serve_refuses_what_makes_no_sense(shell, exported: Path, words, message: str) -> None:
    done = shell("serve", exported, *words)
    assert done.code == 2
    assert message in done.notes


def test_serve_names_the_file_that_is_wrong(shell, exported: Path, tmp_path: Path) -> None:
    binary, missing = tmp_path / "binary", tmp_path / "missing"
    binary.write_bytes(b"\xff\xfe\x00")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_text("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")
    key.write_text("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n")

    def pair(a: Path, b: Path) -> tuple[object, ...]:
        return ("--tls-certificate", a, "--tls-key", b)

    for words, message in [
        (("--api-key-file", binary), f"{binary} is not a text"),
        (("--api-key-file", missing), f"{missing}: No such file"),
        (("--api-key-file", tmp_path), f"{tmp_path}: Is a directory"),
        (pair(missing, key), f"{missing}: No such file"),
        (pair(binary, key), f"{binary} holds no PEM certificate"),
        (pair(certificate, binary), f"{binary} holds no PEM key"),
        (pair(certificate, tmp_path), f"{tmp_path}: Is a directory"),
        (pair(certificate, key), f"{certificate} and {key} do not fit together"),
    ]:
        done = shell("serve", exported, *words)
        assert (done.code, done.out) == (2, "")
        assert done.notes.startswith(f"error: {message}")
        assert done.notes.count("\n") == 2, "a fix"


def test_serve_has_no_json() -> None:
    parser = command_parser("serve", load_command("serve"))
    assert parser.parse_args(["b"]).json is False
    assert "--json" not in parser.format_help()
