"""The one classifier that all serve: MiniLM's weights with a fixed head.

torch peers read a Hugging Face directory, ONNX peers and burnish two bundles made of it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.minilm_subjects import MADE_BY
from benchmarks.peers.texts import check_texts
from benchmarks.plan import PRECISIONS, Precision
from burnish import __version__
from burnish.bundle import Manifest, write_manifest
from burnish.directory import staged_directory
from burnish.export.convert import convert
from burnish.export.files import write_config, write_tokenizer
from burnish.export.int8.plans import Plan, write_quantized
from burnish.tasks import ClassificationTask, TextEncoder
from burnish.torch_models.base import BaseModel, resolve_base
from burnish.torch_models.build import build_model, head_module, input_names
from burnish.torch_models.logits import predict_logits

__all__ = ["PeerModel", "peer_model"]

LABELS = tuple(f"label-{number:02}" for number in range(10))
SEED = 13
SPREAD = 2.0
"""Standard deviation of the head's logits: labels differ from text to text, scores are clear."""
WINDOW = 512


@dataclass(frozen=True, slots=True)
class PeerModel:
    """Where the model lies, in each form."""

    task: ClassificationTask
    hugging_face: Path
    """``model.safetensors``, ``config.json`` with ``id2label``, the tokenizer's files."""
    bundles: dict[Precision, Path]
    longest: int
    """Tokens of the longest text that is asked."""

    def encoder(self) -> TextEncoder:
        """Its tokenizer."""
        return self.task.text_encoder(self.bundles["fp32"] / "tokenizer.json")


def peer_model(
    directory: Path, *, base: str = "minilm", window: int = WINDOW, longest: int = 256
) -> PeerModel:
    """Make the model, unless it stands in ``directory`` already.

    Args:
        directory: where models are kept, under a name that says what they are made of.
        base: the encoder.
        window: its window, in tokens.
        longest: tokens of the longest text that is asked.
    """
    found = resolve_base(base)
    task = ClassificationTask(labels=LABELS, max_length=window)
    made_from = f"{task.model_dump_json()} {found.digest}".encode()
    made_by = MADE_BY + Path(__file__).read_bytes()
    final = directory / hashlib.sha256(made_from + made_by).hexdigest()[:12]
    if not final.exists():
        with staged_directory(final, marker="made.json") as staging:
            _make(staging, task, found, longest=longest)
    bundles = {precision: final / precision for precision in PRECISIONS}
    return PeerModel(task, final / "hugging-face", bundles, longest)


def _make(directory: Path, task: ClassificationTask, base: BaseModel, *, longest: int) -> None:
    model = _with_fixed_head(task, base, longest=longest)
    _write_hugging_face(directory / "hugging-face", model, task, base)
    fp32 = directory / "fp32"
    fp32.mkdir()
    _write_bundle_files(fp32, model, task, base)
    names = input_names(model)
    convert(model, task, fp32 / "model.onnx")  # uses the model up
    shutil.copytree(fp32, directory / "int8", ignore=shutil.ignore_patterns("model.onnx"))
    plan = Plan("int8", scheme="channel")
    write_quantized(fp32 / "model.onnx", directory / "int8" / "model.onnx", plan, maxima={})
    for precision in PRECISIONS:
        manifest = Manifest(
            name="peers",
            created="2026-01-01T00:00:00Z",
            burnish_version=__version__,
            task=task,
            precision=precision,
            inputs=names,
        )
        write_manifest(directory / precision, manifest)
    (directory / "made.json").write_text(json.dumps({"base": base.digest}), encoding="utf-8")


def _with_fixed_head(task: ClassificationTask, base: BaseModel, *, longest: int) -> Any:
    """The base with a random head, moved until its labels differ and its scores are clear."""
    model: Any = build_model(base, task, pooling="native", seed=SEED).module
    model.eval().requires_grad_(False)
    encoder = task.text_encoder(base.path / "tokenizer.json")
    texts = check_texts(task, encoder, longest=longest)
    encodings = [task.encode(text, encoder) for text in texts]
    logits = np.concatenate([w for text in predict_logits(model, task, encodings) for w in text])
    logits = logits.reshape(-1, len(task.labels))
    scale = SPREAD / float(logits.std(axis=0).mean())
    head = head_module(model)[1]
    head.weight *= scale
    head.bias.copy_(torch.from_numpy(-scale * logits.mean(axis=0)))
    return model


def _write_hugging_face(
    directory: Path, model: Any, task: ClassificationTask, base: BaseModel
) -> None:
    model.save_pretrained(directory)
    write_config(model.config, task, directory / "config.json")
    write_tokenizer(base.path, directory)
    settings = {
        "tokenizer_class": "BertTokenizerFast",
        "model_max_length": task.max_length,
        "unk_token": "[UNK]",
        "sep_token": "[SEP]",
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "mask_token": "[MASK]",
    }
    (directory / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")


def _write_bundle_files(
    directory: Path, model: Any, task: ClassificationTask, base: BaseModel
) -> None:
    write_tokenizer(base.path, directory)
    write_config(model.config, task, directory / "config.json")
