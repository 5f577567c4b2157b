"""Writers: encoder-decoders as they are, and encoders that become the two halves of one.

An encoder's weights start both halves, and the attention between them starts at random (Rothe et
al. 2020, "Leveraging Pre-trained Checkpoints for Sequence Generation Tasks", BERT2BERT with shared
embeddings). One table of vectors serves what is read, what was written so far and what is to be
written next.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import torch
from tokenizers import Tokenizer
from transformers import (
    AutoModelForSeq2SeqLM,
    EncoderDecoderModel,
    GenerationConfig,
    PretrainedConfig,
    PreTrainedModel,
)

from burnish.errors import BaseModelError, ConfigError
from burnish.generation.answering import writing_task
from burnish.generation.settings import GenerationSettings
from burnish.tasks import Task
from burnish.tasks.heads import Head
from burnish.tasks.templates import single_template
from burnish.torch_models.architecture import load_config
from burnish.torch_models.base import BaseModel
from burnish.torch_models.base_files import first_line, read_json
from burnish.torch_models.quiet import quiet

__all__ = [
    "NEW_BASE",
    "is_new",
    "load_writer",
    "open_writer",
    "save_writer",
    "settle_task",
    "writing_settings",
]

NEW_BASE = "new.json"
"""What says of a base that it was made of rows, and of which."""
_JOINED = "encoder-decoder"
"""``model_type`` of two encoders that were made one model."""
_FAMILIES = ("bert", "camembert", "roberta", "xlm-roberta")
"""Encoders that transformers can use as a decoder, with attention to another encoder."""
_GENERATION = "generation_config.json"
_OF_THE_TABLE = (".predictions.bias", "lm_head.bias", ".decoder.bias", ".decoder.weight")
"""Parameters that lie in the table, or start at 0 and are no loss."""
_PRETRAINED: dict[str, Any] = {
    "attn_implementation": "sdpa",
    "trust_remote_code": False,
    "use_safetensors": True,
    "dtype": torch.float32,
}


def settle_task(task: Task, base: BaseModel) -> Task:
    """Give a task whose model writes the tokens of its base; return every other task unchanged.

    Raises:
        ConfigError: the base knows several languages and none is named, or not this one.
        BaseModelError: its files name no token that starts or ends a text.
    """
    if task.head is not Head.WRITTEN:
        return task
    encoder = task.text_encoder(base.path / "tokenizer.json")
    settled: Any = writing_task(task).settled(writing_settings(task, base), encoder)
    return cast(Task, settled)


def writing_settings(task: Task, base: BaseModel) -> GenerationSettings:
    """The tokens with which a base starts and ends a text.

    Raises:
        ConfigError: the first token is a language, and none is named.
        BaseModelError: there is no such token.
    """
    if not _is_joined(load_config(base.path, name=base.name)):
        return _own_settings(task, base)
    template = single_template(Tokenizer.from_file(str(base.path / "tokenizer.json")))
    if not template.before or not template.behind:
        raise BaseModelError(
            f"the tokenizer of {base.name} puts no special token before and behind a text",
            "choose an encoder such as BERT or RoBERTa, or an encoder-decoder",
        )
    return GenerationSettings(start_id=template.before[0], end_ids=(template.behind[-1],))


def _own_settings(task: Task, base: BaseModel) -> GenerationSettings:
    found = read_json(base.path / "config.json", name=base.name)
    if (base.path / _GENERATION).exists():
        found = {**found, **read_json(base.path / _GENERATION, name=base.name)}
    start = found.get("decoder_start_token_id")
    if start is None:
        language = writing_task(task).target_language
        if language is None:
            raise ConfigError(
                f"{base.name} starts a text with the token of its language, and none is named",
                f"set {task.task}.source_language and {task.task}.target_language",
            )
        encoder = task.text_encoder(base.path / "tokenizer.json")
        start = encoder.id_of(language) or 0
    values = {
        "start_id": start,
        "end_ids": found.get("eos_token_id"),
        "forced_start_id": found.get("forced_bos_token_id"),
        "forced_end_ids": found.get("forced_eos_token_id"),
        "bad_words": found.get("bad_words_ids") or (),
        "suppressed": found.get("suppress_tokens") or (),
    }
    try:
        return GenerationSettings.checked(**values)
    except ConfigError as e:
        raise BaseModelError(
            f"{base.name}: {_GENERATION} and config.json do not say how a text starts and ends: "
            f"{e.message}",
            "use the files that come with the weights",
        ) from e


def is_new(base: BaseModel) -> bool:
    """Whether a base was made of rows alone, and knows nothing yet."""
    return (base.path / NEW_BASE).exists()


def load_writer(base: BaseModel, task: Task) -> tuple[PreTrainedModel, tuple[str, ...]]:
    """A base as a model that writes.

    Args:
        base: an encoder-decoder, or an encoder.
        task: settled.

    Returns:
        the model, and the names of its parameters that the base lacks, which started at random.

    Raises:
        BaseModelError: transformers cannot load it, or it lacks more than that.
    """
    config = load_config(base.path, name=base.name)
    if _is_joined(config):
        return _join(base, config, task)
    model, info = _from(AutoModelForSeq2SeqLM, base.path, name=base.name, output_loading_info=True)
    lacking = {*info["missing_keys"], *(key for key, *_ in info["mismatched_keys"])}
    if lacking:
        raise BaseModelError(
            f"the weights of {base.name} lack {len(lacking)} tensors of the model, the first "
            f"{min(lacking)!r}",
            "the checkpoint is damaged, or its config.json belongs to another model",
        )
    return _settled(model, task), ()


def open_writer(directory: Path, task: Task) -> PreTrainedModel:
    """Load what `save_writer` wrote.

    Raises:
        BaseModelError: transformers cannot load it.
    """
    config = load_config(directory, name=str(directory))
    auto = EncoderDecoderModel if config.model_type == _JOINED else AutoModelForSeq2SeqLM
    model = _from(auto, directory, name=str(directory))
    if isinstance(model, EncoderDecoderModel):
        _share_table(model)
    return _settled(model, task)


def save_writer(model: PreTrainedModel, directory: Path) -> None:
    """Write a model that `open_writer` and transformers load."""
    # Of two halves that share a table the library would refuse to write either; written twice it
    # loads everywhere.
    tensors = None
    if isinstance(model, EncoderDecoderModel):
        tensors = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.save_pretrained(directory, safe_serialization=True, state_dict=tensors)


def _join(
    base: BaseModel, config: PretrainedConfig, task: Task
) -> tuple[PreTrainedModel, tuple[str, ...]]:
    if base.family not in _FAMILIES:
        raise BaseModelError(
            f"a {base.family!r} model cannot be made a decoder ({base.name})",
            f"choose an encoder-decoder, or one of {', '.join(_FAMILIES)}",
        )
    halves: Any = EncoderDecoderModel
    options = {f"{half}_{k}": v for half in ("encoder", "decoder") for k, v in _OPTIONS.items()}
    with quiet():
        try:
            model = halves.from_encoder_decoder_pretrained(
                str(base.path), str(base.path), **options
            )
        except MemoryError:
            raise
        except Exception as e:
            raise BaseModelError(
                f"transformers cannot make {base.name} a decoder: {first_line(e)}",
                "choose an encoder-decoder",
            ) from e
    model.encoder.pooler = None
    known = {name for name, _ in model.encoder.named_parameters()}
    prefix = model.decoder.base_model_prefix
    missing = tuple(
        name
        for name, _ in model.decoder.named_parameters()
        if name.removeprefix(f"{prefix}.") not in known and not name.endswith(_OF_THE_TABLE)
    )
    _share_table(model)
    model.config.pad_token_id = config.pad_token_id
    model.config.tie_encoder_decoder = False
    return _settled(model, task), tuple(f"decoder.{name}" for name in missing)


_OPTIONS = {"attn_implementation": "sdpa", "use_safetensors": True, "dtype": torch.float32}


def _share_table(model: EncoderDecoderModel) -> None:
    """One table of token vectors for both halves, and for what is to be written next."""
    parts: Any = model
    table = parts.encoder.get_input_embeddings()
    parts.decoder.set_input_embeddings(table)
    parts.decoder.get_output_embeddings().weight = table.weight


def _settled(model: PreTrainedModel, task: Task) -> PreTrainedModel:
    """The model with the task's own tokens, and nothing of the base's habits of searching."""
    own = writing_task(task).generation
    assert own is not None  # noqa: S101  for the type checker
    model.config.decoder_start_token_id = own.start_id
    if model.config.pad_token_id is None:
        model.config.pad_token_id = own.end_ids[0]
    config: Any = GenerationConfig
    model.generation_config = config(
        decoder_start_token_id=own.start_id,
        eos_token_id=list(own.end_ids),
        pad_token_id=model.config.pad_token_id,
    )
    return model


def _is_joined(config: PretrainedConfig) -> bool:
    return not config.is_encoder_decoder


def _from(auto: Any, path: Path, *, name: str, **options: Any) -> Any:
    try:
        with quiet():
            return auto.from_pretrained(path, **_PRETRAINED, **options)
    except MemoryError:
        raise
    except ValueError as e:
        if "attention implementation" not in str(e):
            raise _refused(name, e) from e
    except Exception as e:
        raise _refused(name, e) from e
    options = {**_PRETRAINED, "attn_implementation": "eager", **options}
    with quiet():
        return auto.from_pretrained(path, **options)


def _refused(name: str, error: Exception) -> BaseModelError:
    return BaseModelError(
        f"transformers cannot load {name}: {first_line(error)}",
        "config.json is damaged, or belongs to another model",
    )
