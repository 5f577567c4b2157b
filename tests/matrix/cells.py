"""One cell of the matrix: a method tunes a tiny model of a family for a task, and it is exported.

Below the command line, so that a cell takes a second: build, prepare, two steps, save, load, merge,
convert, and compare at every step. The trained model answers a padded batch and the graph one text
at a time, so that a structure that padding changes is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from burnish.errors import ConfigError
from burnish.export.answers import (
    Answers,
    ask,
    count_flips,
    decode,
    largest_difference,
    open_session,
)
from burnish.export.convert import convert
from burnish.recipe.recipe import Recipe, parse_recipe
from burnish.tasks import Task
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.encoded import EncodedRows, encode_rows
from burnish.tasks.examples import Example
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.tasks.qa.example import GoldAnswer, QAExample
from burnish.tasks.table import find_task
from burnish.torch_models.base import BaseModel, Pooling
from burnish.torch_models.build import build_model, input_names
from burnish.torch_models.checkpoint import load_checkpoint, save_checkpoint
from burnish.torch_models.logits import predict_logits
from burnish.torch_models.merging import merge_adapter
from burnish.training.data.features import make_features
from burnish.training.loop.loop import TrainingLoop
from burnish.training.loop.loss import loss_for
from burnish.training.methods import Cell, check_cell, find_method
from burnish.training.methods.contrastive import VectorModel, contrastive_loss
from burnish.training.pipeline.defaults import resolve_recipe
from burnish.training.pipeline.setup import new_parameters_of

TASK_NAMES = ("classification", "pooled classification", "extraction", "qa")
"""Pooled: our own head on the mean of the last layer's vectors."""

VARIANTS: dict[str, dict[str, Any]] = {
    "full": {"method": "full"},
    "head": {"method": "head"},
    "ia3": {"method": "ia3"},
    "lora": {"method": "lora", "lora": {"r": 4}},
    "lora, rslora": {"method": "lora", "lora": {"r": 4, "variant": "rslora"}},
    "lora, dora": {"method": "lora", "lora": {"r": 4, "variant": "dora"}},
    "lora, adalora": {"method": "lora", "lora": {"r": 4, "variant": "adalora"}},
    "lora, plus": {"method": "lora", "lora": {"r": 4, "plus_ratio": 4}},
    "adapters, houlsby": {"method": "adapters", "adapters": {"reduction": 4}},
    "adapters, pfeiffer": {"method": "adapters", "adapters": {"kind": "pfeiffer", "reduction": 4}},
    "prefix": {"method": "prefix", "prefix": {"length": 5, "bottleneck": 8}},
    "setfit": {"method": "setfit"},
    "prefix, flat": {"method": "prefix", "prefix": {"length": 5, "reparametrization": False}},
}
MAX_LENGTH, STRIDE = 32, 8
FEATURES, BATCH, STEPS = 12, 6, 2
TOLERANCES = {"saved": 1e-5, "merged": 1e-4, "converted": 1e-3}
"""As training and export have them (training/results/verification.py, export/gates.py)."""


@dataclass(frozen=True)
class Outcome:
    """What became of a cell."""

    refusal: str | None = None
    differences: dict[str, float] = field(default_factory=dict)
    """Largest difference of a logit after each step."""
    flips: int = 0
    moved: float = 0.0
    """Largest change of a logit by the two steps of training."""
    unmoved: tuple[str, ...] = ()
    """Tensors that the method put in and the training left as they were."""

    @property
    def passed(self) -> bool:
        """Whether nothing was lost, and something was learnt."""
        within = all(value <= TOLERANCES[name] for name, value in self.differences.items())
        learnt = self.moved > 1e-4 and not self.unmoved
        return self.refusal is None and within and self.flips == 0 and learnt


def recipe_for(variant: str, task: str) -> Recipe:
    """A recipe of two steps, large enough to move every weight."""
    return parse_recipe(
        {
            "task": task.removeprefix("pooled "),
            "pooling": "mean" if task.startswith("pooled") else "native",
            "data": {"train": "rows.jsonl"},
            "train": {
                "epochs": 1,
                "batch_size": BATCH,
                "learning_rate": 0.02,
                "head_learning_rate": 0.02,
                "warmup_ratio": 0,
                "layer_decay": 1.0,
                "schedule": "linear",
                "max_length": MAX_LENGTH,
                "stride": STRIDE,
                "seed": 1,
            },
            "output": "run",
            **VARIANTS[variant],
        }
    )


def run_cell(variant: str, task_name: str, base: BaseModel, *, place: Path) -> Outcome:
    """Train, save, load, merge and convert; or the reason why not."""
    recipe = recipe_for(variant, task_name)
    cell = Cell(recipe=recipe, family=base.family, positions=base.positions, max_length=MAX_LENGTH)
    try:
        check_cell(cell)
    except ConfigError as error:
        return Outcome(refusal=error.message)
    examples = EXAMPLES[recipe.task]
    recipe = resolve_recipe(recipe, base, rows=len(examples))
    task = find_task(recipe.task).settings.for_examples(
        examples, max_length=MAX_LENGTH, stride=STRIDE
    )
    encoder = task.text_encoder(base.path / "tokenizer.json")
    rows = encode_rows(task, examples, encoder)
    pooling: Pooling = "mean" if recipe.pooling == "mean" else "native"
    model, start, unmoved = _trained(base, task, recipe, pooling, rows, encoder)
    trained = _answers(model, task, rows)

    save_checkpoint(model, place / "model", base=base)
    loaded = load_checkpoint(place / "model", base=base, task=task, pooling=pooling)
    saved = _answers(loaded, task, rows)
    merged_model = merge_adapter(loaded)
    merged = _answers(merged_model, task, rows)
    inputs = convert(merged_model, task, place / "model.onnx")
    graph = ask(open_session(place / "model.onnx", task=task, inputs=inputs), task, rows)
    steps = {"saved": saved, "merged": merged, "converted": graph}
    return Outcome(
        differences={n: largest_difference(trained.logits, a.logits) for n, a in steps.items()},
        flips=sum(count_flips(task, trained, answers) for answers in steps.values()),
        moved=largest_difference(start.logits, trained.logits),
        unmoved=unmoved,
    )


def _trained(
    base: BaseModel, task: Task, recipe: Recipe, pooling: Pooling, rows: EncodedRows, encoder: Any
) -> tuple[nn.Module, Answers, tuple[str, ...]]:
    """A model after two steps, what it answered before them, and what of it has not moved."""
    method = find_method(recipe.method)
    built = build_model(base, task, pooling=pooling, seed=1)
    names = input_names(built.module)
    model = method.prepare(built, base, recipe)
    start = _answers(model, task, rows)
    before = {n: p.detach().clone() for n, p in model.named_parameters() if _put_in(n, p)}
    pairs = VectorModel(model) if recipe.method == "setfit" else None
    loop = TrainingLoop(
        model if pairs is None else pairs,
        make_features(task, rows)[:FEATURES],
        names=names,
        new_parameters=new_parameters_of(model, built),
        loss=loss_for(task) if pairs is None else contrastive_loss("supervised", temperature=0.1),
        settings=recipe.train,
        rate_factors=method.rate_factors(model, recipe),
    )
    loop.hook = method.step_hook(model, recipe, loop.steps)
    assert len(list(loop.run())) == STEPS
    if pairs is not None:
        pairs.close()
    after = dict(model.named_parameters())
    unmoved = tuple(name for name, tensor in before.items() if tensor.equal(after[name]))
    return model.eval(), start, unmoved


def _put_in(name: str, parameter: nn.Parameter) -> bool:
    """Whether a method put it in; not AdaLoRA's scales, which may all be dropped in a layer."""
    marks = (".lora_A.", ".lora_B.", "lora_magnitude", ".ia3_", ".adapters.", "prefix_tunings")
    return parameter.requires_grad and any(mark in name for mark in marks)


def _answers(model: nn.Module, task: Task, rows: EncodedRows) -> Answers:
    return decode(task, rows, predict_logits(model, task, rows.encodings))


def _classification() -> Sequence[Example]:
    texts = ("refund my money", "the parcel is late", "my card", "where is the order please", "")
    return [
        ClassificationExample(
            id=str(i), text=f"{texts[i % 5]} {i}", labels=(("a", "b", "c")[i % 3],)
        )
        for i in range(12)
    ]


def _extraction() -> Sequence[Example]:
    endings = ("", " the card", " the order was late")
    return [
        ExtractionExample(
            id=str(i),
            text=f"anna lives in london{endings[i % 3]}",
            entities=(Span(0, 4, "person"), Span(14, 20, "place")),
        )
        for i in range(12)
    ]


def _qa() -> Sequence[Example]:
    endings = ("", " the card", " was not late")
    return [
        QAExample(
            id=str(i),
            question="where",
            context=f"ben is in paris{endings[i % 3]}",
            answers=(GoldAnswer("paris", 10),) if i % 4 else (),
        )
        for i in range(12)
    ]


EXAMPLES: dict[str, Sequence[Example]] = {
    "classification": _classification(),
    "extraction": _extraction(),
    "qa": _qa(),
}
