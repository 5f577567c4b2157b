"""Where a model is trained. No GPU is at hand: PyTorch's answers about one are put in its place."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from burnish.errors import ConfigError
from burnish.training import train
from burnish.training.distributed.device import choose_device, choose_precision, own_device, placed


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which PyTorch says that it finds two GPUs."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Imagined 9000")


def test_without_a_gpu_auto_is_the_processor_in_fp32() -> None:
    assert choose_device("auto") == "cpu"
    assert choose_precision("auto", "cpu") == "fp32"


def test_with_one_auto_is_the_gpu_in_bf16(gpu) -> None:
    assert choose_device("auto") == "cuda"
    assert choose_precision("auto", "cuda") == "bf16"


def test_an_old_gpu_computes_in_fp32(gpu, monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    assert choose_precision("auto", "cuda") == "fp32"


def test_what_is_asked_for_is_taken(gpu) -> None:
    assert choose_device("cpu") == "cpu"
    assert choose_precision("fp32", "cuda") == "fp32"
    assert choose_precision("bf16", "cpu") == "bf16"


def test_a_gpu_that_is_not_there_is_refused(make_recipe) -> None:
    with pytest.raises(ConfigError, match="finds no GPU") as caught:
        train(make_recipe("one", train={"device": "cuda"}))
    assert "train.device=auto" in caught.value.hint


@pytest.mark.parametrize(("rank", "index"), [("0", 0), ("1", 1), ("2", 0)])
def test_each_process_of_a_machine_has_a_gpu_of_its_own(gpu, monkeypatch, rank, index) -> None:
    monkeypatch.setenv("LOCAL_RANK", rank)
    assert own_device("cuda") == torch.device("cuda", index)


def test_a_batch_goes_where_the_model_is() -> None:
    model = nn.Linear(2, 2, device="meta")
    batch = placed({"input_ids": torch.zeros(2, 3)}, model)
    assert batch["input_ids"].device.type == "meta"


def test_the_resolved_recipe_and_the_record_say_which(gpu, make_recipe, monkeypatch) -> None:
    """The whole training as on a GPU, but that the GPU it is placed on is the processor."""
    placements: list[str] = []

    def place(device: str) -> torch.device:
        placements.append(device)
        return torch.device("cpu")

    monkeypatch.setattr("burnish.training.pipeline.tuning.own_device", place)
    run = train(make_recipe("one", train={"epochs": 1}))

    assert placements == ["cuda"]
    assert (run.recipe.train.device, run.recipe.train.precision) == ("cuda", "bf16")
    assert run.record.training.precision == "bf16"
    assert run.record.hardware.gpu == "Imagined 9000"


def test_on_the_processor_no_gpu_is_recorded(make_recipe) -> None:
    run = train(make_recipe("extraction", train={"epochs": 1}))

    assert (run.recipe.train.device, run.recipe.train.precision) == ("cpu", "fp32")
    assert run.record.hardware.gpu is None
