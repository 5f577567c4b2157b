"""A training loop's state as tensors and JSON, and back: going on from it gives the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import nn

__all__ = ["Stateful", "StepHook", "capture", "restore", "restore_parameters", "trained_tensors"]

_MODEL, _OPTIMIZER, _HOOK = "model.", "optimizer.", "hook."


class StepHook(Protocol):
    """What a method does in every step of a training, beside the optimizer."""

    def after_gradient(self) -> None:
        """The gradient is whole, and not yet shortened: terms may be added to it."""

    def after_step(self, step: int) -> None:
        """The optimizer has stepped; the gradient is still there. ``step`` counts from 1."""

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """What it knows beyond the parameters, for a checkpoint: tensors, and values of JSON."""

    def load_state(self, tensors: Mapping[str, torch.Tensor], values: dict[str, Any]) -> None:
        """Go on from there."""


class Stateful(Protocol):
    """What of a loop changes from step to step."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: Any
    hook: StepHook | None
    trained: frozenset[str]
    """Names of the parameters that training changes."""
    done: int
    """Steps."""


def capture(loop: Stateful) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """A loop's tensors, not copied, and its values, which JSON keeps to the bit."""
    state = loop.optimizer.state_dict()
    tensors = {_MODEL + name: t for name, t in trained_tensors(loop.model, loop.trained).items()}
    plain: dict[str, dict[str, Any]] = {}
    for index, entries in state["state"].items():
        for key, value in entries.items():
            if isinstance(value, torch.Tensor):
                tensors[f"{_OPTIMIZER}{index}.{key}"] = value
            else:
                plain.setdefault(str(index), {})[key] = value
    hooked, hook_values = loop.hook.state() if loop.hook is not None else ({}, {})
    tensors |= {_HOOK + name: tensor for name, tensor in hooked.items()}
    values = {
        "hook": hook_values,
        "done": loop.done,
        "optimizer": {"groups": state["param_groups"], "plain": plain},
        "schedule": loop.schedule.state_dict(),
    }
    return tensors, values


def restore(loop: Stateful, tensors: Mapping[str, torch.Tensor], values: dict[str, Any]) -> None:
    """Put a loop, built as it was then, into a captured state."""
    restore_parameters(
        loop.model, {n.removeprefix(_MODEL): t for n, t in tensors.items() if n.startswith(_MODEL)}
    )
    entries: dict[int, dict[str, Any]] = {
        int(index): dict(plain) for index, plain in values["optimizer"]["plain"].items()
    }
    for name, tensor in tensors.items():
        if name.startswith(_OPTIMIZER):
            index, _, key = name.removeprefix(_OPTIMIZER).partition(".")
            entries.setdefault(int(index), {})[key] = tensor
    groups = values["optimizer"]["groups"]
    loop.optimizer.load_state_dict({"state": entries, "param_groups": groups})
    if loop.hook is not None:
        hooked = {n.removeprefix(_HOOK): t for n, t in tensors.items() if n.startswith(_HOOK)}
        loop.hook.load_state(hooked, values["hook"])
    loop.schedule.load_state_dict(values["schedule"])
    loop.done = values["done"]


def trained_tensors(model: nn.Module, names: frozenset[str]) -> dict[str, torch.Tensor]:
    """The parameters of these names."""
    return {n: p.detach() for n, p in model.named_parameters() if n in names}


def restore_parameters(model: nn.Module, kept: Mapping[str, torch.Tensor]) -> None:
    """Copy tensors into the parameters of their names."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in kept:
                parameter.copy_(kept[name])
