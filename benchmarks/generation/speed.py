"""Processor time a token, of a Marian-sized model with random weights on one thread.

The engines take turns and each keeps its best time, so that a busy moment of the machine does not
count against one of them alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import MarianConfig, MarianMTModel, PreTrainedModel

from burnish.export.generation import convert_generator, quantize_generator
from burnish.generation.search import Generation
from burnish.generation.session import Seq2SeqSession
from burnish.generation.settings import GenerationSettings

__all__ = ["Pace", "measure_speed"]

_WORDS = 32000
_PADDING, _END = _WORDS - 1, 0
_SOURCE = 21
_ROUNDS = 7

Write = Callable[[int], int]
"""Writes a text with a number of beams and returns the tokens written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """What an engine needs."""

    engine: str
    precision: str
    beams: int
    tokens_per_s: float
    cpu_ms_per_token: float
    size_mib: float
    """On disk."""
    ratio: float | None = None
    """Tokens a second over those of CTranslate2 with the same precision and beams."""


def measure_speed(directory: Path, ctranslate2: Path | None, *, tokens: int) -> list[Pace]:
    """Measure burnish, torch, and CTranslate2 where it is installed."""
    torch.manual_seed(0)
    model: Any = MarianMTModel(_config()).eval()
    source = [*np.random.default_rng(0).integers(1, _WORDS - 10, _SOURCE - 1).tolist(), _END]
    engines: dict[tuple[str, str], tuple[Write, float]] = {}
    for precision in ("fp32", "int8"):
        (directory / precision).mkdir()
    layout = convert_generator(model, directory / "fp32")
    quantize_generator(directory / "fp32", directory / "int8")
    for precision in ("fp32", "int8"):
        folder = directory / precision
        session = Seq2SeqSession(folder, layout)
        engines["burnish", precision] = _ours(session, source, tokens), _mib(folder)
    engines["torch", "fp32"] = _torchs(model, source, tokens), _mib(directory / "fp32")
    if ctranslate2 is not None:
        engines |= _theirs(model, directory / "ct2", ctranslate2, source, tokens)
    return _with_ratios(_take_turns(engines))


def _config() -> MarianConfig:
    return MarianConfig(
        vocab_size=_WORDS,
        decoder_vocab_size=_WORDS,
        d_model=512,
        encoder_layers=6,
        decoder_layers=6,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        encoder_ffn_dim=2048,
        decoder_ffn_dim=2048,
        max_position_embeddings=512,
        pad_token_id=_PADDING,
        eos_token_id=_END,
        decoder_start_token_id=_PADDING,
        activation_function="swish",
        scale_embedding=True,
        init_std=0.05,
    )


def _take_turns(engines: dict[tuple[str, str], tuple[Write, float]]) -> list[Pace]:
    best: dict[tuple[str, str, int], tuple[float, float]] = {}
    for _ in range(_ROUNDS):
        for (engine, precision), (write, _) in engines.items():
            for beams in (1, 4):
                wall, processor = time.perf_counter(), time.process_time()
                written = write(beams)
                wall = (time.perf_counter() - wall) / written
                processor = (time.process_time() - processor) / written
                before = best.get((engine, precision, beams), (wall, processor))
                found = min(wall, before[0]), min(processor, before[1])
                best[engine, precision, beams] = found
    return [
        Pace(
            engine=engine,
            precision=precision,
            beams=beams,
            tokens_per_s=1 / wall,
            cpu_ms_per_token=1000 * processor,
            size_mib=engines[engine, precision][1],
        )
        for (engine, precision, beams), (wall, processor) in best.items()
    ]


def _with_ratios(paces: list[Pace]) -> list[Pace]:
    theirs = {
        (each.precision, each.beams): each.tokens_per_s
        for each in paces
        if each.engine == "ctranslate2"
    }
    return [
        replace(each, ratio=each.tokens_per_s / theirs[each.precision, each.beams])
        if each.engine == "burnish" and theirs
        else each
        for each in paces
    ]


def _ours(session: Seq2SeqSession, source: list[int], tokens: int) -> Write:
    def write(beams: int) -> int:
        settings = GenerationSettings(
            start_id=_PADDING,
            end_ids=(_END,),
            beams=beams,
            max_length=tokens,
            min_length=tokens,
            bad_words=((_PADDING,),),
        )
        return len(Generation(session, source, settings).run().ids)

    return write


def _torchs(model: PreTrainedModel, source: list[int], tokens: int) -> Write:
    writer: Any = model
    ids = torch.tensor([source])

    def write(beams: int) -> int:
        found = writer.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            num_beams=beams,
            do_sample=False,
            max_new_tokens=tokens,
            min_new_tokens=tokens,
        )
        return int(found.shape[1]) - 1

    return write


def _theirs(
    model: Any, directory: Path, packages: Path, source: list[int], tokens: int
) -> dict[tuple[str, str], tuple[Write, float]]:
    """CTranslate2 with the same weights; its packages come last, so that it takes our numpy."""
    sys.path.append(str(packages))
    import ctranslate2  # type: ignore[import-not-found]
    from ctranslate2.converters.transformers import MarianMTLoader  # type: ignore[import-not-found]

    words = ["</s>", *(f"t{place}" for place in range(1, _WORDS - 2)), "<unk>"]
    text = [[words[each] for each in source]]
    found: dict[tuple[str, str], tuple[Write, float]] = {}
    for precision, quantization in (("fp32", None), ("int8", "int8")):
        spec = MarianMTLoader().get_model_spec(model)
        spec.register_source_vocabulary(words)
        spec.register_target_vocabulary(words)
        spec.config.eos_token = spec.config.decoder_start_token = "</s>"
        spec.config.unk_token = "<unk>"
        spec.validate()
        folder = directory / precision
        folder.mkdir(parents=True)
        spec.optimize(quantization=quantization)
        spec.save(str(folder))
        translator = ctranslate2.Translator(
            str(folder), device="cpu", inter_threads=1, intra_threads=1
        )
        found["ctranslate2", precision] = _translate(translator, text, tokens), _mib(folder)
    return found


def _translate(translator: Any, text: list[list[str]], tokens: int) -> Write:
    def write(beams: int) -> int:
        options = {"max_decoding_length": tokens, "min_decoding_length": tokens}
        found = translator.translate_batch(text, beam_size=beams, **options)
        return len(found[0].hypotheses[0])

    return write


def _mib(directory: Path) -> float:
    return sum(each.stat().st_size for each in directory.iterdir()) / 2**20
