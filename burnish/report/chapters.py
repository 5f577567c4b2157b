"""The report's chapters after the first page: for those who check the work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from burnish.analysis import label_limits
from burnish.report.charts import Bar, Line, bar_chart, line_chart
from burnish.report.facts import Facts
from burnish.report.markup import Markup, figure, paragraph, section, table, tag
from burnish.report.subgroups import subgroups
from burnish.report.summary import METRICS
from burnish.report.trust import calibration
from burnish.run import TrainingRecord
from burnish.tasks.evaluation import Evaluation
from burnish.tasks.intervals import METHOD

__all__ = ["chapters"]

_SHOWN_LABELS = 40
_MATRIX = 12
"""Labels up to which the whole matrix of confusions is shown."""
_SHOWN_CONFUSIONS = 15
_SHOWN_SLICES = 12


def chapters(facts: Facts) -> Iterator[Markup]:
    """Data, scores, training, errors, cost and the record."""
    yield section("Data", *_data(facts))
    yield section("Scores", *_scores(facts))
    yield section("Training", *_training(facts))
    if facts.metrics.get("calibration"):
        yield section("Calibration", *calibration(facts))
    if facts.errors is not None:
        yield section("Errors", *_errors(facts))
    yield section("Bias", *_bias(facts))
    yield section("Cost", *_cost(facts))
    yield section("How to make it again", *_record(facts))


def _data(facts: Facts) -> Iterator[Markup]:
    record = facts.record.data
    rows = [
        (name, f"{part.rows:,}", part.cut_from, tag("code", part.digest[:16]))
        for name, part in record.parts.items()
    ]
    yield table(("part", "rows", "cut from", "digest"), rows)
    files: list[tuple[object, ...]] = [
        (setting, each.path.rpartition("/")[2], f"{each.rows:,}", tag("code", each.sha256[:16]))
        for setting, entries in record.files.items()
        for each in entries
    ]
    if terms := facts.record.bias_terms:
        name = terms.path.rpartition("/")[2]
        files.append(("bias.terms", name, "", tag("code", terms.sha256[:16])))
    yield table(("setting", "file", "rows", "SHA-256"), files)
    if record.leaked:
        yield paragraph(
            "Rows that stand in two parts: ",
            ", ".join(f"{name}: {count}" for name, count in record.leaked.items()),
            ".",
        )


def _scores(facts: Facts) -> Iterator[Markup]:
    names = list(next(iter(facts.scores.values())).metrics)
    rows: list[tuple[object, ...]] = [
        (f"{part}, this model", each.rows, *_intervals(each, names))
        for part, each in facts.scores.items()
    ]
    for name, parts in facts.rivals.items():
        rows += [
            (f"{part}, {name}", each.rows, *_intervals(each, names)) for part, each in parts.items()
        ]
    yield table(("", "rows", *names), rows)
    meanings = "; ".join(f"{name}: {METRICS.get(name, name)}" for name in names)
    yield paragraph(f"{meanings}. {METHOD}.", class_="soft")
    part, judged = list(facts.scores.items())[-1]
    yield tag("h3", f"By label ({part})")
    yield from _labels(facts, judged, part)
    yield from _confusions(judged, part)


def _labels(facts: Facts, judged: Evaluation, part: str) -> Iterator[Markup]:
    """The labels that rows judge, worst first; in words those that none does."""
    task = facts.record.task
    known = [(name, each) for name, each in judged.labels.items() if each.support]
    known.sort(key=lambda item: (item[1].f1, item[0]))
    bars = [
        Bar(name, s.f1, note=f"{s.f1:.2f} ({s.support} {task.support_noun[s.support != 1]})")
        for name, s in known[:_SHOWN_LABELS]
    ]
    which = (
        f"each {task.label_noun[0]}"
        if len(bars) == len(known)
        else f"the {len(bars)} worst of {len(known)} {task.label_noun[1]}"
    )
    caption = (
        f"F1 of {which}, worst first, and in brackets how many {task.support_noun[1]} of the "
        f"{part} part have it."
    )
    if bars:
        yield figure(bar_chart(bars, label=caption, high=1.0), caption)
    limits = label_limits(judged, part=part)
    for sentence in replace(limits, dead=()).sentences(task.label_noun):
        yield paragraph(sentence)


def _intervals(evaluation: Evaluation, names: list[str]) -> list[str]:
    found = [evaluation.metrics[name] for name in names]
    return [f"{i.value:.3f} ({i.low:.3f} to {i.high:.3f})" for i in found]


def _confusions(judged: Evaluation, part: str) -> Iterator[Markup]:
    if not judged.confusion:
        return
    yield tag("h3", f"Confusions ({part})")
    if len(judged.labels) <= _MATRIX:
        yield _matrix(judged)
        return
    rows = [(true, said, count) for true, said, count in judged.confusion[:_SHOWN_CONFUSIONS]]
    yield table(("true", "answered", "rows"), rows)


def _matrix(judged: Evaluation) -> Markup:
    labels = list(judged.labels)
    counts = {(true, said): count for true, said, count in judged.confusion}
    for label, scores in judged.labels.items():
        counts[label, label] = round(scores.recall * scores.support)
    rows = [
        (
            tag("strong", true),
            *(
                tag("strong", counts[true, said]) if true == said else counts.get((true, said), "")
                for said in labels
            ),
        )
        for true in labels
    ]
    return table(("true \\ answered", *labels), rows, square=True)


def _training(facts: Facts) -> Iterator[Markup]:
    training = facts.record.training
    history = facts.metrics["history"]
    metric = facts.record.task.main_metric
    if len(history) > 1:
        lines = _score_lines(history)
        names = " and ".join(line.name for line in lines)
        caption = f"{metric} on {names} rows by epoch; epoch {training.best_epoch} was kept."
        yield figure(line_chart(lines, label=caption, across="epoch", up=metric), caption)
    steps = [(e["epoch"], e["loss"]) for e in facts.log if "step" in e]
    losses = _smooth(steps)
    if len(losses) > 1:
        caption = "Training loss, a mean over a fiftieth of the training each."
        yield figure(
            line_chart([Line("loss", losses)], label=caption, across="epoch", up="loss"), caption
        )
    yield from _seeds(facts)
    yield from _forgetting(facts)
    train = facts.metrics.get("train")
    if train:
        reached = facts.scores["validation"].values()[metric]
        yield paragraph(
            f"On {train['rows']} of its own training rows the model reaches {train['score']:.3f}, "
            f"on validation {reached:.3f}. A wide gap, or one that widens from epoch to epoch "
            "while validation stands still, is overfitting."
        )


def _score_lines(history: list[dict[str, Any]]) -> list[Line]:
    """Validation and train by epoch; runs of older versions have validation alone."""
    known = [(e["epoch"], e["train_score"]) for e in history if "train_score" in e]
    lines = [Line("validation", [(e["epoch"], e["score"]) for e in history])]
    return [*lines, Line("train", known)] if known else lines


def _seeds(facts: Facts) -> Iterator[Markup]:
    seeds = facts.metrics.get("seeds") or {"runs": ()}
    if len(seeds["runs"]) < 2:
        return
    parts = list(seeds["summary"])
    rows = [
        (
            f"{run['seed']}{', kept' if run['seed'] == seeds['kept'] else ''}",
            *(f"{run[part]:.3f}" if part in run else "" for part in parts),
            run["flag"] or "",
        )
        for run in seeds["runs"]
    ]
    yield tag("h3", "Seeds: how much is chance")
    yield table(("seed", *parts, "flag"), rows)
    for part, differing in seeds["differing"].items():
        share = f"{100 * differing['share']:.1f} %"
        yield paragraph(f"The seeds differ on {differing['rows']} {part} rows ({share}).")


def _forgetting(facts: Facts) -> Iterator[Markup]:
    found = facts.metrics.get("forgetting")
    if not found:
        return
    before, after = found["masked_loss_before"], found["masked_loss_after"]
    words = (
        f" Its loss on masked words was {before:.2f} before and is {after:.2f}."
        if before is not None and after is not None
        else ""
    )
    changed = "did not change" if found["cka"] > 0.9995 else "changed"
    yield paragraph(
        f"Fine-tuning {changed} how the encoder represents {found['texts']} neutral texts "
        f"(similarity {found['cka']:.3f} by linear CKA; 1 is unchanged).{words}"
    )


def _smooth(steps: list[tuple[float, float]]) -> list[tuple[float, float]]:
    size = max(1, len(steps) // 50)
    groups = [steps[i : i + size] for i in range(0, len(steps), size)]
    return [(g[-1][0], sum(loss for _, loss in g) / len(g)) for g in groups]


def _errors(facts: Facts) -> Iterator[Markup]:
    errors = facts.errors
    if errors is None:
        return
    yield paragraph(f"{errors.wrong:,} of {errors.rows:,} {errors.part} rows are answered wrong.")
    if errors.kinds:
        bars = [Bar(name, count, note=f"{count:,}") for name, count in errors.kinds.items()]
        yield figure(bar_chart(bars, label="Errors by kind."), "Errors by kind.")
    if errors.slices:
        yield tag("h3", "Where it does worst")
        rows = [
            (s.by, s.name, s.rows, f"{s.score:.3f} ({s.low:.3f} to {s.high:.3f})")
            for s in errors.slices[:_SHOWN_SLICES]
        ]
        yield table(("by", "", "rows", f"{facts.record.task.main_metric}"), rows)
    if errors.mistakes:
        yield tag("h3", "Its surest mistakes")
        yield paragraph(
            "Look these rows up: a sure mistake is often a wrong label, or a rule that nobody "
            "wrote down. No text is shown here, so that this page can be passed on.",
            class_="soft",
        )
        said = [(m.row, m.true, m.predicted, f"{m.score:.2f}") for m in errors.mistakes]
        yield table(("row", "true", "answered", "score"), said)


def _bias(facts: Facts) -> Iterator[Markup]:
    yield from _swaps(facts)
    yield from subgroups(facts)


def _swaps(facts: Facts) -> Iterator[Markup]:
    reports = facts.bias
    if not reports:
        yield paragraph(
            "Not measured: the validation texts hold none of the terms for people's groups that "
            "are known in their language."
        )
        return
    rows = [
        (
            "this model" if name == "tuned" else "the base model under a linear probe",
            *(axis.axis, axis.rows, f"{axis.flipped} of {axis.swaps}"),
            f"{100 * axis.rate:.1f} % ({100 * axis.low:.1f} to {100 * axis.high:.1f})",
            f"{axis.shift:.3f}",
        )
        for name, report in reports.items()
        for axis in report.axes
    ]
    head = ("model", "axis", "rows", "changed answers", "share (95 %)", "mean change of the score")
    yield paragraph(
        "In each validation text that names a person's gender, origin, religion, age or "
        "disability, the terms were replaced by those of another group, and the model asked again. "
        "A fair model gives the same answer."
    )
    yield table(head, rows)
    yield paragraph(
        "This does not see: groups without terms in the lists, what is said between the lines, "
        "and whether the labels themselves are fair. Some swaps make a text odd, and for some "
        "questions the group matters.",
        class_="soft",
    )


def _cost(facts: Facts) -> Iterator[Markup]:
    record, training = facts.record, facts.record.training
    rows = [
        ("training", f"{training.wall_time_s:.0f} s on {training.threads} threads"),
        ("processor", f"{record.hardware.processor}, {record.hardware.cores} cores"),
        ("memory of the machine", f"{record.hardware.memory_gib:g} GiB"),
        ("parameters trained", f"{training.parameters_trained:,} of {training.parameters:,}"),
        ("steps", f"{training.steps:,}"),
    ]
    yield table(("", ""), rows)
    said = "What an answer costs is measured on the bundle, on the machine that serves it: "
    yield paragraph(said, tag("code", "burnish bench BUNDLE"))


def _seed(training: TrainingRecord) -> str:
    if len(training.seeds) < 2:
        return str(training.seed)
    return f"{training.seed_kept}, the best of {', '.join(map(str, training.seeds))}"


def _record(facts: Facts) -> Iterator[Markup]:
    record, training, base = facts.record, facts.record.training, facts.record.base_model
    rows = [
        ("base model", f"{base.name}, revision {base.revision or 'none (a directory)'}"),
        ("SHA-256 of its weights", tag("code", base.digest)),
        ("method", record.method),
        ("seed", _seed(training)),
        (
            "learning rate",
            f"{training.learning_rate:g}, the head's {training.head_learning_rate:g}",
        ),
        ("epochs", f"{training.epochs_run} of {training.epochs}, kept: {training.best_epoch}"),
        ("batch", f"{training.batch_size} windows, {training.gradient_accumulation} a step"),
        ("window", f"{record.task.max_length} tokens, overlap {record.task.stride}"),
        ("made", f"{record.created}, burnish {record.burnish_version}"),
    ]
    yield table(("", ""), rows)
    yield paragraph("Again: ", tag("code", "burnish train recipe.yaml output=ANOTHER"))
