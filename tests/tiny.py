"""Tiny base models of every family, built in code: 2 layers, hidden 32, a tokenizer of letters."""

from __future__ import annotations

import json
import string
import warnings
from pathlib import Path
from typing import Any, Literal

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM

__all__ = ["FAMILIES", "tiny_base", "tiny_config"]

FAMILIES = (
    "bert",
    "roberta",
    "distilbert",
    "electra",
    "deberta-v2",
    "xlm-roberta",
    "albert",
    "mpnet",
    "modernbert",
)

_WORDS = [
    "refund",
    "money",
    "card",
    "late",
    "parcel",
    "broken",
    "password",
    "login",
    "account",
    "cancel",
    "invoice",
    "charge",
    "thanks",
    "please",
    "where",
    "when",
    "who",
    "order",
    "london",
    "paris",
    "anna",
    "ben",
    "lives",
    "works",
    "in",
    "at",
    "the",
    "a",
    "is",
    "was",
    "my",
    "no",
    "not",
]
_BERT_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_ROBERTA_SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 130,
}
_OPTIONS: dict[str, dict[str, Any]] = {
    "distilbert": {
        "dim": 32,
        "n_layers": 2,
        "n_heads": 2,
        "hidden_dim": 64,
        "max_position_embeddings": 130,
    },
    "electra": {**_SMALL, "embedding_size": 32},
    "albert": {**_SMALL, "embedding_size": 16},
    "deberta-v2": {
        **_SMALL,
        "relative_attention": True,
        "pos_att_type": ["p2c", "c2p"],
        "position_buckets": 16,
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "type_vocab_size": 0,
    },
    "modernbert": {**_SMALL, "global_attn_every_n_layers": 2, "local_attention": 16},
    "big_bird": {**_SMALL, "attention_type": "original_full"},
    "esm": {**_SMALL, "position_embedding_type": "absolute", "mask_token_id": 4},
    "eurobert": {**_SMALL, "num_key_value_heads": 2, "head_dim": 16},
    "mobilebert": {
        **_SMALL,
        "embedding_size": 32,
        "intra_bottleneck_size": 32,
        "true_hidden_size": 32,
        "num_feedforward_networks": 1,
    },
    "rembert": {**_SMALL, "input_embedding_size": 16, "output_embedding_size": 16},
    "roformer": {**_SMALL, "embedding_size": 32},
    "squeezebert": {**_SMALL, "embedding_size": 32},
}


def tiny_base(
    directory: Path,
    family: str = "bert",
    *,
    checkpoint: Literal["mlm", "encoder"] = "encoder",
    pooling: Literal["mean", "cls"] | None = None,
    seed: int = 0,
) -> Path:
    """Write a base model directory.

    Args:
        directory: is made.
        family: one of ``FAMILIES``.
        checkpoint: ``mlm`` saves a masked language model, which has no pooler.
        pooling: declared in ``1_Pooling/config.json``.
        seed: of the weights.
    """
    directory.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(family)
    tokenizer.save(str(directory / "tokenizer.json"))
    bert_like = tokenizer.token_to_id("[PAD]") is not None
    special = _BERT_SPECIALS if bert_like else _ROBERTA_SPECIALS
    pad, first, last = (special[i] for i in ((0, 2, 3) if bert_like else (1, 0, 2)))
    config = tiny_config(
        family,
        vocabulary=tokenizer.get_vocab_size(),
        padding=tokenizer.token_to_id(pad),
        ends=(tokenizer.token_to_id(first), tokenizer.token_to_id(last)),
    )
    torch.manual_seed(seed)
    auto: Any = AutoModelForMaskedLM if checkpoint == "mlm" else AutoModel
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of torch.jit, by DeBERTa
        model = auto.from_config(config, attn_implementation="eager")
    model.save_pretrained(directory)
    names = {"pad_token": pad, "cls_token": first, "sep_token": last}
    document = {"tokenizer_class": "PreTrainedTokenizerFast", **names}
    (directory / "tokenizer_config.json").write_text(json.dumps(document))
    if pooling is not None:
        (directory / "1_Pooling").mkdir(exist_ok=True)
        modes = {f"pooling_mode_{m}": m.startswith(pooling) for m in ("cls_token", "mean_tokens")}
        (directory / "1_Pooling" / "config.json").write_text(json.dumps(modes))
    return directory


def tiny_config(
    family: str,
    *,
    vocabulary: int,
    padding: int | None,
    ends: tuple[Any, Any] = (0, 2),
    labels: int = 2,
) -> Any:
    """The config of a tiny model of any family that burnish supports.

    Args:
        family: ``model_type``.
        vocabulary: rows of the embedding.
        padding: the id of the padding.
        ends: the ids of the first and the last token of a text.
        labels: outputs of the head.
    """
    first, last = ends
    config = AutoConfig.for_model(
        family,
        vocab_size=vocabulary,
        pad_token_id=padding,
        bos_token_id=first,
        eos_token_id=last,
        cls_token_id=first,
        sep_token_id=last,
        **_OPTIONS.get(family, _SMALL),
    )
    config.num_labels = labels
    if family == "modernbert":
        config.reference_compile = False
    return config


def _tokenizer(family: str) -> Tokenizer:
    if family in ("roberta", "modernbert"):
        return _byte_level()
    if family in ("xlm-roberta", "deberta-v2"):
        return _unigram()
    return _wordpiece()


def _wordpiece() -> Tokenizer:
    characters = string.ascii_lowercase + string.digits + string.punctuation
    pieces = [*_BERT_SPECIALS, *_WORDS]
    pieces += [c for c in characters if c not in pieces] + [f"##{c}" for c in characters]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(t, vocabulary[t]) for t in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def _byte_level() -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: index for index, piece in enumerate([*_ROBERTA_SPECIALS, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", vocabulary["</s>"]), ("<s>", vocabulary["<s>"]), add_prefix_space=False
    )
    return tokenizer


def _unigram() -> Tokenizer:
    characters = string.ascii_letters + string.digits + string.punctuation
    pieces = [(special, 0.0) for special in _ROBERTA_SPECIALS]
    pieces += [(f"▁{word}", -3.0) for word in _WORDS] + [("▁", -4.0)]
    pieces += [(character, -6.0) for character in characters]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer
