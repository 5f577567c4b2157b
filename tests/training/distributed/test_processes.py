"""Several processes train one model: gloo on this machine, forked or started by torchrun."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from burnish.errors import BurnishError
from burnish.recipe.recipe import Recipe, write_recipe
from burnish.run import Run, read_run
from burnish.training import train
from burnish.training.distributed.processes import add_gradients

KINDS = ("one", "several", "extraction", "qa")
_WITHOUT_GRADIENT = ("key.bias", "qa_outputs.bias", "layer.1.output.LayerNorm.bias")
"""A softmax ignores what is added to all positions, the last two of question answering's: AdamW
makes whole steps of the rounding errors."""
LORA = {"r": 4, "alpha": 8, "dropout": 0}


@pytest.fixture(scope="module")
def bert_without_dropout(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("bases") / "bert"
    shutil.copytree(bert, copy)
    config = json.loads((copy / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (copy / "config.json").write_text(json.dumps(config))
    return copy


def together(count: int, target: Callable[[], object]) -> list[int | None]:
    """Fork processes that meet over a free port; their exit codes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def begin(rank: int) -> None:
        os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "RANK": str(rank)}
        os.environ |= {"WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count)}
        target()

    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=begin, args=(rank,)) for rank in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


@pytest.fixture
def last_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run holds its last weights, not those of its best epoch, which may be the start."""
    monkeypatch.setattr("burnish.training.loop.history.Watcher.restore_best", lambda _: None)


def alone_and_together(recipe: Recipe, tmp_path: Path, *, count: int = 2) -> tuple[Run, Run]:
    """The runs of one process, and of several."""
    alone = train(recipe)
    shared = recipe.model_copy(update={"output": tmp_path / "together"})
    assert together(count, lambda: train(shared)) == [0] * count
    return alone, read_run(tmp_path / "together")


def weights(run: Run) -> dict[str, torch.Tensor]:
    return {
        f"{path.name}:{name}": tensor
        for path in sorted((run.path / "model").rglob("*.safetensors"))
        for name, tensor in load_file(path).items()
    }


def largest_difference(one: Run, other: Run) -> float:
    left, right = weights(one), weights(other)
    assert left.keys() == right.keys()
    return max(
        float((left[name] - right[name]).abs().max())
        for name in left
        if not name.endswith(_WITHOUT_GRADIENT)
    )


def losses(run: Run) -> list[float]:
    """Of every step."""
    lines = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if "step" in line]


@pytest.mark.parametrize("method", ["full", "lora"])
@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_equal_one_with_twice_the_batch(
    make_recipe, bert_without_dropout, last_weights, tmp_path, kind, method
) -> None:
    settings = {"batch_size": 8, "warmup_ratio": 0, "gradient_accumulation": 2}
    recipe = make_recipe(
        kind, method=method, train=settings, lora=LORA, base_model=str(bert_without_dropout)
    )
    alone, shared = alone_and_together(recipe, tmp_path)

    assert largest_difference(alone, shared) < 1e-5
    assert losses(shared) == pytest.approx(losses(alone), abs=1e-5)
    for part in ("validation", "test"):
        assert shared.metrics[part]["metrics"] == alone.metrics[part]["metrics"]
    assert shared.record.training.processes == 2
    assert shared.record.training.steps == alone.record.training.steps


def test_class_weights_are_those_of_the_whole_batch(
    make_recipe, bert_without_dropout, last_weights, tmp_path
) -> None:
    settings = {"batch_size": 6, "class_weights": "balanced", "epochs": 1}
    recipe = make_recipe("one", train=settings, base_model=str(bert_without_dropout))
    alone, shared = alone_and_together(recipe, tmp_path, count=3)

    assert largest_difference(alone, shared) < 1e-5


def test_a_share_may_be_empty(
    make_recipe, files, bert_without_dropout, last_weights, tmp_path
) -> None:
    """33 rows in batches of 4: the last has one row, and one process has none of it."""
    rows = files["extraction"].read_text().splitlines()
    few, held_out = tmp_path / "few.jsonl", tmp_path / "held_out.jsonl"
    few.write_text("\n".join(rows[:33]))
    held_out.write_text("\n".join(rows[33:]))
    recipe = make_recipe(
        "extraction",
        data={"train": str(few), "validation": str(held_out), "test": None},
        train={"batch_size": 4, "epochs": 1},
        base_model=str(bert_without_dropout),
    )
    alone, shared = alone_and_together(recipe, tmp_path)

    assert alone.record.training.steps == 9
    assert largest_difference(alone, shared) < 1e-5


def test_each_process_draws_its_own_dropout(make_recipe, last_weights, tmp_path) -> None:
    alone, shared = alone_and_together(make_recipe("extraction"), tmp_path)

    assert largest_difference(alone, shared) > 1e-5


def test_the_first_process_alone_speaks_and_writes(make_recipe, tmp_path, capfd) -> None:
    recipe = make_recipe("one", train={"epochs": 1})
    told = tmp_path / "told"

    def note(line: str) -> None:
        with told.open("a") as file:
            file.write(line + "\n")

    assert together(2, lambda: train(recipe, notify=note)) == [0, 0]
    lines = told.read_text().splitlines()
    assert len(lines) == len(set(lines))
    assert capfd.readouterr() == ("", "")
    assert {path.name for path in tmp_path.iterdir()} == {"run", "told"}


@pytest.mark.parametrize(
    ("train_keys", "words"),
    [
        ({"batch_size": 7}, "batch_size: 7 cannot be divided equally between 2 processes"),
        ({"learning_rate": 1e30, "head_learning_rate": 1e30}, "diverged"),
    ],
)
def test_what_goes_wrong_is_said_once_and_ends_all(
    make_recipe, tmp_path, train_keys, words
) -> None:
    recipe = make_recipe("extraction", train=train_keys)
    said = tmp_path / "said"

    def begin() -> None:
        try:
            train(recipe)
        except BurnishError as error:
            with said.open("a") as file:
                file.write(f"{error.message}\n")
            sys.exit(error.exit_code)

    codes = together(2, begin)
    assert set(codes) <= {1, 2}
    (line,) = said.read_text().splitlines()
    assert words in line
    assert {path.name for path in tmp_path.iterdir()} == {"said"}


def test_a_failure_of_the_second_process_ends_the_first(make_recipe, tmp_path, monkeypatch) -> None:
    recipe, said = make_recipe("extraction"), tmp_path / "said"

    def fail(_: Any) -> None:
        if os.environ["RANK"] == "1":
            raise MemoryError("no memory is left")
        add_gradients(_)

    monkeypatch.setattr("burnish.training.loop.loop.add_gradients", fail)

    def begin() -> None:
        try:
            train(recipe)
        except (MemoryError, RuntimeError) as error:
            with said.open("a") as file:
                file.write(f"{os.environ['RANK']} {error}\n")
            sys.exit(1)

    assert together(2, begin) == [1, 1]
    assert said.read_text() == "1 no memory is left\n"
    assert {path.name for path in tmp_path.iterdir()} == {"said"}


@pytest.mark.slow
def test_torchrun_starts_the_command_line(make_recipe, tmp_path) -> None:
    gates = {"learned": {"severity": "record", "reason": "a tiny model learns little"}}
    recipe = make_recipe("extraction", train={"epochs": 1}, gates=gates)
    write_recipe(recipe, tmp_path / "recipe.yaml")
    launcher = ["torch.distributed.run", "--nproc-per-node", "2", "-m", "burnish"]
    done = subprocess.run(
        [sys.executable, "-m", *launcher, "train", str(tmp_path / "recipe.yaml"), "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert read_run(Path(document["run"])).record.training.processes == 2
    told = [line for line in done.stderr.splitlines() if line.startswith("epoch 1: validation")]
    assert len([line for line in told if "train" in line]) == 1  # by the first process alone
