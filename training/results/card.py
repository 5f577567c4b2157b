"""The model card of a run, written at save time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from burnish.cards import without_html
from burnish.evidence.bias import SubgroupReport
from burnish.evidence.calibration import summary_lines
from burnish.evidence.error_analysis import label_limits
from burnish.gates import Gate, gate_table
from burnish.plural import plural
from burnish.recipe.recipe import Recipe
from burnish.run import RunRecord, TrainingRecord
from burnish.tasks.evaluation import Evaluation, distinct
from burnish.tasks.intervals import METHOD

from .card_loading import loading_lines
from .evidence import Evidence
from .seeds import Seeds
from .tuned import Tuned

__all__ = ["CardContents", "render_card", "write_card"]

_PROBE = (
    "The linear probe is logistic regression on the frozen encoder. A tuned model should beat it."
)


def write_card(
    recipe: Recipe, record: RunRecord, tuned: Tuned, evidence: Evidence, *, seeds: Seeds
) -> str:
    """Markdown with the header that model hubs read.

    Args:
        recipe: resolved.
        record: the run's.
        tuned: the model's scores, and the linear probe's.
        evidence: the scores of cheap methods, and the gates.
        seeds: all seeds that were trained.
    """
    training, base = record.training, record.base_model
    parts = ", ".join(f"{name} {part.rows}" for name, part in record.data.parts.items())
    made = [
        f"- Base model: {base.name}, revision {base.revision or 'none (a directory)'}",
        f"- SHA-256 of its weights: `{base.digest}`",
        f"- Rows: {parts}",
        f"- Method: {record.method}",
        f"- Parameters trained: {training.parameters_trained:,} of {training.parameters:,}",
        f"- Epochs: {training.epochs_run} of {training.epochs}; best: {training.best_epoch}",
        f"- Learning rate: {training.learning_rate:g}; head: {training.head_learning_rate:g}",
        f"- By layer: {_by_layer(recipe)}",
        "- Similarity to the base model: "
        + ("a new one" if evidence.forgetting is None else evidence.forgetting.summary),
        "- Batch: "
        + plural(training.batch_size or 0, "# [window|windows], ")
        + plural(training.gradient_accumulation or 0, "# [batch|batches] per step"),
        f"- {_seed_line(training)}; of the split: {training.seed}",
        f"- Window: {record.task.max_length} tokens, overlap {record.task.stride} (for long texts)",
        f"- Time: {training.wall_time_s:.0f} s on {plural(training.threads, '# [thread|threads]')}",
        f"- Processor: {record.hardware.processor}",
        "- Train it again: `burnish train recipe.yaml output=ANOTHER`",
        *([f"- Search: {recipe.search.said}"] if recipe.search.trials else []),
        *_teacher(recipe, record),
    ]
    probe = distinct({"linear probe": tuned.baseline}, tuned.evaluations)
    contents = CardContents(
        lead=f"A model for {recipe.task}: {base.name}, tuned by burnish {record.burnish_version}.",
        evaluations=tuned.evaluations,
        rivals={**probe, **evidence.baselines},
        gates=evidence.gates,
        trust=tuned.trust.documents,
        subgroups=evidence.subgroups.get("tuned", ()),
        loading=loading_lines(tuned.model, task=record.task, pooling=record.pooling),
        made=made,
        beside_scores=[_PROBE] if probe else [],
        seeds=_seeds(seeds),
    )
    return render_card(recipe, record, contents)


def _teacher(recipe: Recipe, record: RunRecord) -> list[str]:
    teacher = record.taught_by
    if teacher is None:
        return []
    texts = " on its rows and on texts without labels" if teacher.unlabelled else " on its rows"
    digest = f"SHA-256 of its record `{teacher.sha256}`"
    what = "answers and the hidden states" if recipe.distill.hidden_states else "answers"
    return [f"- Taught by the {what} of {Path(teacher.run).name}{texts} ({digest})"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardContents:
    """What the cards of trained and of adopted models say differently."""

    lead: str
    """The first sentence."""
    evaluations: dict[str, Evaluation]
    rivals: dict[str, dict[str, Evaluation]]
    gates: Sequence[Gate]
    trust: dict[str, Any]
    """The documents of calibration and abstention."""
    subgroups: Sequence[SubgroupReport]
    loading: Sequence[str]
    """The section on other tools."""
    made: Sequence[str]
    """A list of how the model was made."""
    beside_scores: Sequence[str] = ()
    seeds: Sequence[str] = ()


def render_card(recipe: Recipe, record: RunRecord, contents: CardContents) -> str:
    """Markdown with the header that model hubs read.

    Args:
        recipe: resolved.
        record: the run's.
        contents: the rest.
    """
    evaluations = contents.evaluations
    lines = [
        f"# {recipe.output.name}",
        "",
        contents.lead,
        "",
        *_limits(record, evaluations),
        "## Scores",
        "",
        *_figures(evaluations, contents.rivals),
        "",
        f"{METHOD}.",
        *contents.beside_scores,
        "",
        *_labels(record, evaluations),
        *contents.seeds,
        *summary_lines(contents.trust),
        *_subgroups(contents.subgroups),
        "## Gates",
        "",
        *gate_table(contents.gates),
        "",
        *contents.loading,
        "## How it was made",
        "",
        *contents.made,
        "",
    ]
    if record.notes:
        lines += ["## Notes", "", *(f"- {note}" for note in record.notes), ""]
    header = ["---", _header(recipe, record, evaluations), "---", ""]
    return "\n".join([*header, without_html("\n".join(lines))])


def _header(recipe: Recipe, record: RunRecord, evaluations: dict[str, Evaluation]) -> str:
    """The hub's metadata (huggingface.co/docs/hub/model-cards), by the hub's own library."""
    tag = record.task.head.pipeline
    data = ModelCardData(
        base_model=_hub_name(record),
        library_name="transformers",
        pipeline_tag=tag,
        tags=["burnish"],
        metrics=list(record.task.summary_metrics),
        model_name=recipe.output.name,
        eval_results=[
            EvalResult(
                task_type=tag,
                dataset_type="private",
                dataset_name=_data_name(recipe),
                dataset_split=part,
                metric_type=name,
                metric_value=round(interval.value, 4),
            )
            for part, evaluation in evaluations.items()
            for name, interval in evaluation.metrics.items()
        ],
    )
    return str(data.to_yaml()).strip()


def _data_name(recipe: Recipe) -> str:
    """The file of the rows: those that were trained on, or that judge an adopted model."""
    data = recipe.data
    file = data.validation if data.train is None else data.train
    return file.name if isinstance(file, Path) else ""


def _hub_name(record: RunRecord) -> str | None:
    """The base model's id on the hub; None for a directory, and for a model that was adopted."""
    base = record.base_model
    if record.adopted is not None and record.adopted.kind != "adapter":
        return None
    if base.name == "minilm":
        return "sentence-transformers/all-MiniLM-L6-v2"
    return base.name if base.revision else None


def _by_layer(recipe: Recipe) -> str:
    settings = recipe.train
    said = [
        f"learning rate divided by {settings.layer_decay:g} per layer",
        f"{settings.schedule} course",
        "unfrozen from the top" if settings.gradual_unfreezing is True else "all trained at once",
    ]
    if settings.freeze:
        said.append(f"the lowest {settings.freeze} frozen")
    if settings.regularization != "none":
        said.append(
            f"regularized by {settings.regularization} of {settings.regularization_strength:g}"
        )
    return ", ".join(said)


def _figures(
    evaluations: dict[str, Evaluation], rivals: dict[str, dict[str, Evaluation]]
) -> list[str]:
    names = list(next(iter(evaluations.values())).metrics)
    rows = [f"| | rows | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    others = {
        f"{part}, {name}": evaluation
        for name, parts in rivals.items()
        for part, evaluation in parts.items()
    }
    for part, evaluation in {**evaluations, **others}.items():
        cells = [
            f"{i.value:.4f} ({i.low:.4f} to {i.high:.4f})" for i in evaluation.metrics.values()
        ]
        rows.append(f"| {part} | {evaluation.rows} | {' | '.join(cells)} |")
    return rows


def _limits(record: RunRecord, evaluations: dict[str, Evaluation]) -> list[str]:
    """Labels that are never answered right, and labels that no row tested."""
    part, evaluation = list(evaluations.items())[-1]
    said = label_limits(evaluation, part=part).sentences(record.task.label_noun)
    return ["## Limits", "", *(f"- {each}" for each in said), ""] if said else []


def _labels(record: RunRecord, evaluations: dict[str, Evaluation]) -> list[str]:
    part, evaluation = list(evaluations.items())[-1]
    name = record.task.label_title
    rows = [
        f"| {_cell(name(label))} | {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} | {s.support} |"
        if s.support
        else f"| {_cell(name(label))} | | | not judged | 0 |"
        for label, s in evaluation.labels.items()
    ]
    counted = record.task.support_noun[1]
    head = [f"| label | precision | recall | F1 | {counted} |", "|---|---|---|---|---|"]
    return [f"### By label ({part})", "", *head, *rows, ""]


def _subgroups(reports: Sequence[SubgroupReport]) -> list[str]:
    """Subgroups with enough rows; the few rows of others may belong to one person."""
    lines: list[str] = []
    for report in reports:
        rows = [
            f"| {_cell(each.name)} | {each.rows} | {each.score:.3f} ({each.low:.3f} to "
            f"{each.high:.3f}) |"
            for each in report.subgroups
            if each.compared
        ]
        head = [f"| {_cell(report.column)} | rows | {report.metric} |", "|---|---|---|"]
        gap = (
            "-"
            if report.gap is None
            else f"{report.gap:.3f} ({report.low:.3f} to {report.high:.3f})"
        )
        said = f"Largest difference: {gap}. Too few rows to be compared: {len(report.left_out)}."
        title = f"### By {_cell(report.column)} ({report.part})"
        lines += [title, "", *head, *rows, "", said, ""]
    return lines


def _seeds(seeds: Seeds) -> list[str]:
    """Scores by seed, which show how much of them is chance."""
    if len(seeds.runs) == 1:
        return []
    document = seeds.to_json()
    parts = list(document["summary"])
    rows = [f"| seed | {' | '.join(parts)} | |", "|---" * (len(parts) + 2) + "|"]
    for run in seeds.runs:
        scores = [f"{run.scores[part]:.4f}" if run.scores else "-" for part in parts]
        said = run.flag or _became(run.seed, seeds)
        rows.append(f"| {run.seed} | {' | '.join(scores)} | {said} |")
    lines = [
        f"- {part}: mean {each['mean']:.4f}, standard deviation "
        f"{'unknown' if each['deviation'] is None else format(each['deviation'], '.4f')}; "
        f"the seeds disagree on {document['differing'][part]['share']:.1%} of the rows"
        for part, each in document["summary"].items()
    ]
    if seeds.averaged:
        listed = ", ".join(map(str, seeds.averaged))
        lines.append(f"- This model has the average of the weights of the seeds {listed}")
    return [f"### By seed ({seeds.metric})", "", *rows, "", *lines, ""]


def _seed_line(training: TrainingRecord) -> str:
    if training.seeds_averaged:
        return f"Seeds, their weights averaged: {', '.join(map(str, training.seeds_averaged))}"
    return f"Seed: {training.seed_kept}"


def _became(seed: int, seeds: Seeds) -> str:
    if seeds.averaged:
        return "averaged" if seed in seeds.averaged else ""
    return "kept" if seed == seeds.kept else ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
