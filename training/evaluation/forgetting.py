"""What a tuning destroyed of what pre-training knew, measured on neutral sentences.

Where the base model can fill in masked words, its own head is asked how well it still does so on
the tuned encoder. In any case the vectors of base and tuned encoder are compared: by linear
centred kernel alignment (CKA: Kornblith et al. 2019, "Similarity of Neural Network Representations
Revisited"), which asks whether the sentences still stand to each other as they did, and by the mean
cosine, which asks whether they stand where they did.
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
from burnish.torch_models.logits import inner_model
from burnish.torch_models.pooled import PooledClassifier
from burnish.torch_models.quiet import quiet
from burnish.torch_models.structures import StructuredModel

from .neutral import NEUTRAL_TEXTS

__all__ = ["Forgetting", "Memory", "linear_cka", "remember"]


_MASKED = 0.15
"""Share of a sentence's tokens that are masked, at least one."""
_SEED = 20181011
"""Of the masks: the same for every run, whatever its own seed."""
_LENGTH = 64
"""Tokens of a sentence that are read."""
_AT_ONCE = 8
"""Sentences whose masked words are asked for together."""
_LARGE_LOSS = 1.0
"""A rise of the masked-word loss, in nats, that is worth a note."""
_SMALL_CKA = 0.8
"""An alignment that is worth one where there is no such loss."""
_MASKS = ("[MASK]", "<mask>")


@dataclass(frozen=True, slots=True)
class Forgetting:
    """How far a tuned encoder has gone from its base on neutral sentences."""

    texts: int
    cka: float
    """1: the sentences stand to each other as before; 0: no more than by chance."""
    cosine: float
    """Mean of base's and tuned vector of a sentence; 1: it has not moved."""
    masked_loss_before: float | None
    """Mean negative log-likelihood of masked tokens, in nats; None: the base has no such head."""
    masked_loss_after: float | None

    def to_json(self) -> dict[str, Any]:
        """For ``metrics.json``."""
        return asdict(self)

    @property
    def summary(self) -> str:
        """In a line."""
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
        """What a reader must know, where much was lost."""
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
    """What the base model makes of the neutral sentences, before it is tuned."""

    vectors: DoubleArray
    """(sentences, hidden), mean pooled."""
    masked_loss: float | None
    tokens: _Tokens
    head: nn.Module | None
    """The base's masked language model, whose encoder is exchanged; None: it has none."""

    def compare(self, model: nn.Module) -> Forgetting:
        """With the tuned model, an adapter still in it; its mode and weights stay as they are."""
        encoder = _encoder(model)
        training = model.training
        model.eval()
        try:
            vectors = _vectors(encoder, self.tokens)
            loss = None if self.head is None else _masked_loss(self.head, encoder, self.tokens)
        finally:
            model.train(training)
        return Forgetting(
            texts=len(vectors),
            cka=round(linear_cka(self.vectors, vectors), 6),
            cosine=round(_mean_cosine(self.vectors, vectors), 6),
            masked_loss_before=None if self.masked_loss is None else round(self.masked_loss, 6),
            masked_loss_after=None if loss is None else round(loss, 6),
        )


def remember(model: nn.Module, base: BaseModel) -> Memory:
    """Ask the base model, before anything of it is changed.

    Args:
        model: built on the base, untuned.
        base: where its head and its tokenizer are.
    """
    encoder = _encoder(model)
    tokens = _tokenize(base, encoder)
    training = model.training
    model.eval()
    try:
        head = _masked_head(base) if tokens.mask_id is not None else None
        loss = None if head is None else _masked_loss(head, encoder, tokens)
        return Memory(_vectors(encoder, tokens), loss, tokens, head)
    finally:
        model.train(training)


def linear_cka(one: DoubleArray, other: DoubleArray) -> float:
    """Alignment of two sets of vectors (rows, dimensions) of the same rows.

    With the unbiased estimate of Song et al. 2012, since there are fewer rows than dimensions:
    the plain one is near 1 then whatever the vectors are.
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
    """(sentences, longest) a tensor."""
    masked: torch.Tensor
    """(sentences, longest) which tokens the masked language model is to find."""
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
    """Which tokens to mask, sentence by sentence."""
    rng = np.random.default_rng(_SEED)
    masked = np.zeros(special.shape, dtype=bool)
    for row, each in zip(masked, special, strict=True):
        own = np.flatnonzero(each == 0)
        if len(own):
            row[rng.choice(own, max(1, round(_MASKED * len(own))), replace=False)] = True
    return masked


def _masked_head(base: BaseModel) -> nn.Module | None:
    """The base's masked language model, where its checkpoint has all of it."""
    config = load_config(base.path, name=base.name)
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
    """The loss of the base's head on an encoder's vectors; the head is left as it was."""
    own = head.base_model
    setattr(head, head.base_model_prefix, encoder)
    try:
        losses = [_masked_losses(head, tokens, part) for part in _parts(len(tokens.masked))]
    finally:
        setattr(head, head.base_model_prefix, own)
    return float(torch.cat(losses).mean())


def _masked_losses(head: Any, tokens: _Tokens, part: slice) -> torch.Tensor:
    """(masked tokens of some sentences,)."""
    inputs = {name: each[part] for name, each in tokens.inputs.items()}
    ids, masked = inputs["input_ids"], tokens.masked[part]
    logits = head(**inputs | {"input_ids": ids.masked_fill(masked, tokens.mask_id or 0)}).logits
    return functional.cross_entropy(logits[masked], ids[masked], reduction="none")


def _parts(count: int) -> list[slice]:
    """Of all sentences at once, a logit per token and word of the vocabulary takes gigabytes."""
    return [slice(begin, begin + _AT_ONCE) for begin in range(0, count, _AT_ONCE)]


def _encoder(model: nn.Module) -> Any:
    """What gives vectors in a classifier, adapters and all."""
    inner: Any = inner_model(model)
    if isinstance(inner, StructuredModel):
        inner = inner.module
    return inner.encoder if isinstance(inner, PooledClassifier) else inner.base_model
