"""A PEFT adapter with its base: ``adapter_config.json`` and ``adapter_model.safetensors``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from typing_extensions import override

from burnish.errors import BaseModelError
from burnish.tasks import Task
from burnish.tasks.heads import Head
from burnish.torch_models.base import resolve_base
from burnish.torch_models.base_files import first_line, read_json
from burnish.torch_models.build import BuiltModel, build_model
from burnish.torch_models.quiet import quiet
from burnish.torch_models.weights import check_tensors

from ...methods.peft_wrapping import name_base
from .found import Found, Kind, read_digests, unnamed
from .plain import read_outputs
from .token_types import level_token_types
from .window import longest_input

__all__ = ["AdapterCheckpoint", "find_adapter", "is_adapter"]

_CONFIG, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_TASKS = {Head.SEQUENCE: "SEQ_CLS", Head.TOKENS: "TOKEN_CLS", Head.SPAN: "QUESTION_ANS"}
_MERGED = ("LORA", "IA3")
_HEADS = ("classifier", "score", "qa_outputs")
"""Modules that PEFT saves whole for its task types."""
_LAST = ("classifier.weight", "score.weight", "out_proj.weight")
"""Ends of the names of the layer that gives the logits."""
_HARMLESS = frozenset(
    {
        *("alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "fan_in_fan_out"),
        *("exclude_modules", "feedforward_modules", "inference_mode", "init_ia3_weights"),
        *("init_lora_weights", "layers_pattern", "layers_to_transform", "lora_alpha", "lora_bias"),
        *(
            "lora_dropout",
            "megatron_core",
            "modules_to_save",
            "peft_type",
            "peft_version",
            "qalora_group_size",
            "r",
        ),
        *("rank_pattern", "revision", "target_modules", "task_type", "use_dora", "use_rslora"),
    }
)
"""Keys whose values may be what they like; any other must be empty or false."""


@dataclass(frozen=True)
class AdapterCheckpoint(Found):
    """Low-rank updates of a base model, with the head beside them."""

    kind: ClassVar[Kind] = "adapter"

    path: Path
    saves_head: bool
    """Whether the head lies in the adapter; else it is the base's own."""

    @override
    def build(self, task: Task) -> BuiltModel:
        from peft import PeftModel

        own = task.for_outputs(self.outputs, max_length=task.max_length, stride=task.stride)
        built = build_model(self.base, own, pooling="native", seed=0)
        if not self.saves_head:
            self.has_head(built, task)
        level_token_types(built.module, self.base.path)
        try:
            with quiet(), torch.no_grad():
                model: Any = PeftModel.from_pretrained(
                    built.module, str(self.path), is_trainable=False
                )
        except (ValueError, RuntimeError, KeyError, TypeError) as e:
            raise BaseModelError(
                f"{self.source} does not fit its base {self.base.name}: {first_line(e)}",
                "name the base that it was trained on: --base DIR",
            ) from e
        name_base(model, self.base)
        if task.output_labels:
            model.config.id2label = dict(enumerate(task.output_labels))
        return BuiltModel(model, "native", (), built.head)


def is_adapter(path: Path) -> bool:
    """Whether a directory is that of a PEFT adapter."""
    return (path / _CONFIG).exists()


def find_adapter(
    path: Path, *, source: str, base: str | None, revision: str | None, head: Head
) -> Found:
    """Vet an adapter and its base.

    Args:
        path: the adapter's directory.
        source: as the user named it.
        base: its base; None: the directory that the adapter names.
        revision: of a base on the hub.
        head: of the task.

    Raises:
        BaseModelError: one of them is refused, or the base is not known.
    """
    config = read_json(path / _CONFIG, name=source)
    _vet(config, source=source, head=head)
    if not (path / _WEIGHTS).exists():
        raise BaseModelError(
            f"{source} has no {_WEIGHTS}",
            "burnish never loads adapter_model.bin, which can run code: load the adapter with a "
            "recent peft, and save it again",
        )
    shapes = check_tensors(path / _WEIGHTS, name=source)
    found = resolve_base(_base_of(config, given=base, source=source), revision)
    said = read_json(found.path / "config.json", name=found.name)
    kept = [key for key in shapes if set(key.split(".")) & set(_HEADS) and "lora_" not in key]
    outputs: tuple[str, ...] = ()
    if head is not Head.SPAN:
        outputs = read_outputs(said, source=found.name)
        last = [shapes[key][0] for key in kept if key.endswith(_LAST)]
        if last and len(outputs) != last[0]:
            outputs = unnamed(last[0])
    return AdapterCheckpoint(
        source=source,
        base=found,
        outputs=outputs,
        several_labels=None,
        window=longest_input(found),
        files=read_digests(path, (_CONFIG, _WEIGHTS)),
        path=path,
        saves_head=bool(kept),
    )


def _base_of(config: dict[str, Any], *, given: str | None, source: str) -> str:
    """The base's place; a name of the hub in a file is not followed, only one that a user gives."""
    if given is not None:
        return given
    named = str(config.get("base_model_name_or_path") or "")
    if named and Path(named).expanduser().is_dir():
        return named
    raise BaseModelError(
        f"{source} is an adapter, and its base {named!r} is not a directory here",
        f"name the base that it was trained on: --base DIR (or --base {named or 'HUB_ID'})",
    )


def _vet(config: dict[str, Any], *, source: str, head: Head) -> None:
    """Refuse what cannot be merged, and keys that make PEFT do more than load tensors."""
    kind = str(config.get("peft_type"))
    if kind not in _MERGED:
        raise BaseModelError(
            f"{source} is an adapter of the type {kind}, which burnish cannot merge",
            f"it merges {' and '.join(_MERGED)}; merge the adapter with PEFT, save the model, and "
            "adopt that",
        )
    wanted, task_type = _TASKS[head], config.get("task_type")
    if task_type not in (None, wanted):
        raise BaseModelError(
            f"{source} is an adapter for {task_type}, and the task needs {wanted}",
            "choose the task with --task",
        )
    odd = [key for key, value in config.items() if key not in _HARMLESS and value]
    start = config.get("init_lora_weights")
    if isinstance(start, str) and start != "gaussian":
        odd.append("init_lora_weights")  # PiSSA and its kin change the base when they start
    if odd:
        raise BaseModelError(
            f"{source}: {_CONFIG} sets {odd[0]!r}, which burnish does not load",
            "merge the adapter with PEFT where you trust it, save the model, and adopt that",
        )
