"""A small encoder-decoder from scratch, with a tokenizer of the rows' own (``base_model: new``).

For languages that no pre-trained model knows. The settings are those that serve a few thousand
pairs best (Sennrich & Zhang 2019, "Revisiting Low-Resource Neural Machine Translation"): few
layers, a small joint vocabulary of subwords, much dropout, one table of vectors. Layer norms come
first (Xiong et al. 2020), so that no long warm-up is needed.
"""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PegasusConfig, PegasusForConditionalGeneration

from burnish.data import Split
from burnish.directory import staged_directory
from burnish.errors import ConfigError
from burnish.recipe.recipe import Recipe
from burnish.recipe.writing import NEW
from burnish.tasks.heads import Head
from burnish.tasks.table import find_task
from burnish.torch_models.base import BaseModel, resolve_base
from burnish.torch_models.quiet import quiet
from burnish.torch_models.writers import NEW_BASE

__all__ = ["make_base"]

_PAD, _END, _UNKNOWN = "<pad>", "</s>", "<unk>"
_POSITIONS = 1024


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a base was made of: of the same it is made again, bit for bit."""

    rows_sha256: str
    sizes: dict[str, Any]
    seed: int


def make_base(recipe: Recipe, split: Split) -> BaseModel:
    """Write a base for the recipe's training rows beside its run, or find it there.

    Args:
        recipe: with ``base_model: new``.
        split: whose training rows have the words.

    Raises:
        ConfigError: the task's model does not write.
        UsageError: something else is where the base belongs.
    """
    if find_task(recipe.task).settings.head is not Head.WRITTEN:
        raise ConfigError(
            f"base_model: {NEW} is for models that write, and {recipe.task} needs one that reads "
            "well: a pre-trained one",
            "leave base_model out, or name an encoder",
        )
    place = recipe.output.with_name(f"{recipe.output.name}-base").absolute()
    texts = [text for each in split.train for text in (each.body, str(each.answer_key))]
    rows = hashlib.sha256(json.dumps(texts).encode()).hexdigest()
    origin = _Origin(rows, recipe.new.model_dump(), recipe.train.seed)
    document = json.dumps(asdict(origin), indent=1) + "\n"
    if not _is_there(place, document):
        with staged_directory(
            place, marker=NEW_BASE, replace=(place / NEW_BASE).exists()
        ) as staging:
            tokenizer = _train_tokenizer(texts, size=recipe.new.vocabulary)
            tokenizer.save(str(staging / "tokenizer.json"))
            _write_model(recipe, tokenizer, staging)
            (staging / NEW_BASE).write_text(document, encoding="utf-8")
    return resolve_base(str(place))


def _is_there(place: Path, document: str) -> bool:
    origin = place / NEW_BASE
    return origin.exists() and origin.read_text(encoding="utf-8") == document


def _train_tokenizer(texts: list[str], *, size: int) -> Tokenizer:
    """Subwords by byte-pair encoding (Sennrich et al. 2016), case kept, each digit on its own."""
    tokenizer = Tokenizer(models.BPE(unk_token=_UNKNOWN))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(),
            pre_tokenizers.Punctuation(),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[_PAD, _END, _UNKNOWN],
        initial_alphabet=sorted(string.ascii_letters + string.digits + string.punctuation),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_stripped(texts), trainer)
    end = (_END, tokenizer.token_to_id(_END))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {_END}", pair=f"$A {_END} $B {_END}", special_tokens=[end]
    )
    return tokenizer


def _stripped(texts: list[str]) -> Iterator[str]:
    return (text.strip() for text in texts)


def _write_model(recipe: Recipe, tokenizer: Tokenizer, directory: Path) -> None:
    new = recipe.new
    pad, end = (tokenizer.token_to_id(token) for token in (_PAD, _END))
    config = PegasusConfig(
        vocab_size=tokenizer.get_vocab_size(),
        d_model=new.hidden_size,
        encoder_layers=new.layers,
        decoder_layers=new.layers,
        encoder_attention_heads=new.heads,
        decoder_attention_heads=new.heads,
        encoder_ffn_dim=4 * new.hidden_size,
        decoder_ffn_dim=4 * new.hidden_size,
        dropout=new.dropout,
        attention_dropout=0.0,
        activation_dropout=0.0,
        max_position_embeddings=_POSITIONS,
        scale_embedding=True,
        init_std=new.hidden_size**-0.5,  # so that a token's scaled vector has deviations of 1
        pad_token_id=pad,
        eos_token_id=end,
        decoder_start_token_id=pad,
        forced_eos_token_id=None,
    )
    torch.manual_seed(recipe.train.seed)
    with quiet():
        model = PegasusForConditionalGeneration(config)
        model.save_pretrained(directory, safe_serialization=True)
