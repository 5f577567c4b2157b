"""The new base's directory: weights, tokenizer, card and record."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from burnish import __version__
from burnish.torch_models.base import BaseModel, read_base
from burnish.torch_models.build import encoder_inputs
from burnish.torch_models.quiet import quiet
from burnish.torch_models.tokenizer_files import write_tokenizer_files

from .model import MaskedModel
from .settings import Pretrained

__all__ = ["RECORD", "save_base"]

RECORD = "pretraining.json"
"""In every base that is written here."""


def save_base(
    model: MaskedModel,
    staging: Path,
    *,
    base: BaseModel,
    tokenizer: Path,
    done: Pretrained,
    basis: Mapping[str, Any],
) -> None:
    """Write the base, its card and its record; vetting must accept it."""
    inputs = encoder_inputs(model.encoder)
    with quiet():
        model.whole().save_pretrained(staging, safe_serialization=True)
    write_tokenizer_files(tokenizer, staging, max_length=base.positions, inputs=inputs)
    if (base.path / "1_Pooling").is_dir():
        shutil.copytree(base.path / "1_Pooling", staging / "1_Pooling")
    read_base(staging)
    document = {
        "burnish_version": __version__,
        "base_model": base.name,
        "revision": base.revision,
        **{key: value for key, value in done.to_json().items() if key != "path"},
        "basis": dict(basis),
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (staging / "README.md").write_text(_card(done, base, basis), encoding="utf-8")
    (staging / RECORD).write_text(text + "\n", encoding="utf-8")


def _card(done: Pretrained, base: BaseModel, basis: Mapping[str, Any]) -> str:
    head = (
        "The base had no head for masked tokens. A new one was trained alone before the first "
        "measurement, so that the figures tell what the encoder has learned.\n\n"
        if done.new_head
        else ""
    )
    rows = [
        f"| {name} | {getattr(done.before, key):.4f} | {getattr(done.after, key):.4f} |"
        for key, name in (("domain", "held-out texts"), ("neutral", "neutral sentences"))
    ]
    steps = (
        f"- Epochs: {basis['epochs']}; steps: {done.steps:,} of {basis['batch_size']} windows of "
        f"{basis['max_length']} tokens; seed {basis['seed']}"
    )
    method = (
        "- Method: masked language modelling, whole words, 15 % of the tokens (Devlin et al. 2019; "
        "Gururangan et al. 2020)"
    )
    private = (
        "The texts themselves are not kept. A model may repeat words that it has read: treat this "
        "one as you treat the texts."
    )
    added = []
    if done.added:
        added = [f"- Tokens added, each at first the mean of its pieces: {len(done.added)}"]
    return "\n".join(
        [
            f"# {done.path.name}",
            "",
            f"{base.name}, pre-trained further by burnish {__version__} on texts without labels.",
            "",
            "| masked-token loss (nats) | before | after |",
            "|---|---|---|",
            *rows,
            "",
            f"{head}- Texts: {done.texts:,}; tokens trained on: {done.tokens:,}",
            f"- SHA-256 over the texts' digests: `{basis['SHA-256 of the texts']}`",
            f"- SHA-256 of the weights before: `{base.digest}`",
            steps,
            method,
            *added,
            "",
            private,
            "",
        ]
    )
