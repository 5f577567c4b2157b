"""How far a student's hidden states are from its teacher's, while it is trained.

The teacher reads every batch that the student reads: its states of one batch are small, and those
of all rows would be a thousand times as large as their texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from burnish.errors import ConfigError
from burnish.run import Run
from burnish.tasks import Task
from burnish.torch_models.architecture import load_config
from burnish.torch_models.base import BaseModel
from burnish.torch_models.encoder import encoder_of

from ...distributed.device import device_of

__all__ = ["StateDistance", "check_states", "matching_layers"]

_STATES = "hidden_states"
_OWN_LAYERS = "make the student of the teacher's own layers (burnish distill RUN --layers N)"


def matching_layers(teacher: int, student: int) -> tuple[int, ...]:
    """For each layer of a student, lowest first, the number from 1 of the layer that teaches it.

    Evenly apart up to the last, as TinyBERT's (Jiao et al. 2020, section 4.2): for two layers of
    a teacher with six, the third and the sixth.
    """
    return tuple(round(place * teacher / student) for place in range(1, student + 1))


def check_states(run: Run, teacher: nn.Module, base: BaseModel, task: Task) -> None:
    """Refuse a student whose states cannot be compared with its teacher's, token by token.

    Args:
        run: the teacher.
        teacher: its model.
        base: the student's.
        task: the student's.

    Raises:
        ConfigError: the student has no layers, or more; another family, width or tokenizer; or
            its windows are not those of the teacher.
    """
    config: Any = load_config(base.path, name=base.name)
    theirs: Any = encoder_of(teacher).config
    if not config.num_hidden_layers:
        raise _refusal("a student without layers has no hidden states", "give --layers 1")
    shape = (base.family, base.hidden_size)
    if shape != (theirs.model_type, theirs.hidden_size) or (
        config.num_hidden_layers > theirs.num_hidden_layers
    ):
        raise _refusal(
            f"the teacher {run.path} is a {theirs.model_type} model with "
            f"{theirs.num_hidden_layers} layers of width {theirs.hidden_size}, and the student's "
            f"base {base.name} a {base.family} model with {config.num_hidden_layers} of width "
            f"{base.hidden_size}",
            _OWN_LAYERS,
        )
    tokenizers = (run.path / "model" / "tokenizer.json", base.path / "tokenizer.json")
    if vocabulary(tokenizers[0]) != vocabulary(tokenizers[1]):
        raise _refusal(
            f"the teacher {run.path} has another tokenizer than {base.name}", _OWN_LAYERS
        )
    known = run.record.task
    if task.max_length > known.max_length:
        raise _refusal(
            f"the student reads windows of {task.max_length} tokens, and the teacher {run.path} "
            f"was tuned on {known.max_length}",
            f"set train.max_length={known.max_length}",
        )
    if task.reads_apart != known.reads_apart:
        reading = "apart" if known.reads_apart else "together"
        raise _refusal(
            f"the teacher {run.path} reads the two texts {reading}, and the student does not",
            f"set pairs.reading={reading}",
        )


def vocabulary(tokenizer_json: Path) -> dict[str, int]:
    """The tokens of a tokenizer, with their ids."""
    from tokenizers import Tokenizer

    found: dict[str, int] = Tokenizer.from_file(str(tokenizer_json)).get_vocab()
    return found


def _refusal(what: str, instead: str) -> ConfigError:
    return ConfigError(
        f"distill -> hidden_states: {what}", f"{instead}, or leave distill.hidden_states out"
    )


class StateDistance:
    """The distance of a student's last forward pass in training from the teacher's states.

    It hooks into the student's encoder, and gives its own tokens to the teacher's.

    Args:
        student: on its device, with as many or fewer layers, as wide as the teacher's.
        teacher: frozen; it is moved to the student's device.
    """

    def __init__(self, student: nn.Module, teacher: nn.Module) -> None:
        encoder = encoder_of(student)
        self._teacher = encoder_of(teacher.to(device_of(student)).eval().requires_grad_(False))
        counts = (self._teacher.config.num_hidden_layers, encoder.config.num_hidden_layers)
        self._taught_by = matching_layers(*counts)
        self._seen: list[torch.Tensor] = []
        self._hooks = (
            encoder.register_forward_pre_hook(_ask_for_states, with_kwargs=True),
            encoder.register_forward_hook(self._compare, with_kwargs=True),
        )

    def take(self) -> torch.Tensor:
        """(windows,): each window's mean over its layers and its tokens, without padding.

        The distance of a token is the square of the difference, by the square of the teacher's
        state: 0 where they are equal, 1 for a student whose states are 0, at any width.
        """
        found = torch.stack(self._seen).mean(0)  # texts that are read apart are several
        self._seen.clear()
        return found

    def release(self) -> None:
        """Leave the student as it was."""
        for hook in self._hooks:
            hook.remove()

    def _compare(
        self, _: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
    ) -> Any:
        if not torch.is_grad_enabled():  # it is scored
            return output
        with torch.no_grad():
            told = self._teacher(*args, **kwargs)[_STATES]
        pairs = zip(output[_STATES][1:], self._taught_by, strict=True)  # the first: no layer's
        distances = torch.stack([_apart(own, told[layer]) for own, layer in pairs]).mean(0)
        mask = kwargs["attention_mask"]
        self._seen.append((distances * mask).sum(-1) / mask.sum(-1).clamp(min=1))
        # The head gets what it got before.
        return type(output)(**{name: each for name, each in output.items() if name != _STATES})


def _ask_for_states(
    _: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, {**kwargs, "output_hidden_states": True} if torch.is_grad_enabled() else kwargs


def _apart(own: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
    """(windows, tokens) distances of states (windows, tokens, width)."""
    own, told = own.float(), told.float()  # products may be in bf16
    return (own - told).square().sum(-1) / told.square().sum(-1).clamp(min=1e-6)
