"""A training that is interrupted goes on, and ends with the bits of one that was not."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors import SafetensorError
from safetensors.torch import save_file

from burnish.data.sample_files import sample_path
from burnish.errors import RunError, StoppedError
from burnish.lock import owned, training_place
from burnish.training import train
from burnish.training.checkpointing.workdir import TrainingPlace
from tests.training.sameness import differing

EVERY_STEP = {"checkpoint_minutes": 0, "batch_size": 16}
"""Two epochs of 33 rows are 6 steps; questions are practised on in 9 steps before."""


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def undisturbed(make_recipe, tmp_path) -> Callable[..., Path]:
    """The same training without an interruption, elsewhere."""

    def run(kind: str, **keys) -> Path:
        return train(make_recipe(kind, **keys, output=str(tmp_path / "undisturbed"))).path

    return run


@pytest.mark.parametrize(
    ("kind", "method", "step"),
    [
        ("one", "lora", 1),
        ("one", "adalora", 4),
        ("several", "full", 3),
        ("extraction", "full", 4),
        ("qa", "lora", 5),
    ],
)
def test_a_stopped_training_goes_on_and_ends_with_the_same_bits(
    make_recipe, undisturbed, interrupt, told, kind, method, step
) -> None:
    keys = {"method": method, "train": EVERY_STEP}
    if method == "adalora":
        keys |= {"method": "lora", "lora": {"variant": "adalora"}}
    recipe = make_recipe(kind, **keys)
    interrupt(step)
    with pytest.raises(StoppedError, match=r"SIGTERM after step \d+ of") as caught:
        train(recipe)
    assert caught.value.exit_code == 143
    assert "same command" in caught.value.hint

    run = train(recipe, notify=told.append)

    assert any(line.startswith("resuming after step") for line in told)
    assert run.record.training.resumed == 1
    assert differing(run.path, undisturbed(kind, **keys)) == []
    assert not training_place(run.path).exists()


@pytest.mark.parametrize(
    ("step", "damaged", "stage"),
    [(1, False, "practice"), (10, False, "tuning"), (10, True, "practice")],
)
def test_practice_is_gone_on_with_and_not_done_twice(
    make_recipe, undisturbed, interrupt, told, tmp_path, step, damaged, stage
) -> None:
    rows = tmp_path / "handbook.jsonl"
    lines = sample_path("handbook").read_text(encoding="utf-8").splitlines()
    rows.write_text("\n".join(lines[:24]), encoding="utf-8")
    data = {"train": str(rows), "validation": 0.25, "test": None}
    settings = {
        **EVERY_STEP,
        "max_length": 128,
        "synthetic_questions": 2.0,
        "epochs": 1,
        "batch_size": 32,
    }
    recipe = make_recipe("qa", data=data, train=settings)
    interrupt(step)
    with pytest.raises(StoppedError):
        train(recipe)

    if damaged:
        for state in training_place(recipe.output).glob("seed-13/tuning/*/state.json"):
            state.write_text("{")

    run = train(recipe, notify=told.append)

    assert any(line.endswith(f"({stage})") for line in told)
    assert any(line.startswith("warming up on") for line in told) == (stage == "practice")
    assert differing(run.path, undisturbed("qa", data=data, train=settings)) == []


def test_one_that_is_stopped_again_and_again_ends_with_the_same_bits(
    make_recipe, undisturbed, interrupt
) -> None:
    recipe = make_recipe("extraction", train={"batch_size": 16})
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        interrupt(2, number)
        with pytest.raises(StoppedError) as caught:
            train(recipe)
        assert caught.value.exit_code == 128 + number
    interrupt(0)

    run = train(recipe)

    assert run.record.training.resumed == 3
    assert differing(run.path, undisturbed("extraction", train={"batch_size": 16})) == []


def test_a_signal_while_an_epoch_is_scored_loses_no_step(
    make_recipe, undisturbed, monkeypatch, told
) -> None:
    from burnish.training.loop import epoch_scores
    from burnish.training.pipeline import tuning

    score, asked = epoch_scores.score_epoch, iter(range(10))

    def scoring(*arguments, **options):
        if next(asked) == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return score(*arguments, **options)

    recipe = make_recipe("extraction", train={"batch_size": 16})
    monkeypatch.setattr(tuning, "score_epoch", scoring)
    with pytest.raises(StoppedError, match="after step 3 of 6"):
        train(recipe)

    run = train(recipe, notify=told.append)

    assert "resuming after step 3 of 6 (tuning)" in told
    assert differing(run.path, undisturbed("extraction", train={"batch_size": 16})) == []


def _stopped(recipe, interrupt, *, step: int = 5) -> Path:
    """A training that was stopped; its place."""
    interrupt(step)
    with pytest.raises(StoppedError):
        train(recipe)
    interrupt(0)
    return training_place(recipe.output)


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
def test_a_damaged_checkpoint_is_passed_over(
    make_recipe, undisturbed, interrupt, told, file
) -> None:
    recipe = make_recipe("extraction", train=EVERY_STEP)
    place = _stopped(recipe, interrupt)
    damaged = place / "seed-13" / "tuning" / "000000005" / file
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)

    run = train(recipe, notify=told.append)

    assert any("damaged" in line for line in told)
    assert "resuming after step 4 of 6 (tuning)" in told
    assert differing(run.path, undisturbed("extraction", train=EVERY_STEP)) == []


def test_where_every_checkpoint_is_damaged_it_begins_again(
    make_recipe, undisturbed, interrupt, told
) -> None:
    recipe = make_recipe("extraction", train=EVERY_STEP)
    place = _stopped(recipe, interrupt)
    for best in place.rglob("best.safetensors"):
        best.write_bytes(best.read_bytes()[:-1])

    run = train(recipe, notify=told.append)

    assert not any(line.startswith("resuming after") for line in told)
    assert differing(run.path, undisturbed("extraction", train=EVERY_STEP)) == []


def test_a_changed_recipe_is_not_gone_on_with(make_recipe, undisturbed, interrupt) -> None:
    place = _stopped(make_recipe("extraction", train=EVERY_STEP), interrupt)
    other = {**EVERY_STEP, "learning_rate": 2e-3}
    with pytest.raises(RunError, match=r"train\.learning_rate: 0\.001 then, 0\.002 now") as caught:
        train(make_recipe("extraction", train=other))
    assert "--fresh" in caught.value.hint
    assert list(place.glob("seed-13/tuning/*/state.json"))

    run = train(make_recipe("extraction", train=other), fresh=True)

    assert run.record.training.resumed == 0
    assert differing(run.path, undisturbed("extraction", train=other)) == []


def test_changed_rows_are_not_gone_on_with(make_recipe, files, interrupt, tmp_path) -> None:
    rows = tmp_path / "rows.jsonl"
    shutil.copyfile(files["extraction"], rows)
    recipe = make_recipe("extraction", data={"train": str(rows)}, train=EVERY_STEP)
    _stopped(recipe, interrupt)
    rows.write_text(rows.read_text().replace("anna", "hans"))

    with pytest.raises(RunError, match=r"SHA-256 of .*rows\.jsonl: \w+… then, \w+… now"):
        train(recipe)


def test_how_often_checkpoints_are_written_may_change(make_recipe, interrupt, told) -> None:
    _stopped(make_recipe("extraction", train=EVERY_STEP), interrupt)
    train(
        make_recipe("extraction", train={**EVERY_STEP, "checkpoint_minutes": 9}), notify=told.append
    )
    assert "resuming after step 5 of 6 (tuning)" in told


def test_a_full_disk_is_told_and_the_last_checkpoint_stands(
    make_recipe, undisturbed, monkeypatch, told
) -> None:
    written = iter(range(100))

    def saving(tensors, path) -> None:
        save_file(tensors, path)
        if next(written) == 6:
            path.write_bytes(path.read_bytes()[:100])
            raise SafetensorError("I/O error: No space left on device (os error 28)")

    recipe = make_recipe("extraction", train=EVERY_STEP)
    with monkeypatch.context() as patched:
        patched.setattr("burnish.training.checkpointing.snapshot.save_file", saving)
        with pytest.raises(RunError, match="No space left on device; the last") as caught:
            train(recipe)
    assert "free some space" in caught.value.hint
    assert not list(training_place(recipe.output).rglob("*.partial"))

    run = train(recipe, notify=told.append)

    assert any(line.startswith("resuming after step") for line in told)
    assert differing(run.path, undisturbed("extraction", train=EVERY_STEP)) == []


def test_a_loss_that_is_no_number_leaves_the_last_good_checkpoint(make_recipe, monkeypatch) -> None:
    from burnish.training.loop.loss import Loss, loss_for

    asked = iter(range(100))

    def poisoned(*arguments):
        loss = loss_for(*arguments)

        def computed(*given):
            value = loss(*given)
            return value * float("nan") if next(asked) == 4 else value

        return Loss(computed, loss.weight)

    recipe = make_recipe("extraction", train=EVERY_STEP)
    monkeypatch.setattr("burnish.training.pipeline.tuning.loss_for", poisoned)
    with pytest.raises(RunError, match="the loss is nan at step 5") as caught:
        train(recipe)
    assert "--fresh" in caught.value.hint
    place = training_place(recipe.output)
    kept = [path.parent.name for path in place.glob("seed-13/tuning/*/state.json")]
    assert sorted(kept) == ["000000003", "000000004"]


def test_a_second_training_of_an_output_leaves_and_names_the_first(make_recipe, tmp_path) -> None:
    recipe = make_recipe("extraction")
    with owned(training_place(recipe.output)):
        with pytest.raises(RunError, match=rf"belongs to another .*: process {os.getpid()} on "):
            train(recipe)
        assert [path.name for path in training_place(recipe.output).iterdir()] == ["lock"]


def test_what_a_kill_left_of_a_finished_training_is_cleaned_up(
    make_recipe, monkeypatch, told
) -> None:
    recipe = make_recipe("extraction", train={"epochs": 1})
    place = training_place(recipe.output)
    with monkeypatch.context() as patched:
        patched.setattr(TrainingPlace, "_remove", lambda self: (self.path / "begun.json").unlink())
        run = train(recipe)
    assert (place / "finished.json").exists()

    assert train(recipe, notify=told.append) == run
    assert told[-1].startswith("the run was finished already")
    assert not place.exists()


def test_a_kill_while_an_old_run_is_replaced_leaves_one_of_them(make_recipe, monkeypatch) -> None:
    recipe = make_recipe("extraction", train={**EVERY_STEP, "epochs": 1})
    old = train(recipe)
    place = training_place(recipe.output)
    place.mkdir()
    os.replace(old.path, place / ".run.old")  # all that is there between the two renames

    run = train(recipe, replace=True)

    assert (
        run.record.files["model/model.safetensors"] == (old.record.files["model/model.safetensors"])
    )


def test_a_checkpoint_holds_no_pickle_and_no_text(make_recipe, files, interrupt) -> None:
    place = _stopped(make_recipe("one", train=EVERY_STEP), interrupt)
    names = {path.suffix for path in place.rglob("*") if path.is_file()}
    assert names == {".json", ".jsonl", ".safetensors", ""}  # the lock has no suffix
    texts = [json.loads(line)["text"] for line in files["one"].read_text().splitlines()]
    contents = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    assert not any(text.encode() in contents for text in texts)
