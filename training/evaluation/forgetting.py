"""What fine-tuning made a model forget of its pre-training, measured on neutral sentences.

Where the base model can fill in masked words, its own head does so on the tuned encoder. In any
case the vectors of base and tuned encoder are compared in two ways. Linear centred kernel
alignment (CKA: Kornblith et al. 2019, "Similarity of Neural Network Representations Revisited")
tells whether the sentences kept their relations to each other. The mean cosine tells whether they
kept their places.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import AutoModelForMaskedLM

from burnish.arrays import DoubleArray
from burnish.torch_models.architecture import load_config
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import input_names
from burnish.torch_models.encoder import encoder_of
from burnish.torch_models.logits import evaluating
from burnish.torch_models.quiet import quiet

from .neutral import NEUTRAL_TEXTS

__all__ = ["Forgetting", "Memory", "linear_cka", "remember"]


_MASKED = 0.15
"""Share of a sentence's tokens that are masked; at least one is."""
_SEED = 20181011
"""Seed of the masks: the same for every run, whatever its own seed."""
_LENGTH = 64
"""The most tokens of a sentence that are read."""
_AT_ONCE = 8
"""Sentences per batch for the masked words: a logit per token and word of the vocabulary of all
sentences would take gigabytes."""
_LARGE_LOSS = 1.0
"""A rise of the masked-word loss, in nats, that is worth a note."""
_SMALL_CKA = 0.8
"""Without such a loss, the alignment below which a note is worth it."""
_MASKS = ("[MASK]", "<mask>")


@dataclass(frozen=True, slots=True)
class Forgetting:
    """How far a tuned encoder moved from its base on neutral sentences."""

    texts: int
    cka: float
    """1: the sentences kept their relations to each other; 0: only as much as by chance."""
    cosine: float
    """Mean cosine of a sentence's vectors of base and tuned encoder; 1: none moved."""
    masked_loss_before: float | None
    """Mean negative log-likelihood of masked tokens, in nats; None: the base has no such head."""
    masked_loss_after: float | None

    def to_json(self) -> dict[str, Any]:
        """For ``metrics.json``."""
        return asdict(self)

    @property
    def summary(self) -> str:
        """The figures in one line."""
        found = (
            f"representations of neutral sentences: CKA {self.cka:.3f}, cosine {self.cosine:.3f}"
        )
        if self.masked_loss_before is None or self.masked_loss_after is None:
            return found
        return (
            f"masked-word loss on neutral sentences {self.masked_loss_before:.2f} before, "
            f"{self.masked_loss_after:.2f} after; {found}"
        )

    @property
    def note(self) -> str | None:
        """A note for the user where much was lost."""
        before, after = self.masked_loss_before, self.masked_loss_after
        lost = before is not None and after is not None and not after - before <= _LARGE_LOSS
        if before is None:
            lost = not self.cka >= _SMALL_CKA
        if not lost:
            return None
        return (
            f"fine-tuning lost much of what the base model knew ({self.summary}). If the model is "
            "to read texts of other kinds, try a smaller learning rate, train.layer_decay, or "
            "train.regularization"
        )


@dataclass(frozen=True, slots=True)
class Memory:
    """The untuned base model's vectors and loss on the neutral sentences."""

    vectors: DoubleArray
    """(sentences, hidden), mean pooled."""
    masked_loss: float | None
    tokens: _Tokens
    head: nn.Module | None
    """The base's masked language model, which gets the tuned encoder; None: it has none."""

    def compare(self, model: nn.Module) -> Forgetting:
        """Compare the base with a tuned model, which is not changed; no adapter may be merged."""
        encoder = encoder_of(model)
        with evaluating(model):
            vectors = _vectors(encoder, self.tokens)
            loss = None if self.head is None else _masked_loss(self.head, encoder, self.tokens)
        return Forgetting(
            texts=len(vectors),
            cka=round(linear_cka(self.vectors, vectors), 6),
            cosine=round(_mean_cosine(self.vectors, vectors), 6),
            masked_loss_before=None if self.masked_loss is None else round(self.masked_loss, 6),
            masked_loss_after=None if loss is None else round(loss, 6),
        )


def remember(model: nn.Module, base: BaseModel) -> Memory:
    """Measure a model that was built on the base, before it is tuned."""
    encoder = encoder_of(model)
    tokens = _tokenize(base, encoder)
    with evaluating(model):
        head = _masked_head(base) if tokens.mask_id is not None else None
        loss = None if head is None else _masked_loss(head, encoder, tokens)
        return Memory(_vectors(encoder, tokens), loss, tokens, head)


def linear_cka(one: DoubleArray, other: DoubleArray) -> float:
    """Alignment of two sets of vectors (rows, dimensions) of the same rows.

    It is the unbiased estimate of Song et al. 2012: with fewer rows than dimensions the plain one
    is near 1, whatever the vectors are.
    """
    grams = [vectors @ vectors.T for vectors in (one, other)]
    cross, first, second = (_unbiased_hsic(grams[i], grams[j]) for i, j in ((0, 1), (0, 0), (1, 1)))
    return float(cross / np.sqrt(first * second)) if first > 0 and second > 0 else 0.0


def _unbiased_hsic(one: DoubleArray, other: DoubleArray) -> float:
    count = len(one)
    one, other = one.copy(), other.copy()
    np.fill_diagonal(one, 0)
    np.fill_diagonal(other, 0)
    total = one.sum() * other.sum() / ((count - 1) * (count - 2))
    rows = 2 * (one.sum(0) @ other.sum(0)) / (count - 2)
    return float((np.sum(one * other) + total - rows) / (count * (count - 3)))


def _mean_cosine(one: DoubleArray, other: DoubleArray) -> float:
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(np.mean((one * other).sum(1) / np.maximum(norms, 1e-12)))


@dataclass(frozen=True, slots=True)
class _Tokens:
    inputs: dict[str, torch.Tensor]
    """Tensors (sentences, longest)."""
    masked: torch.Tensor
    """(sentences, longest) which tokens are masked."""
    mask_id: int | None


def _tokenize(base: BaseModel, encoder: nn.Module) -> _Tokens:
    tokenizer = Tokenizer.from_file(str(base.path / "tokenizer.json"))
    tokenizer.enable_truncation(min(_LENGTH, base.positions or _LENGTH))
    pad = getattr(encoder.config, "pad_token_id", None) or 0
    tokenizer.enable_padding(pad_id=pad)
    found = tokenizer.encode_batch(list(NEUTRAL_TEXTS))
    arrays = {
        "input_ids": [each.ids for each in found],
        "attention_mask": [each.attention_mask for each in found],
        "token_type_ids": [each.type_ids for each in found],
    }
    special = np.array([each.special_tokens_mask for each in found])
    mask_ids = [tokenizer.token_to_id(mask) for mask in _MASKS]
    return _Tokens(
        {name: torch.tensor(arrays[name]) for name in input_names(encoder)},
        torch.from_numpy(_choose(special)),
        next((each for each in mask_ids if each is not None), None),
    )


def _choose(special: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Draw the tokens to mask, sentence by sentence."""
    rng = np.random.default_rng(_SEED)
    masked = np.zeros(special.shape, dtype=bool)
    for row, each in zip(masked, special, strict=True):
        own = np.flatnonzero(each == 0)
        if len(own):
            row[rng.choice(own, max(1, round(_MASKED * len(own))), replace=False)] = True
    return masked


def _masked_head(base: BaseModel) -> nn.Module | None:
    """Load the base's masked language model; None where its checkpoint lacks a part of it."""
    config = load_config(base.path, name=base.name)
    if config.is_encoder_decoder:
        return None
    try:
        with quiet():
            model, info = AutoModelForMaskedLM.from_pretrained(
                base.path,
                config=config,
                attn_implementation="eager",
                output_loading_info=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
            )
    except ValueError:  # the architecture has no such model
        return None
    lacking = {*info["missing_keys"], *(key for key, *_ in info["mismatched_keys"])}
    found: nn.Module = model.eval().requires_grad_(False)
    return None if lacking else found


@torch.inference_mode()
def _vectors(encoder: Any, tokens: _Tokens) -> DoubleArray:
    hidden = encoder(**tokens.inputs).last_hidden_state
    mask = tokens.inputs["attention_mask"].unsqueeze(-1)
    vectors = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
    return np.asarray(vectors.numpy(), dtype=np.float64)


@torch.inference_mode()
def _masked_loss(head: Any, encoder: nn.Module, tokens: _Tokens) -> float:
    """The loss of the base's head on an encoder's vectors; the head gets its own encoder back."""
    own = head.base_model
    setattr(head, head.base_model_prefix, encoder)
    try:
        parts = [slice(at, at + _AT_ONCE) for at in range(0, len(tokens.masked), _AT_ONCE)]
        losses = [_masked_losses(head, tokens, part) for part in parts]
    finally:
        setattr(head, head.base_model_prefix, own)
    return float(torch.cat(losses).mean())


def _masked_losses(head: Any, tokens: _Tokens, part: slice) -> torch.Tensor:
    """(masked tokens of some sentences,) losses."""
    inputs = {name: each[part] for name, each in tokens.inputs.items()}
    ids, masked = inputs["input_ids"], tokens.masked[part]
    logits = head(**inputs | {"input_ids": ids.masked_fill(masked, tokens.mask_id or 0)}).logits
    return functional.cross_entropy(logits[masked], ids[masked], reduction="none")
