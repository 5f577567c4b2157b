"""The items of the ML reproducibility checklist (Pineau et al. 2021, v2.0) that concern a run.

What the record answers is answered; the rest are blanks with a name, for the authors to fill.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from burnish.report.facts import Facts
from burnish.report.summary import METRICS
from burnish.tasks.intervals import METHOD

__all__ = ["Item", "checklist"]


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the checklist."""

    name: str
    answer: str | None
    """None: the record cannot say; the authors must."""


def checklist(facts: Facts) -> tuple[Item, ...]:
    """Every item, in the checklist's order."""
    return (*_model(facts), *_data(facts), *_code(facts), *_results(facts))


def _model(facts: Facts) -> Iterator[Item]:
    base, training = facts.record.base_model, facts.record.training
    yield Item(
        "description of the model",
        f"{base.name} ({base.family}), {training.parameters:,} parameters, "
        f"{training.parameters_trained:,} trained by {facts.record.method}",
    )
    yield Item("assumptions about the data's origin and use", None)
    yield Item("complexity: time and memory of a prediction", None)


def _data(facts: Facts) -> Iterator[Item]:
    parts = facts.record.data.parts
    counts = ", ".join(f"{name} {part.rows:,}" for name, part in parts.items())
    yield Item("number of examples", counts)
    yield Item(
        "details of the split",
        "; ".join(
            f"{name} from {part.cut_from}, digest {part.digest[:16]}"
            for name, part in parts.items()
        )
        + f"; seed {facts.record.data.seed}",
    )
    skipped: Counter[str] = Counter()
    for files in facts.record.data.files.values():
        for file in files:
            skipped.update(file.skipped)
    if outside := facts.metrics.get("out_of_scope"):
        skipped["out of scope: measured, not trained on"] = outside["rows"]
    left_out = ", ".join(f"{count} rows ({reason})" for reason, count in skipped.items())
    yield Item("data that were excluded, and pre-processing", left_out or "no row was left out")
    yield Item("link to a downloadable version of the data", None)
    yield Item("how new data were collected, labelled and checked", None)


def _code(facts: Facts) -> Iterator[Item]:
    packages = facts.record.packages
    main = ("torch", "transformers", "peft", "scikit-learn", "numpy")
    versions = ", ".join(f"{name} {packages[name]}" for name in main if name in packages)
    yield Item("dependencies", f"burnish {facts.record.burnish_version}, {versions}")
    yield Item("training code", "burnish train recipe.yaml")
    yield Item("evaluation code", "burnish evaluate RUN DATA")
    yield Item(
        "pre-trained model", f"{facts.record.base_model.name}, {facts.record.base_model.digest}"
    )


def _results(facts: Facts) -> Iterator[Item]:
    training, hardware = facts.record.training, facts.record.hardware
    yield Item(
        "hyper-parameters",
        f"learning rate {training.learning_rate:g}, head {training.head_learning_rate:g}, batch "
        f"{training.batch_size}, epochs {training.epochs}, seed "
        f"{training.seed if training.seed_kept is None else training.seed_kept}",
    )
    yield Item("range of hyper-parameters considered, and how the best were chosen", None)
    seeds = facts.metrics.get("seeds")
    yield Item("number of training runs", str(len(seeds["runs"])) if seeds else "1")
    metric = facts.record.task.main_metric
    yield Item("definition of the measures", f"{metric}: {METRICS.get(metric, metric)}")
    yield Item("central tendency and variation", METHOD)
    yield Item("run time", f"{training.wall_time_s:.0f} s")
    yield Item(
        "computing infrastructure",
        f"{hardware.processor}, {hardware.cores} cores, {hardware.memory_gib} GiB, "
        f"Python {hardware.python}",
    )
