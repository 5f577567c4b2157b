"""A masked language model whose head reads the masked tokens alone.

The head's last layer has a row for each token of the vocabulary, so that over all tokens of a
window it would cost as much as the encoder of a small model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModelForMaskedLM, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPooling

from burnish.errors import BaseModelError
from burnish.tasks.regimes import IGNORED
from burnish.torch_models.architecture import load_config
from burnish.torch_models.base import BaseModel
from burnish.torch_models.quiet import quiet

from ...diagnostics.vocabulary import Term
from ...loop.loss import Loss
from .added_tokens import grow_embedding

__all__ = ["MaskedModel", "load_masked"]


class MaskedModel(nn.Module):
    """An encoder and its masked language modelling head.

    Args:
        whole: a model of ``AutoModelForMaskedLM``.
        missing: its parameters that the base lacks.
    """

    def __init__(self, whole: PreTrainedModel, missing: frozenset[str]) -> None:
        super().__init__()
        self._prefix = whole.base_model_prefix
        self.encoder: Any = whole.base_model
        self._given = _Given()
        setattr(whole, self._prefix, self._given)
        self.head: Any = whole
        self.new_head = bool(missing)
        """Whether the base has no head, so that it started at random."""

    @property
    def config(self) -> Any:
        """The encoder's configuration."""
        return self.encoder.config

    def forward(self, **inputs: torch.Tensor) -> Any:
        """The encoder's output for token ids (batch, length)."""
        return self.encoder(**inputs)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """(tokens, vocabulary) of vectors (tokens, hidden)."""
        self._given.hidden = hidden.unsqueeze(0)
        try:
            given = torch.zeros((1, len(hidden)), dtype=torch.long, device=hidden.device)
            found: torch.Tensor = self.head(input_ids=given).logits[0]
        finally:
            self._given.hidden = None
        return found

    def loss(self) -> Loss:
        """Cross-entropy of the masked tokens, a mean over them."""

        def mean(output: Any, targets: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
            told = targets != IGNORED
            logits = self.logits(output.last_hidden_state[told])
            return functional.cross_entropy(logits, targets[told])

        return Loss(mean, lambda targets, _: (targets != IGNORED).sum().float())

    def whole(self) -> PreTrainedModel:
        """The model of ``AutoModelForMaskedLM`` again, to be saved; this one is of no more use."""
        setattr(self.head, self._prefix, self.encoder)
        found: PreTrainedModel = self.head
        return found


class _Given(nn.Module):
    """In place of an encoder: the vectors that it is given."""

    hidden: torch.Tensor | None = None

    def forward(self, *_: Any, **__: Any) -> BaseModelOutputWithPooling:
        return BaseModelOutputWithPooling(last_hidden_state=self.hidden)


def load_masked(base: BaseModel, *, seed: int, added: Sequence[Term] = ()) -> MaskedModel:
    """A base as a masked language model.

    Args:
        base: vetted.
        seed: draws a head that the base lacks.
        added: tokens that the base lacks.

    Raises:
        BaseModelError: the family has no such model.
    """
    torch.manual_seed(seed)
    config = load_config(base.path, name=base.name)
    if type(config) not in AutoModelForMaskedLM._model_mapping:
        raise BaseModelError(
            f"transformers has no masked language model for {base.family!r} ({base.name})",
            "choose another base model",
        )
    auto: Any = AutoModelForMaskedLM
    with quiet():
        model, info = auto.from_pretrained(
            base.path,
            config=config,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
        )
    prefix = f"{model.base_model_prefix}."
    missing = frozenset(name for name in info["missing_keys"])
    lacking = sorted(name for name in missing if name.startswith(prefix))
    if lacking:
        raise BaseModelError(
            f"{base.name} lacks {lacking[0]} and other weights of its encoder", "use a whole one"
        )
    if added:
        grow_embedding(model, base, added)
    return MaskedModel(model.eval(), missing)
