"""Whether ONNX Runtime writes what torch writes, text by text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from burnish.export.generation import convert_generator
from burnish.generation.search import Generated, Generation
from burnish.generation.session import Seq2SeqSession
from burnish.torch_models.merging import merge_adapter
from tests.tiny_generation import (
    random_sources,
    settings_of,
    tiny_generator,
    torch_answers,
    with_lora,
)

__all__ = ["Outcome", "count_differences"]

_LENGTH = 24
_TIE = 1e-4
"""Two texts whose scores, computed in fp64, differ by less are a tie within rounding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How many texts came out otherwise."""

    family: str
    method: str
    beams: int
    texts: int
    different_texts: int
    """Of torch's answers: how many are unlike each other."""
    lengths: int
    """How many lengths there are."""
    differences: int
    ties: int
    """Of the differences: those where fp64 cannot tell the two texts' scores apart either."""


def count_differences(family: str, method: str, *, texts: int) -> Iterator[Outcome]:
    """Ask torch and the graphs for the same texts, greedily and with four beams."""
    model: Any = tiny_generator(family)
    if method == "lora":
        model = merge_adapter(with_lora(model))
    sources = random_sources(texts)
    with tempfile.TemporaryDirectory() as directory:
        session = Seq2SeqSession(Path(directory), convert_generator(model, Path(directory)))
        for beams in (1, 4):
            settings = settings_of(model, beams=beams, max_length=_LENGTH)
            theirs = torch_answers(model, sources, num_beams=beams, max_new_tokens=_LENGTH)
            ours = [Generation(session, source, settings).run() for source in sources]
            unlike = [
                (source, found, expected)
                for source, found, expected in zip(sources, ours, theirs, strict=True)
                if found.ids != expected
            ]
            ties = sum(_is_tie(model, settings.start_id, *each) for each in unlike)
            yield Outcome(
                family=family,
                method=method,
                beams=beams,
                texts=texts,
                different_texts=len(set(theirs)),
                lengths=len({len(each) for each in theirs}),
                differences=len(unlike),
                ties=ties,
            )


def _is_tie(
    model: Any, start: int, source: list[int], ours: Generated, theirs: tuple[int, ...]
) -> bool:
    """Whether the two texts part at tokens, or with scores, that are equal within rounding."""
    scores = [_score(model, start, source, ids) for ids in (ours.ids, theirs)]
    parted = next(i for i, (a, b) in enumerate(zip(ours.ids, theirs, strict=False)) if a != b)
    firsts = [_logs(model, start, source, ids)[parted] for ids in (ours.ids, theirs)]
    return min(abs(scores[0] - scores[1]), abs(firsts[0] - firsts[1])) < _TIE


def _score(model: Any, start: int, source: list[int], ids: tuple[int, ...]) -> float:
    return sum(_logs(model, start, source, ids)) / len(ids)


def _logs(model: Any, start: int, source: list[int], ids: tuple[int, ...]) -> list[float]:
    """Log probabilities of a text's tokens in fp64."""
    try:
        with torch.inference_mode():
            output = model.double()(
                input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([[start, *ids]])
            )
    finally:
        model.float()
    logs = output.logits[0].log_softmax(-1)
    return [float(logs[place, token]) for place, token in enumerate(ids)]
