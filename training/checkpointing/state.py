"""A training loop's state as tensors and JSON: a resumed loop computes the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import nn

__all__ = ["Stateful", "StepHook", "capture", "restore", "restore_parameters", "trained_tensors"]

_MODEL, _OPTIMIZER, _HOOK = "model.", "optimizer.", "hook."


class StepHook(Protocol):
    """A method's own work in every step of a training."""

    def after_gradient(self) -> None:
        """Add terms to the gradient, which is complete and not clipped yet."""

    def after_step(self, step: int) -> None:
        """Called after each step of the optimizer, before the gradient goes; steps count from 1."""

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """Its state for a checkpoint: tensors, and values of JSON."""

    def load_state(self, tensors: Mapping[str, torch.Tensor], values: dict[str, Any]) -> None:
        """Restore a state."""


class Stateful(Protocol):
    """The parts of a loop that change from step to step."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: Any
    hook: StepHook | None
    trained: frozenset[str]
    """Names of the parameters that training changes."""
    done: int
    """Number of finished steps."""


def capture(loop: Stateful) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """A loop's tensors, not copied, and its values, which JSON represents exactly."""
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
    """Restore a captured state in a loop that was built in the same way."""
    restore_parameters(loop.model, _under(_MODEL, tensors))
    entries: dict[int, dict[str, Any]] = {
        int(index): dict(plain) for index, plain in values["optimizer"]["plain"].items()
    }
    for name, tensor in _under(_OPTIMIZER, tensors).items():
        index, _, key = name.partition(".")
        entries.setdefault(int(index), {})[key] = tensor
    groups = values["optimizer"]["groups"]
    loop.optimizer.load_state_dict({"state": entries, "param_groups": groups})
    if loop.hook is not None:
        loop.hook.load_state(_under(_HOOK, tensors), values["hook"])
    loop.schedule.load_state_dict(values["schedule"])
    loop.done = values["done"]


def _under(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def trained_tensors(model: nn.Module, names: frozenset[str]) -> dict[str, torch.Tensor]:
    """The parameters of these names."""
    return {n: p.detach() for n, p in model.named_parameters() if n in names}


def restore_parameters(model: nn.Module, kept: Mapping[str, torch.Tensor]) -> None:
    """Copy tensors into the parameters of their names."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in kept:
                parameter.copy_(kept[name])
