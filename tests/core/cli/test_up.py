"""`burnish up`, and `burnish train` with a file of rows, on a tiny base model."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
import yaml

from burnish.bundle import read_bundle
from burnish.cli import serve
from burnish.cli.terminal import Terminal

WORDS = {"money": ("refund", "invoice", "charge"), "access": ("password", "login", "account")}
SMALL = ["train.epochs=1", "train.max_length=32", "train.stride=8", "train.threads=1"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    from tests.tiny import tiny_base

    return tiny_base(tmp_path_factory.mktemp("up") / "base", checkpoint="mlm", pooling="mean")


@pytest.fixture
def keys(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Overrides for a small training; the working directory is an empty one."""
    monkeypatch.chdir(tmp_path)
    return [f"base_model={base}", "train.seeds=1", *SMALL]


def write_rows(path: Path, *, rows: int = 60) -> Path:
    lines = ["Body,Team"]
    for i in range(rows):
        label = ("money", "access")[i % 2]
        lines.append(f"my {WORDS[label][i % 3]} is late {i},{label}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_file_becomes_a_bundle_that_is_served(shell, keys, tmp_path, monkeypatch) -> None:
    asked: list[argparse.Namespace] = []

    def take(arguments: argparse.Namespace, terminal: Terminal) -> int:
        del terminal
        asked.append(arguments)
        return 0

    monkeypatch.setattr(serve, "run", take)
    write_rows(tmp_path / "mails.csv")
    done = shell("up", "mails.csv", *keys, "--port", "8123")
    assert done.code == 0, done.notes
    steps = [line.split()[0] for line in done.out.splitlines() if not line.startswith(" ")]
    assert steps == ["check", "train", "export"]
    assert len(done.out.splitlines()) < 40, "one page"
    assert yaml.safe_load((tmp_path / "mails.yaml").read_text())["data"]["label"] == "Team"
    assert read_bundle(tmp_path / "bundles" / "mails").manifest.precision in ("fp32", "int8")
    assert ([Path("bundles/mails")], 8123) == (
        [path.relative_to(tmp_path) for path in asked[0].bundles],
        asked[0].port,
    )


def test_it_stops_at_a_gate_that_blocks_before_the_export(shell, keys, tmp_path) -> None:
    write_rows(tmp_path / "mails.csv")
    gate = "gates={training_rows: {threshold: 1000, severity: block}}"
    done = shell("up", "mails.csv", *keys, gate, "--no-serve")
    assert done.code == 1
    assert "gates.training_rows.reason" in done.out
    assert (tmp_path / "runs" / "mails").is_dir(), "the run is the evidence"
    assert not (tmp_path / "bundles").exists()


def test_it_stops_at_rows_that_training_would_refuse(shell, keys, tmp_path) -> None:
    file = write_rows(tmp_path / "mails.csv")
    file.write_text(file.read_text() + "a row without a label,\n")
    done = shell("up", "mails.csv", *keys)
    assert done.code == 1
    assert "no-label" in done.out
    assert "nothing has been trained" in done.out
    assert not (tmp_path / "runs").exists()


def test_train_writes_a_recipe_once_and_keeps_one_that_was_changed(shell, keys, tmp_path) -> None:
    write_rows(tmp_path / "mails.csv")
    done = shell("train", "mails.csv", *keys)
    assert done.code == 0, done.notes
    assert "wrote mails.yaml; change it there, and train again" in done.notes
    assert (tmp_path / "runs" / "mails" / "record.json").is_file()
    (tmp_path / "mails.yaml").write_text("task: classification\n")
    again = shell("train", "mails.csv", *keys)
    assert again.code == 2
    assert "burnish train" in again.notes
