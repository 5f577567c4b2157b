"""Tiny encoder-decoder models of every family, with weights so large that their answers differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    EncoderDecoderConfig,
    EncoderDecoderModel,
    GenerationConfig,
    M2M100Config,
    M2M100ForConditionalGeneration,
    MarianConfig,
    MarianMTModel,
    MBartConfig,
    MBartForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    PegasusConfig,
    PegasusForConditionalGeneration,
    PreTrainedModel,
    RobertaConfig,
    T5Config,
    T5ForConditionalGeneration,
)

from burnish.generation.settings import GenerationSettings
from burnish.torch_models.quiet import quiet

__all__ = [
    "ENDS",
    "FAMILIES",
    "VOCABULARY",
    "random_sources",
    "roberta_to_roberta",
    "settings_of",
    "tiny_generator",
    "torch_answers",
    "with_lora",
]

VOCABULARY = 150
PADDING, BEGIN, END = 1, 0, 2
ENDS = (END, *range(20, 44))
"""Many, so that random texts end."""
_POSITIONS = 64
_BART: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
    "max_position_embeddings": _POSITIONS,
    "pad_token_id": PADDING,
    "bos_token_id": BEGIN,
    "eos_token_id": END,
    "decoder_start_token_id": END,
    "forced_eos_token_id": None,
    "scale_embedding": False,
}
_T5: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 48,
    "num_layers": 2,
    "num_decoder_layers": 2,
    "num_heads": 4,
    "pad_token_id": PADDING,
    "eos_token_id": END,
    "decoder_start_token_id": PADDING,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 16,
}
_BERT: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": _POSITIONS,
    "pad_token_id": PADDING,
}


def _bert_to_bert() -> PreTrainedModel:
    encoder = BertConfig(**_BERT)
    decoder = BertConfig(**_BERT, is_decoder=True, add_cross_attention=True)
    config = EncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.eos_token_id = BEGIN, END
    config.pad_token_id, config.vocab_size = PADDING, VOCABULARY
    return EncoderDecoderModel(config)


_BUILD: dict[str, Callable[[], PreTrainedModel]] = {
    "marian": lambda: MarianMTModel(
        MarianConfig(**{**_BART, "decoder_start_token_id": PADDING}, decoder_vocab_size=VOCABULARY)
    ),
    "t5": lambda: T5ForConditionalGeneration(T5Config(**_T5)),
    "mt5": lambda: MT5ForConditionalGeneration(
        MT5Config(**_T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    ),
    "bart": lambda: BartForConditionalGeneration(BartConfig(**_BART)),
    "mbart": lambda: MBartForConditionalGeneration(MBartConfig(**_BART)),
    "m2m_100": lambda: M2M100ForConditionalGeneration(M2M100Config(**_BART)),
    "pegasus": lambda: PegasusForConditionalGeneration(
        PegasusConfig(**{**_BART, "decoder_start_token_id": PADDING})
    ),
    "encoder-decoder": _bert_to_bert,
}
FAMILIES = tuple(_BUILD)


def roberta_to_roberta() -> PreTrainedModel:
    """An encoder-decoder whose positions begin after its padding's."""
    torch.manual_seed(0)
    encoder = RobertaConfig(**_BERT)
    decoder = RobertaConfig(**_BERT, is_decoder=True, add_cross_attention=True)
    config = EncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.pad_token_id = BEGIN, PADDING
    return EncoderDecoderModel(config).eval()


def tiny_generator(family: str, *, seed: int = 0, scale: float = 1.0) -> PreTrainedModel:
    """A model whose argmax changes from step to step, and whose texts end at different lengths.

    With such weights rounding grows from layer to layer; a ``scale`` of 0.2 gives a model that is
    as smooth as a trained one.
    """
    torch.manual_seed(seed)
    model = _BUILD[family]().eval()
    for name, parameter in model.named_parameters():
        if parameter.dim() > 1 and "embed_positions" not in name:
            nn.init.normal_(parameter, std=scale * _std(name))
        elif name.endswith("bias"):
            nn.init.normal_(parameter, std=0.1)
    model.tie_weights()
    if hasattr(model, "final_logits_bias"):
        nn.init.normal_(model.get_buffer("final_logits_bias"), std=0.1)
    start = model.config.decoder_start_token_id
    model.generation_config = GenerationConfig(
        bos_token_id=BEGIN,
        eos_token_id=list(ENDS),
        pad_token_id=PADDING,
        decoder_start_token_id=start,
    )
    return model


def _std(name: str) -> float:
    """Large where a layer mixes the source in, so that it decides what is written."""
    if "embed" in name or "shared" in name:
        return 1.0
    last = name.removesuffix(".weight").rpartition(".")[2]
    if any(part in name for part in ("encoder_attn", "EncDecAttention", "crossattention")):
        return 1.0
    if last in {"q_proj", "k_proj", "q", "k", "query", "key"}:
        return 0.5
    return 0.2 if last in {"fc1", "fc2", "dense"} else 0.3


def with_lora(model: PreTrainedModel, *, seed: int = 1) -> nn.Module:
    """The model with an adapter that changes its answers; not merged."""
    from peft import LoraConfig, get_peft_model

    names = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    targets = sorted(names & {"q", "v", "q_proj", "v_proj", "query", "value"})
    torch.manual_seed(seed)
    with quiet():
        adapted = get_peft_model(
            model, LoraConfig(r=4, target_modules=targets, task_type="SEQ_2_SEQ_LM")
        )
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(parameter, std=0.3)
    return adapted.eval()


def random_sources(
    count: int, *, seed: int = 3, longest: int = 24, vocabulary: int = VOCABULARY
) -> list[list[int]]:
    """Token ids of texts of different lengths, each with its end."""
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, longest, (count,), generator=draw).tolist()
    return [[*torch.randint(4, vocabulary, (n,), generator=draw).tolist(), END] for n in lengths]


def settings_of(model: PreTrainedModel, **options: Any) -> GenerationSettings:
    """The search that a model's own ``generate`` would make."""
    start = model.config.decoder_start_token_id
    return GenerationSettings(**{"start_id": start, "end_ids": ENDS, **options})


def torch_answers(
    model: PreTrainedModel, sources: list[list[int]], *, batch: int = 1, **options: Any
) -> list[tuple[int, ...]]:
    """What ``generate`` writes for each text, without the start token and without padding.

    A batch of several texts is much faster. It is padded, so its numbers are rounded otherwise.
    """
    found: list[tuple[int, ...]] = []
    writer: Any = model
    for begin in range(0, len(sources), batch):
        rows = sources[begin : begin + batch]
        width = max(map(len, rows))
        ids = torch.tensor([[*row, *[PADDING] * (width - len(row))] for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        written = writer.generate(ids, attention_mask=mask, do_sample=False, **options)
        found += [_until_end(row) for row in written[:, 1:].tolist()]
    return found


def _until_end(ids: list[int]) -> tuple[int, ...]:
    end = next((place for place, each in enumerate(ids) if each in ENDS), len(ids))
    return tuple(ids[: end + 1])
