"""The token streams of a run, and the losses on those that are not trained on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer

from burnish.errors import BaseModelError, DataError
from burnish.interruption import Interruption
from burnish.tasks import TextEncoder
from burnish.tasks.templates import single_template
from burnish.torch_models.base import BaseModel
from burnish.torch_models.batches import token_batches
from burnish.torch_models.build import encoder_inputs
from burnish.torch_models.logits import evaluating, pad_id

from ...data.batches import Collator
from ...data.features import Feature
from ...evaluation.neutral import NEUTRAL_TEXTS
from .model import MaskedModel
from .settings import Losses, PretrainSettings
from .texts import Survey, is_held_out, readable_texts, training_texts, write_stream
from .windows import MaskedWindows, Vocabulary

__all__ = ["DOMAIN", "Streams"]

DOMAIN, _HELD_OUT, _NEUTRAL = "domain.tokens", "held-out.tokens", "neutral.tokens"
_SCORED = 512
"""Windows at most on which a loss is measured."""
_BATCH_TOKENS = 4096


class Streams:
    """The token streams of a run, in its working directory.

    Args:
        directory: the run's.
        tokenizer_json: cuts the texts into tokens.
        base: in messages.
        settings: the length of a window, and the seed of the masks.
        stop: may end the writing.
    """

    def __init__(
        self,
        directory: Path,
        tokenizer_json: Path,
        base: BaseModel,
        settings: PretrainSettings,
        stop: Interruption,
    ) -> None:
        self._directory, self._settings, self._stop = directory, settings, stop
        file = tokenizer_json
        tokenizer = Tokenizer.from_file(str(file))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._encoder = TextEncoder.from_file(file, max_length=settings.max_length, stride=0)
        self._vocabulary = _vocabulary(tokenizer, base)
        ends = self._vocabulary.after or self._vocabulary.before
        self._end = ends[-1] if ends else 0

    def write(self, texts: Path, found: Survey, held_out: Path | None) -> int:
        """Write all streams; how many tokens are trained on."""
        field = self._settings.text
        if held_out is None:
            every = readable_texts(texts, field)
            others: Iterator[str] = (text for text in every if is_held_out(text, found))
        else:
            others = readable_texts(held_out, field)
        self._write(_HELD_OUT, others)
        self._write(_NEUTRAL, iter(NEUTRAL_TEXTS))
        train = training_texts(texts, field, None if held_out else found)
        count = self._write(DOMAIN, train)
        if not count:
            raise DataError(
                f"{texts} holds one text, which is held out to measure the loss",
                "give several texts, or others to measure on: --held-out FILE",
            )
        return count

    def windows(self, name: str, *, epochs: int = 1) -> MaskedWindows:
        """The windows of a stream."""
        return MaskedWindows(
            self._directory / name,
            length=self._settings.max_length,
            vocabulary=self._vocabulary,
            epochs=epochs,
            seed=self._settings.seed,
        )

    def losses(self, model: MaskedModel) -> Losses:
        """Measure a model, always with the same masks."""
        return Losses(*(_loss(model, self.windows(name)) for name in (_HELD_OUT, _NEUTRAL)))

    def _write(self, name: str, texts: Iterator[str]) -> int:
        path = self._directory / name
        return write_stream(path, texts, self._encoder, end=self._end, check=self._stop.check)


def _vocabulary(tokenizer: Tokenizer, base: BaseModel) -> Vocabulary:
    template = single_template(tokenizer)
    mask = next(
        (i for i in map(tokenizer.token_to_id, ("[MASK]", "<mask>")) if i is not None), None
    )
    if mask is None:
        raise BaseModelError(
            f"the tokenizer of {base.name} has no token for a masked word",
            "choose a base that was pre-trained with masked words, as BERT and RoBERTa were",
        )
    return Vocabulary(template.before, template.behind, mask, tokenizer.get_vocab_size())


def _loss(model: MaskedModel, features: MaskedWindows) -> float:
    """The mean over masked tokens, in eval mode, on windows evenly apart."""
    count = min(_SCORED, features.windows)
    places = [round(at * (features.windows - 1) / max(1, count - 1)) for at in range(count)]
    chosen: list[Feature] = [features[place] for place in places]
    collate = Collator(encoder_inputs(model.encoder), pad_id=pad_id(model))
    loss, total, tokens = model.loss(), 0.0, 0.0
    with evaluating(model), torch.inference_mode():
        for batch in token_batches([len(each) for each in chosen], batch_tokens=_BATCH_TOKENS):
            inputs = collate([chosen[index] for index in batch])
            targets, weights = inputs.pop("targets"), inputs.pop("weights")
            count_told = float(loss.weight(targets, weights))
            total += float(loss(model(**inputs), targets, weights)) * count_told
            tokens += count_told
    return total / tokens
