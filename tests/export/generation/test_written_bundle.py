"""Converted encoder-decoders in a bundle: the runtime writes what ``generate`` of torch writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing

from burnish.bundle import Manifest, write_manifest
from burnish.export.generation import convert_generator
from burnish.runtime import Model, open_model, writing
from burnish.tasks.translation.settings import TranslationTask
from tests.tiny_generation import (
    END,
    ENDS,
    VOCABULARY,
    random_sources,
    settings_of,
    tiny_generator,
    torch_answers,
)

SOURCES = random_sources(8)
MOST = 20


def word_tokenizer() -> Tokenizer:
    """A tokenizer whose words are the numbers of its tokens."""
    words = {f"w{number}": number for number in range(VOCABULARY)}
    tokenizer = Tokenizer(WordLevel(words, unk_token="w3"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.post_processor = TemplateProcessing(
        single=f"$A w{END}", pair=f"$A w{END} $B w{END}", special_tokens=[(f"w{END}", END)]
    )
    return tokenizer


def text_of(source: list[int]) -> str:
    return " ".join(f"w{number}" for number in source[:-1])


@pytest.fixture(
    scope="module",
    params=[(family, beams) for family in ("t5", "marian", "encoder-decoder") for beams in (1, 4)],
    ids=str,
)
def served(request, tmp_path_factory) -> Iterator[tuple[Model, list[tuple[int, ...]]]]:
    """A model of each family, and what torch writes for the sources."""
    family, beams = request.param
    directory: Path = tmp_path_factory.mktemp("written")
    generator = tiny_generator(family)
    wanted = torch_answers(generator, SOURCES, num_beams=beams, max_new_tokens=MOST)
    layout = convert_generator(generator, directory)
    word_tokenizer().save(str(directory / "tokenizer.json"))
    (directory / "config.json").write_text(json.dumps({"model_type": family}))
    task = TranslationTask(
        max_length=32,
        generation=settings_of(generator),
        beams=beams,
        longest=MOST,
        most_per_token=100,
    )
    manifest = Manifest(
        name="tiny",
        created="2026-01-01T00:00:00Z",
        burnish_version="0",
        task=task,
        precision="fp32",
        inputs=("input_ids",),
        generation=layout,
    )
    with open_model(write_manifest(directory, manifest), threads=3) as model:
        yield model, wanted


def words_of(ids: tuple[int, ...]) -> str:
    return " ".join(f"w{number}" for number in ids if number not in ENDS)


def test_the_runtime_writes_what_torch_writes(served) -> None:
    model, wanted = served
    texts = [text_of(source) for source in SOURCES]
    alone = [model.predict_one(text) for text in texts]
    assert [each.text for each in alone] == [words_of(ids) for ids in wanted]
    assert [each.writing.steps for each in alone] == [len(ids) for ids in wanted]
    assert [each.writing.ended for each in alone] == [ids[-1] in ENDS for ids in wanted]
    assert model.predict(texts) == alone


def test_an_answer_is_the_same_step_by_step_among_other_callers(served, monkeypatch) -> None:
    model, _ = served
    texts = [text_of(source) for source in SOURCES]
    alone = model.predict(texts)
    monkeypatch.setattr(writing, "_SLICE_MS", 0.0)
    calls = [model.submit([texts[n] for n in np.roll(range(8), shift)]) for shift in range(16)]
    for shift, call in enumerate(calls):
        assert call.result(60) == [alone[n] for n in np.roll(range(8), shift)]


def test_costs_of_a_step_are_measured(served) -> None:
    model, _ = served
    model.warm_up()
    assert model.costs.step_ms + model.costs.beam_ms > 0
