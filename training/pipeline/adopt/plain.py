"""A checkpoint of transformers: what its Trainer, AutoTrain or ``save_pretrained`` leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from typing_extensions import override

from burnish.errors import BaseModelError
from burnish.tasks import Task
from burnish.tasks.heads import Head
from burnish.torch_models.base import resolve_base
from burnish.torch_models.base_files import read_json
from burnish.torch_models.build import BuiltModel, build_model

from .found import Found, Kind, read_digests
from .token_types import level_token_types
from .window import longest_input

__all__ = ["PlainCheckpoint", "find_plain", "read_outputs"]

_READ = ("config.json", "tokenizer*.json", "special_tokens_map.json", "model*.safetensors*")
_CLASSES = {
    Head.SEQUENCE: "ForSequenceClassification",
    Head.TOKENS: "ForTokenClassification",
    Head.SPAN: "ForQuestionAnswering",
}
"""Ends of the names of transformers' classes."""
_SEVERAL = {"multi_label_classification": True, "single_label_classification": False}


@dataclass(frozen=True)
class PlainCheckpoint(Found):
    """``config.json``, ``model.safetensors`` and a tokenizer, with a head."""

    kind: ClassVar[Kind] = "checkpoint"

    @override
    def build(self, task: Task) -> BuiltModel:
        # By the checkpoint's own names, so that the head counts as the one for these labels.
        own = task.for_outputs(self.outputs, max_length=task.max_length, stride=task.stride)
        built = self.has_head(build_model(self.base, own, pooling="native", seed=0), task)
        level_token_types(built.module, self.base.path)
        config: Any = built.module.config
        if task.output_labels:
            config.id2label = dict(enumerate(task.output_labels))
            config.label2id = {label: index for index, label in config.id2label.items()}
        return built


def find_plain(path: Path | None, *, source: str, revision: str | None, head: Head) -> Found:
    """Vet a checkpoint, and read what its configuration says of its outputs.

    Args:
        path: its directory; None: ``source`` is a hub id.
        source: as the user named it.
        revision: the hub's commit, branch or tag.
        head: of the task.

    Raises:
        BaseModelError: it is refused.
    """
    base = resolve_base(source if path is None else str(path), revision)
    config = read_json(base.path / "config.json", name=source)
    _check_class(config, head, source=source)
    _check_pooling(config, source=source)
    problem = config.get("problem_type")
    if problem == "regression":
        raise BaseModelError(
            f"{source} gives a number, not labels (config.json: 'problem_type' is regression)",
            "burnish adopts classifiers, taggers and readers; to tune a model of scores: burnish "
            "train, with task: regression",
        )
    return PlainCheckpoint(
        source=source,
        base=base,
        outputs=() if head is Head.SPAN else read_outputs(config, source=source),
        several_labels=_SEVERAL.get(str(problem)),
        window=longest_input(base),
        files=read_digests(base.path, _READ),
    )


def read_outputs(config: dict[str, Any], *, source: str) -> tuple[str, ...]:
    """The names in ``id2label``, by their numbers; two outputs without names where it has none.

    Raises:
        BaseModelError: they are not numbered from 0, or a name stands twice.
    """
    named = config.get("id2label")
    if named is None:
        return ("LABEL_0", "LABEL_1")  # what transformers does
    numbers = sorted(int(key) for key in named if str(key).isdigit())
    names = tuple(str(named[str(number)]) for number in numbers)
    if numbers != list(range(len(named))) or len(set(names)) < len(names) or len(names) < 2:
        raise BaseModelError(
            f"{source}: config.json: 'id2label' must name two outputs or more, each once, with "
            f"numbers from 0; it has {', '.join(map(str, named.values()))[:200] or 'none'}",
            "use the config.json that was saved with the weights",
        )
    return names


def _check_class(config: dict[str, Any], head: Head, *, source: str) -> None:
    """Refuse a checkpoint whose class has another head than the task needs, or none."""
    classes = config.get("architectures") or [""]
    name = str(classes[0]) if isinstance(classes, list) else ""
    if name.endswith(_CLASSES[head]):
        return
    tuned = name.endswith(tuple(_CLASSES.values()))
    raise BaseModelError(
        f"{source} is a {name or 'model without a class'}, and the task needs a …{_CLASSES[head]}",
        "choose the task that it was tuned for, with --task"
        if tuned
        else "adopt takes a tuned model; to tune an encoder: burnish train, with base_model",
    )


def _check_pooling(config: dict[str, Any], *, source: str) -> None:
    """EuroBERT's head may stand on every token, which no graph of burnish's computes."""
    late = "late" if config.get("model_type") == "eurobert" else ""
    if config.get("classifier_pooling", late) == "late":
        raise BaseModelError(
            f"{source} puts its head on every token (config.json: 'classifier_pooling' is late)",
            "burnish adopts models that pool first; tune the encoder anew with burnish train",
        )
