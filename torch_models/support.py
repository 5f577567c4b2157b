"""Which models can be trained *and* exported, by head: one table for both rooms.

Each cell was tried: a small model of the family gives the same answers alone and in a padded
batch, and so does its graph. All else is refused before a row is read, because training a model
that cannot be exported wastes time. ConvBERT and Nyströmformer are left out, though they can be
exported: padding changes their answers. GTE, Nomic BERT and UltraBERT are left out because
transformers rearranges their weights while it loads them, which no check here follows yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
)

from burnish.errors import BaseModelError
from burnish.tasks.heads import Head
from burnish.tasks.table import TASKS, find_task

__all__ = [
    "SUPPORTED",
    "check_family",
    "check_task",
    "supported_families",
]

_ALL = frozenset(Head) - {Head.WRITTEN}
_TAGS = _ALL - {Head.SPAN}
_HALVES = _ALL | {Head.WRITTEN}
"""Of encoders that can become both halves of an encoder-decoder."""
_WRITTEN = frozenset({Head.WRITTEN})

SUPPORTED: Mapping[str, frozenset[Head]] = {
    "albert": _ALL,
    "bert": _HALVES,
    "bart": _WRITTEN,
    "big_bird": _TAGS,
    "camembert": _HALVES,
    "data2vec-text": _ALL,
    "deberta": _ALL,
    "deberta-v2": _ALL,
    "distilbert": _ALL,
    "electra": _ALL,
    "ernie": _ALL,
    "esm": _TAGS,
    "eurobert": _TAGS,
    "ibert": _ALL,
    "m2m_100": _WRITTEN,
    "marian": _WRITTEN,
    "mbart": _WRITTEN,
    "megatron-bert": _ALL,
    "mobilebert": _ALL,
    "modernbert": _ALL,
    "mpnet": _ALL,
    "mt5": _WRITTEN,
    "pegasus": _WRITTEN,
    "rembert": _ALL,
    "roberta": _HALVES,
    "roberta-prelayernorm": _ALL,
    "roformer": _ALL,
    "splinter": frozenset({Head.SPAN}),
    "squeezebert": _ALL,
    "t5": _WRITTEN,
    "xlm-roberta": _HALVES,
}
"""Heads by ``model_type``. DeBERTa-v3 is of type ``deberta-v2``."""

_CAUSAL_CLASSES = ("ForCausalLM", "LMHeadModel")


def check_family(config: Mapping[str, Any], *, name: str) -> None:
    """Refuse a model that burnish can train and export for no task.

    Args:
        config: a base's vetted ``config.json``.
        name: the base's name in an error.

    Raises:
        BaseModelError: a causal model, or a family outside the table.
    """
    family = config.get("model_type")
    if not isinstance(family, str) or not family:
        raise BaseModelError(
            f"{name}: config.json has no 'model_type'",
            "use the config.json that comes with the weights",
        )
    classes = config.get("architectures") or [""]
    first = str(classes[0]) if isinstance(classes, list) else ""
    # Encoders that can also generate text have a masked language model too.
    causal = family in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.keys() - MODEL_FOR_MASKED_LM_MAPPING_NAMES
    causal = causal and family not in SUPPORTED
    if causal or config.get("is_decoder") or first.endswith(_CAUSAL_CLASSES):
        raise BaseModelError(
            f"{name} is a causal language model ({first or family}): it generates text, and "
            "each word sees only the words before it",
            f"choose an encoder: {supported_families()}",
        )
    if config.get("is_encoder_decoder") and SUPPORTED.get(family, _WRITTEN) != _WRITTEN:
        raise BaseModelError(
            f"{name} is an encoder-decoder (config.json: 'is_encoder_decoder'), and its family "
            f"{family!r} is not one",
            "use the config.json that comes with the weights",
        )
    if family not in SUPPORTED:
        raise BaseModelError(
            f"{name} is of the family {family!r}, which burnish cannot export",
            f"choose a model of one of these families: {supported_families()}",
        )


def check_task(family: str, task: str, *, name: str) -> None:
    """Refuse a task for which burnish cannot train and export a family's models.

    Args:
        family: ``model_type`` of the base.
        task: the task's name.
        name: the base's name in an error.

    Raises:
        BaseModelError: the table lacks the task's head for this family.
    """
    heads = SUPPORTED.get(family, frozenset())
    if _head(task) not in heads:
        tasks = sorted(each for each in TASKS if _head(each) in heads)
        can = f"; it can for {' and '.join(tasks)}" if tasks else ""
        raise BaseModelError(
            f"{name} is of the family {family!r}, which burnish cannot export for {task}{can}",
            f"choose a model of one of these families: {supported_families(task)}",
        )


def supported_families(task: str | None = None) -> str:
    """List the families that support a task, or any task, for a message."""
    head = None if task is None else _head(task)
    return ", ".join(sorted(f for f, heads in SUPPORTED.items() if head is None or head in heads))


def _head(task: str) -> Head:
    return find_task(task).settings.head
