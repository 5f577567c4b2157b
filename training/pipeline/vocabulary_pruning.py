"""From a base to one without the tokens that a field's texts never use."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoModel

from burnish import __version__
from burnish.directory import check_free, staged_directory
from burnish.errors import BaseModelError, RunError
from burnish.notify import Notify, ignore
from burnish.plural import plural
from burnish.tasks import TextEncoder
from burnish.torch_models.base import BaseModel, read_base, resolve_base
from burnish.torch_models.quiet import quiet
from burnish.torch_models.smaller_vocabulary import (
    kept_ids,
    smaller_config,
    smaller_tensors,
    smaller_tokenizer,
)

from .pretraining.texts import is_held_out, readable_texts, survey, training_texts

__all__ = ["PrunedVocabulary", "prune_vocabulary"]

RECORD = "vocabulary.json"
_PROVED = 200
"""Texts whose vectors are compared."""
_LENGTH = 128
_FILES = ("tokenizer_config.json", "special_tokens_map.json")


@dataclass(frozen=True, slots=True)
class PrunedVocabulary:
    """A base with fewer tokens."""

    path: Path
    before: int
    """Tokens of the vocabulary."""
    after: int
    bytes_before: int
    """Of the weights."""
    bytes_after: int
    held_out: int
    """Texts that did not choose the tokens."""
    changed: int
    """How many of them become other tokens."""
    unknown_before: float
    """Share of unknown tokens in the held-out texts."""
    unknown_after: float
    proved: int
    """Texts whose vectors were compared, and are the same."""

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {**asdict(self), "path": str(self.path)}


def prune_vocabulary(
    base_model: str,
    texts: Path,
    output: Path,
    *,
    revision: str | None = None,
    text: str = "text",
    replace: bool = False,
    notify: Notify | None = None,
) -> PrunedVocabulary:
    """Write a base without the tokens that texts do not use.

    A twentieth of the texts chooses no token: it tells how often a text of the field will need one
    that is gone, and so become other tokens.

    Args:
        base_model: as in a recipe.
        texts: a file or a folder, as ``burnish predict`` reads it: all that the field may hold.
        output: for the new base.
        revision: of a hub id.
        text: the column or field of the text.
        replace: put the base in place of an older one of this kind.
        notify: told what is going on.

    Raises:
        UsageError, DataError: the texts cannot be read, or the output may not be replaced.
        BaseModelError: the base is refused, or its tokenizer's tokens need each other.
        RunError: the new base gives other vectors to a text that needs no removed token.
    """
    say = notify or ignore
    check_free(output, marker=RECORD, replace=replace)
    base, found = resolve_base(base_model, revision), survey(texts, text)
    document = json.loads((base.path / "tokenizer.json").read_bytes())
    config = json.loads((base.path / "config.json").read_bytes())
    rows = int(config["vocab_size"])
    kept_ids(document, (), config=config, name=base.name)  # before all texts are read
    say(f"reading {plural(found.texts, '# [text|texts]')}")
    used = _used(base, training_texts(texts, text, found))
    kept = kept_ids(document, used, config=config, name=base.name)
    with staged_directory(output, marker=RECORD, replace=replace) as staging:
        _write(base, staging, document, config, kept)
        new = read_base(staging)
        held_out = (each for each in readable_texts(texts, text) if is_held_out(each, found))
        judged = _judge(base, new, held_out)
        every = readable_texts(texts, text)
        proved = _prove(base, new, every)
        done = PrunedVocabulary(
            path=output,
            before=rows,
            after=len(kept),
            bytes_before=_weight_bytes(base.path),
            bytes_after=_weight_bytes(staging),
            **judged,
            proved=proved,
        )
        (staging / "README.md").write_text(_card(done, base, found.digest), encoding="utf-8")
        record = {
            "burnish_version": __version__,
            "base_model": base.name,
            "SHA-256 of the base model": base.digest,
            "SHA-256 of the texts": found.digest,
            **{key: value for key, value in done.to_json().items() if key != "path"},
        }
        (staging / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return done


def _encoder(base: BaseModel) -> TextEncoder:
    return TextEncoder.from_file(base.path / "tokenizer.json", max_length=_LENGTH, stride=0)


def _used(base: BaseModel, texts: Iterator[str]) -> set[int]:
    encoder, used = _encoder(base), set[int]()
    for text in texts:
        for window in encoder.encode(text, offsets=False).windows:
            used.update(window.input_ids.tolist())
    return used


def _write(
    base: BaseModel,
    staging: Path,
    document: dict[str, Any],
    config: dict[str, Any],
    kept: list[int],
) -> None:
    padding = config.get("pad_token_id")
    if isinstance(padding, int) and padding in kept and kept.index(padding) != padding:
        raise BaseModelError(
            f"the vocabulary of {base.name} cannot be pruned: its positions count from the id of "
            f"the padding, {padding}, and tokens before it would go",
            "choose another base, or keep this one as it is",
        )
    tensors: dict[str, torch.Tensor] = {}
    for file in sorted(base.path.glob("model*.safetensors")):
        tensors |= load_file(file)
    smaller = smaller_tensors(tensors, kept, rows=int(config["vocab_size"]))
    save_file(smaller, staging / "model.safetensors", metadata={"format": "pt"})
    text = json.dumps(smaller_config(config, kept), indent=2)
    (staging / "config.json").write_text(text + "\n", encoding="utf-8")
    text = json.dumps(smaller_tokenizer(document, kept), ensure_ascii=False)
    (staging / "tokenizer.json").write_text(text, encoding="utf-8")
    for name in _FILES:
        if (base.path / name).is_file():
            shutil.copyfile(base.path / name, staging / name)
    if (base.path / "1_Pooling").is_dir():
        shutil.copytree(base.path / "1_Pooling", staging / "1_Pooling")


def _judge(base: BaseModel, new: BaseModel, texts: Iterator[str]) -> dict[str, Any]:
    """How texts that chose no token are read before and after."""
    tokenizers = [Tokenizer.from_file(str(b.path / "tokenizer.json")) for b in (base, new)]
    for each in tokenizers:
        each.no_truncation()
        each.no_padding()
    unknown = [_unknown_token(each) for each in tokenizers]
    counts, totals, held_out, changed = [0, 0], [0, 0], 0, 0
    for text in texts:
        held_out += 1
        read = [each.encode(text, add_special_tokens=False).tokens for each in tokenizers]
        changed += read[0] != read[1]
        for at, tokens in enumerate(read):
            totals[at] += len(tokens)
            counts[at] += tokens.count(unknown[at])
    return {
        "held_out": held_out,
        "changed": changed,
        "unknown_before": counts[0] / max(1, totals[0]),
        "unknown_after": counts[1] / max(1, totals[1]),
    }


def _unknown_token(tokenizer: Tokenizer) -> str:
    model: Any = tokenizer.model
    named = getattr(model, "unk_token", None)
    return named if isinstance(named, str) else "<unk>"


def _prove(base: BaseModel, new: BaseModel, texts: Iterator[str]) -> int:
    """Compare the vectors of texts that become the same tokens; how many were compared.

    Raises:
        RunError: one differs.
    """
    encoders = [_encoder(each) for each in (base, new)]
    names = [_names(each) for each in (base, new)]
    with quiet():
        models: list[Any] = [
            AutoModel.from_pretrained(each.path, trust_remote_code=False).eval()
            for each in (base, new)
        ]
    proved = 0
    for text in texts:
        windows = [each.encode(text, offsets=False).windows[0] for each in encoders]
        ids = [torch.from_numpy(w.input_ids.astype("int64"))[None] for w in windows]
        read = [[name[i] for i in each[0].tolist()] for name, each in zip(names, ids, strict=True)]
        if read[0] != read[1]:
            continue
        with torch.inference_mode():
            one, other = (
                model(input_ids=each, attention_mask=torch.ones_like(each)).last_hidden_state
                for model, each in zip(models, ids, strict=True)
            )
        if not torch.equal(one, other):
            raise RunError(
                "the base with fewer tokens gives other vectors to the same tokens",
                "keep the whole base, and report this as a fault of burnish",
            )
        proved += 1
        if proved == _PROVED:
            break
    return proved


def _names(base: BaseModel) -> dict[int, str]:
    tokenizer = Tokenizer.from_file(str(base.path / "tokenizer.json"))
    return {index: token for token, index in tokenizer.get_vocab().items()}


def _weight_bytes(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.glob("model*.safetensors"))


def _card(done: PrunedVocabulary, base: BaseModel, digest: str) -> str:
    before, after = (size / 2**20 for size in (done.bytes_before, done.bytes_after))
    unknown = 100 * done.unknown_before, 100 * done.unknown_after
    facts = (
        f"- Tokens: {done.after:,}; before: {done.before:,}\n"
        f"- Weights: {after:.1f} MiB; before: {before:.1f}\n"
        f"- Of {done.held_out:,} texts that chose no token, {done.changed:,} become others\n"
        f"- Unknown tokens in them: {unknown[1]:.3f} %; before: {unknown[0]:.3f} %\n"
        f"- Texts whose vectors were compared with those before, and are equal: {done.proved}\n"
        f"- SHA-256 over the texts' digests: `{digest}`\n"
        f"- SHA-256 of the weights before: `{base.digest}`\n"
    )
    lines = [
        f"# {done.path.name}",
        f"{base.name} without the tokens that some texts do not use, by burnish {__version__}.",
        facts,
    ]
    return "\n\n".join(lines)
