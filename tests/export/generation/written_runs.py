"""Runs of a tiny model that writes, as a training leaves them; nothing is trained."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from burnish import __version__
from burnish.data import read_rows, split_rows
from burnish.export.answers import decode, score
from burnish.generation.settings import GenerationSettings
from burnish.recipe.recipe import parse_recipe, write_recipe
from burnish.run import (
    BaseRecord,
    Hardware,
    RunRecord,
    TrainingRecord,
    file_digests,
    write_record,
)
from burnish.tasks.encoded import EncodedRows, encode_rows
from burnish.tasks.translation.settings import TranslationTask
from burnish.torch_models.base import resolve_base
from burnish.torch_models.logits import predict_logits
from tests.tiny_generation import ENDS, VOCABULARY, tiny_generator, with_lora

__all__ = ["written_run"]

_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_WORDS = tuple(f"{a}{b}{c}" for a in "klmnprst" for b in "aeiou" for c in "bdgz")
_COLUMNS = 60
"""Rows."""


def written_run(
    place: Path,
    *,
    method: str = "full",
    seed: int = 0,
    scale: float = 0.6,
    long: bool = False,
    **settings: Any,
) -> Path:
    """Write a run into a new directory.

    Args:
        place: is made.
        method: ``full`` or ``lora``, whose adapter is saved without its base.
        seed: of the weights.
        scale: of the weights; with small ones rounding does not grow from layer to layer.
        long: some rows are longer than a window.
        settings: fields of the task.
    """
    path, base = place / "run", place / "base"
    (path / "model").mkdir(parents=True)
    rows_file = place / "rows.jsonl"
    rows_file.write_text("\n".join(json.dumps(row) for row in _rows(long)), encoding="utf-8")
    model: Any = tiny_generator("marian", seed=seed, scale=scale)
    model.save_pretrained(base)
    if method == "lora":
        model = with_lora(model)
    model.save_pretrained(path / "model")
    for directory in (base, path / "model"):
        _tokenizer().save(str(directory / "tokenizer.json"))
    recipe = parse_recipe(
        {
            "task": "translation",
            "base_model": str(base),
            "method": method,
            "data": {"train": str(rows_file), "validation": 0.25, "test": 0.2},
            "train": {"max_length": 16, "threads": 1},
            "output": str(path),
        }
    )
    read = read_rows(rows_file, "translation", columns=recipe.data.columns_to_score())
    split = split_rows(read, validation=0.25, test=0.2, seed=13)
    train_rows: Any = split.train
    task = TranslationTask.for_examples(train_rows, max_length=16, **settings)
    encoder = task.text_encoder(path / "model" / "tokenizer.json")
    tokens = GenerationSettings(start_id=1, end_ids=ENDS, bad_words=((1,),))
    task = task.settled(tokens, encoder).naming_metric()
    train = encode_rows(task, train_rows, encoder)
    task = task.sized_for(train.examples, train.encodings)
    metrics: dict[str, Any] = {"gates": []}
    parts: dict[str, Any] = {"validation": split.validation, "test": split.test}
    for part, examples in parts.items():
        rows: EncodedRows = encode_rows(task, examples, encoder)
        answers = decode(task, rows, predict_logits(model, task, rows.encodings))
        metrics[part] = score(task, rows, answers).to_json()
    write_recipe(recipe, path / "recipe.yaml")
    (path / "metrics.json").write_text(json.dumps(metrics))
    record = RunRecord(
        burnish_version=__version__,
        created="2026-01-01T00:00:00+00:00",
        task=task,
        method=method,
        pooling="native",
        base_model=BaseRecord(
            name=str(base),
            revision=None,
            digest=resolve_base(str(base)).digest,
            family="marian",
        ),
        data=split.record(),
        training=_training(),
        packages={"torch": torch.__version__},
        hardware=Hardware(processor="x", cores=1, memory_gib=1, system="Linux", python="3.11"),
        files=file_digests(path),
    )
    write_record(path, record)
    return path


def _rows(long: bool) -> list[dict[str, str]]:
    rng = random.Random(1)
    rows = []
    for place in range(_COLUMNS):
        source = rng.choices(_WORDS[:40], k=rng.randint(2, 8))
        if long and place % 5 == 0:
            source = source * 6
        rows.append({"source": " ".join(source), "target": " ".join(reversed(source[:6]))})
    return rows


def _tokenizer() -> Tokenizer:
    words = [*_SPECIAL, *_WORDS][:VOCABULARY]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(list(_SPECIAL))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]
    )
    return tokenizer


def _training() -> TrainingRecord:
    return TrainingRecord(
        seed=13,
        threads=1,
        learning_rate=1e-4,
        head_learning_rate=None,
        batch_size=16,
        gradient_accumulation=1,
        epochs=1,
        epochs_run=1,
        best_epoch=1,
        steps=10,
        parameters=10,
        parameters_trained=10,
        wall_time_s=1.0,
    )
