"""Bundles of a pre-trained encoder with a fresh head, made by the exporter's own parts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.plan import PRECISIONS, Precision, TaskName
from benchmarks.subjects import Subject
from burnish import __version__
from burnish.bench.texts import inputs_of_length
from burnish.bundle import Manifest, write_manifest
from burnish.directory import staged_directory
from burnish.export.convert import convert
from burnish.export.files import write_config, write_tokenizer
from burnish.export.int8 import plans
from burnish.export.int8.plans import Plan, write_quantized
from burnish.tasks import ClassificationTask, ExtractionTask, QATask, Task, Window
from burnish.torch_models.base import BaseModel, resolve_base
from burnish.torch_models.build import build_model, head_module, input_names, pooling_for
from burnish.torch_models.logits import predict_logits

__all__ = ["minilm_subject"]

SEED = 13
LABELS = tuple(f"label-{number:02}" for number in range(10))
ENTITY_TYPES = ("person", "place", "organization", "date")
UNTAGGED = 0.9
"""Least share of tokens without a tag, as in a text that people tag."""
MADE_BY = b"".join(
    path.read_bytes()
    for path in (Path(__file__), *sorted(Path(plans.__file__).parent.glob("*.py")))
)
"""Another exporter makes other bundles."""
NEVER = 100.0
"""A shift of logits that no logit makes good."""


def minilm_subject(
    task: TaskName, directory: Path, *, base: str = "minilm", window: int = 512
) -> Subject:
    """Make a task's bundles, unless they stand in ``directory`` already.

    Args:
        task: the task.
        directory: where bundles are kept, each under a name that says what it was made of.
        base: the encoder.
        window: its window, in tokens.
    """
    found = resolve_base(base)
    settings = _settings(task, window)
    model = _model(found, settings)
    bundles = {
        precision: _bundle(model, settings, found, precision=precision, directory=directory)
        for precision in PRECISIONS
    }
    return Subject(task, bundles, _runner(model))


def _settings(task: TaskName, window: int) -> Task:
    if task == "classification":
        return ClassificationTask(labels=LABELS, max_length=window)
    if task == "extraction":
        return ExtractionTask(labels=ENTITY_TYPES, max_length=window)
    return QATask(max_length=window, stride=window // 4)


def _model(base: BaseModel, task: Task) -> nn.Module:
    pooling = pooling_for(base, task)
    model = build_model(base, task, pooling=pooling, seed=SEED).module.eval().requires_grad_(False)
    if isinstance(task, ExtractionTask):
        _tag_like_a_trained_head(model, task, base)
    return model


def _tag_like_a_trained_head(model: nn.Module, task: ExtractionTask, base: BaseModel) -> None:
    """Shift the biases until a random head tags few tokens, and in sequences that are valid.

    Else every text would be decoded by the search for valid tags, and answered with dozens of
    entities: both are dear, and rare once a head is trained.
    """
    bias = head_module(model)[1].bias
    bias[2::2] -= NEVER  # I-x: every entity is a B-x alone
    encoder = task.text_encoder(base.path / "tokenizer.json")
    shifts = []
    for tokens in (16, 64, task.max_length):
        encodings = [task.encode(str(t), encoder) for t in inputs_of_length(task, encoder, tokens)]
        logits = np.concatenate(
            [w for text in predict_logits(model, task, encodings) for w in text]
        )
        shifts.append(np.quantile(logits[:, 1:].max(axis=1) - logits[:, 0], UNTAGGED))
    bias[0] += float(max(shifts))


def _runner(model: nn.Module) -> Callable[[Window], object]:
    names = input_names(model)

    def run(window: Window) -> object:
        ids = torch.from_numpy(window.input_ids[np.newaxis])
        feed = {
            "input_ids": ids,
            "attention_mask": torch.ones_like(ids),
            "token_type_ids": torch.from_numpy(window.token_type_ids[np.newaxis]),
        }
        with torch.inference_mode():
            return model(**{name: feed[name] for name in names})

    return run


def _bundle(
    model: nn.Module, task: Task, base: BaseModel, *, precision: Precision, directory: Path
) -> Path:
    final = directory / f"{task.task}-{precision}-{_digest(task, base)}"
    if final.exists():
        return final
    with staged_directory(final, marker="manifest.json") as staging:
        graph = staging / "model.onnx"
        if precision == "fp32":
            # The exporter changes what it is given, and a model of one seed is always the same.
            convert(_model(base, task), task, graph)
        else:
            fp32 = _bundle(model, task, base, precision="fp32", directory=directory)
            plan = Plan("int8", scheme="channel")
            write_quantized(fp32 / graph.name, graph, plan, maxima={})
        write_tokenizer(base.path, staging)
        write_config(model.config, task, staging / "config.json")
        write_manifest(
            staging,
            Manifest(
                name=f"{task.task}-{precision}",
                created="2026-01-01T00:00:00Z",
                burnish_version=__version__,
                task=task,
                precision=precision,
                inputs=input_names(model),
            ),
        )
    return final


def _digest(task: Task, base: BaseModel) -> str:
    """Of all that a bundle is made from."""
    made_from = f"{task.model_dump_json()} {base.digest}".encode()
    return hashlib.sha256(made_from + MADE_BY).hexdigest()[:12]
