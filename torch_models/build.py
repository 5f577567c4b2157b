"""Building a task's model on a base: the architecture's own head, or ours on pooled vectors.

A checkpoint lacks some tensors of a task's model: the head, and, after masked language modelling,
the pooler. They start at random, and `BuiltModel` names them: an adapter that does not save them
would silently load with other random ones.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn
from transformers import (
    AutoModel,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    GenerationMixin,
    PretrainedConfig,
    PreTrainedModel,
)

from burnish.errors import BaseModelError
from burnish.tasks import Task
from burnish.tasks.heads import Head
from burnish.tasks.regimes import Regime, task_regime
from burnish.torch_models.architecture import load_config
from burnish.torch_models.base import BaseModel, Pooling
from burnish.torch_models.base_files import first_line
from burnish.torch_models.heads import HeadChoice, head_module, settle_head
from burnish.torch_models.paired import WIDTH, PairedClassifier
from burnish.torch_models.pooled import PooledClassifier
from burnish.torch_models.quiet import quiet
from burnish.torch_models.writers import load_writer

__all__ = [
    "BuiltModel",
    "build_model",
    "encoder_inputs",
    "head_module",
    "input_names",
    "is_writer",
    "pooling_for",
]

_AUTO: Mapping[Head, Any] = {
    Head.SEQUENCE: AutoModelForSequenceClassification,
    Head.TOKENS: AutoModelForTokenClassification,
    Head.SPAN: AutoModelForQuestionAnswering,
    Head.SCORE: AutoModelForSequenceClassification,
    Head.MARKS: AutoModelForTokenClassification,
}
_WRITTEN = "decoder_input_ids"
_ALWAYS = ("input_ids", "attention_mask")
_TYPES = "token_type_ids"
_PROBLEM_TYPES: Mapping[Regime, str] = {
    Regime.ONE_LABEL: "single_label_classification",
    Regime.SEVERAL_LABELS: "multi_label_classification",
    Regime.NUMBER: "regression",
}
"""The names of transformers in ``config.json``."""


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """A task's model with the pre-trained weights in it."""

    module: nn.Module
    pooling: Pooling
    missing: tuple[str, ...]
    """Parameters of ``module`` that the base lacks; they started at random."""
    head: str = ""
    """A sentence on what became of the base's own head; empty where it has none."""
    head_kept: bool = False
    """Whether the head is the base's own."""
    normalized: bool = False
    """Whether the pooled vectors have the length 1."""


def pooling_for(base: BaseModel, task: Task, asked: Pooling | Literal["auto"] = "auto") -> Pooling:
    """How a classifier pools: as asked, else as the base declares, else by the architecture."""
    if not task.head.of_windows:
        return "native"
    if task.reads_apart and asked == "auto":
        return base.declared_pooling or "mean"
    return (base.declared_pooling or "native") if asked == "auto" else asked


def build_model(
    base: BaseModel,
    task: Task,
    *,
    pooling: Pooling,
    seed: int,
    head: HeadChoice = "auto",
    normalized: bool = False,
) -> BuiltModel:
    """Load the base and put the task's head on it.

    Attention is torch's own kernel (sdpa) where the architecture supports it.

    Args:
        base: a vetted base model.
        task: names the outputs.
        pooling: ``mean`` and ``cls`` give a :class:`PooledClassifier`, ``native`` the
            architecture's own class.
        seed: draws the weights that the base lacks.
        head: what becomes of the base's own head; only the architecture's own class can keep it.
        normalized: bring the pooled vectors to the length 1; not those of pairs read apart.

    Raises:
        BaseModelError: the architecture is not known, the encoder lacks weights, or the head that
            is to be kept is not there or for other labels.
    """
    torch.manual_seed(seed)
    base.check_length(task.max_length)
    if task.head is Head.WRITTEN:
        writer, lacking_parts = load_writer(base, task)
        return BuiltModel(writer, "native", lacking_parts)
    config = _config(base, task)
    if pooling == "native":
        module, missing = _load(_AUTO[task.head], base, config)
        settled = settle_head(
            module,
            set(missing),
            base_config=load_config(base.path, name=base.name),
            labels=task.output_labels,
            choice=head,
        )
        lacking = tuple(sorted(settled.missing))
        return BuiltModel(module, pooling, lacking, settled.said, settled.kept)
    if head == "keep":
        raise BaseModelError(
            f"head: keep needs the architecture's own class, and pooling is {pooling}",
            "set pooling=native, or head=new",
        )
    encoder, missing = _load(AutoModel, base, config)
    if any("pooler." in name for name in missing):
        encoder.pooler = None  # type: ignore[assignment]  # unused: the last hidden state is pooled
        missing = tuple(name for name in missing if "pooler." not in name)
    width = WIDTH if task.reads_apart else 1
    classifier = nn.Linear(width * base.hidden_size, len(task.output_labels))
    nn.init.normal_(classifier.weight, std=getattr(config, "initializer_range", 0.02))
    nn.init.zeros_(classifier.bias)
    dropout = _dropout(config)
    if task.reads_apart:
        types = "token_type_ids" in _taken(encoder)
        pooled: PooledClassifier = PairedClassifier(
            encoder, classifier, pooling, types=types, dropout=dropout
        )
    else:
        pooled = PooledClassifier(
            encoder, classifier, pooling, dropout=dropout, normalized=normalized
        )
    names = [f"encoder.{name}" for name in missing]
    lacking = (*names, "classifier.bias", "classifier.weight")
    return BuiltModel(pooled, pooling, lacking, normalized=pooled.normalized)


def input_names(module: nn.Module) -> tuple[str, ...]:
    """Names of the tensors that a model's forward takes, in the order of ONNX models."""
    if (named := getattr(module, "names", None)) is not None:  # a StructuredModel's
        return tuple(named)
    if isinstance(module, PairedClassifier):
        return (*_ALWAYS, _TYPES)
    if is_writer(module):
        return (*_ALWAYS, _WRITTEN)
    return encoder_inputs(module)


def encoder_inputs(module: nn.Module) -> tuple[str, ...]:
    """Names of the tensors that a model's encoder takes."""
    module = getattr(module, "module", module)  # a StructuredModel's
    return _taken(module.encoder if isinstance(module, PooledClassifier) else module)


def is_writer(module: nn.Module) -> bool:
    """Whether a model writes texts: an encoder-decoder as a whole, not a half of one."""
    config: Any = getattr(module, "config", None)
    return isinstance(module, GenerationMixin) and bool(config.is_encoder_decoder)


def _taken(target: Any) -> tuple[str, ...]:
    accepts = _TYPES in inspect.signature(target.forward).parameters
    if accepts and int(getattr(target.config, "type_vocab_size", 0) or 0) > 1:
        return (*_ALWAYS, _TYPES)
    return _ALWAYS


def _config(base: BaseModel, task: Task) -> PretrainedConfig:
    labels = dict(enumerate(task.output_labels or ("start", "end")))
    options: dict[str, Any] = {"id2label": labels, "label2id": {v: k for k, v in labels.items()}}
    if (regime := task_regime(task)) in _PROBLEM_TYPES:
        options["problem_type"] = _PROBLEM_TYPES[regime]
    return load_config(base.path, name=base.name, **options)


def _load(
    auto: Any, base: BaseModel, config: PretrainedConfig
) -> tuple[PreTrainedModel, tuple[str, ...]]:
    mapping = auto._model_mapping
    if type(config) not in mapping:
        raise BaseModelError(
            f"transformers has no {auto.__name__} for a {base.family!r} model ({base.name})",
            "choose another base model for this task",
        )
    with quiet():  # some architectures warn when they are imported
        architecture = mapping[type(config)]
    architecture = architecture[0] if isinstance(architecture, tuple) else architecture
    fast = architecture._supports_sdpa
    try:
        with quiet():
            model, info = architecture.from_pretrained(
                base.path,
                config=config,
                attn_implementation="sdpa" if fast else "eager",
                ignore_mismatched_sizes=True,
                output_loading_info=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
            )
    except MemoryError:
        raise
    except Exception as e:
        raise BaseModelError(
            f"transformers cannot load {base.name}: {first_line(e)}",
            "config.json is damaged, or belongs to another model",
        ) from e
    lacking = {*info["missing_keys"], *(key for key, *_ in info["mismatched_keys"])}
    _check_whole(model, lacking, base=base)
    return model, tuple(sorted(lacking & {name for name, _ in model.named_parameters()}))


def _check_whole(model: PreTrainedModel, missing: set[str], *, base: BaseModel) -> None:
    """Refuse weights without a layer or an embedding; a head and a pooler may be missing."""
    prefix = model.base_model_prefix + "."
    own_head = model.base_model is not model
    inside = sorted(
        name
        for name in missing
        if (name.startswith(prefix) or not own_head) and "pooler." not in name
    )
    if inside:
        raise BaseModelError(
            f"the weights of {base.name} lack {len(inside)} tensors of the encoder itself, "
            f"the first {inside[0]!r}",
            "the checkpoint is damaged, or its config.json belongs to another model",
        )


def _dropout(config: PretrainedConfig) -> float:
    for key in ("classifier_dropout", "hidden_dropout_prob", "dropout"):
        value = getattr(config, key, None)
        if isinstance(value, int | float):
            return float(value)
    return 0.1
