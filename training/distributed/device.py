"""Where a model is trained: on the processor or on a GPU."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

import torch
from torch import nn

from burnish.errors import ConfigError

__all__ = ["choose_device", "choose_precision", "device_of", "gpu_name", "own_device", "placed"]

Device = Literal["cpu", "cuda"]


def choose_device(asked: Literal["auto", "cpu", "cuda"]) -> Device:
    """The device as asked; ``auto`` is a GPU where PyTorch finds one.

    Raises:
        ConfigError: a GPU is asked for, and PyTorch finds none.
    """
    found = torch.cuda.is_available()
    if asked == "cuda" and not found:
        raise ConfigError(
            "train -> device: PyTorch finds no GPU here",
            "use train.device=auto, or install a PyTorch with CUDA and NVIDIA's driver",
        )
    if asked != "auto":
        return asked
    return "cuda" if found else "cpu"


def choose_precision(
    asked: Literal["auto", "fp32", "bf16"], device: Device
) -> Literal["fp32", "bf16"]:
    """The precision as asked; ``auto`` is bf16 on a GPU that supports it, else fp32."""
    if asked != "auto":
        return asked
    return "bf16" if device == "cuda" and torch.cuda.is_bf16_supported() else "fp32"


def own_device(device: Device) -> torch.device:
    """This process's device: each of several on a machine takes a GPU of its own."""
    if device == "cpu":
        return torch.device("cpu")
    index = int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count()
    return torch.device("cuda", index)


def device_of(model: nn.Module) -> torch.device:
    """The device of a model's parameters."""
    return next(model.parameters()).device


def placed(tensors: Mapping[str, torch.Tensor], model: nn.Module) -> dict[str, torch.Tensor]:
    """Move a batch to the model's device."""
    device = device_of(model)
    return {name: tensor.to(device) for name, tensor in tensors.items()}


def gpu_name(device: str) -> str | None:
    """The GPU's name for the record; None on a CPU."""
    return torch.cuda.get_device_name() if device == "cuda" else None
