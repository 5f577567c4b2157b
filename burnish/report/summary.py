"""The report's first page: for those who decide, and do not train models."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.analysis import label_limits
from burnish.gates import Gate, Verdict, limit_of
from burnish.report.charts import Bar, interval_chart
from burnish.report.facts import Facts
from burnish.report.markup import Markup, figure, join, paragraph, section, table, tag

__all__ = ["METRICS", "summary"]

METRICS = {
    "accuracy": "share of texts answered right",
    "micro_f1": "F1 over all labels (1: every label found, none invented)",
    "macro_f1": "mean F1 of the labels, each counting the same",
    "f1": "F1 (1: everything found, nothing invented)",
    "precision": "share of what it finds that is right",
    "recall": "share of what there is that it finds",
    "exact_match": "share of questions answered word for word",
}
"""What each metric is, for a reader who does not know its name."""

_WHAT = {
    "classification": "reads a text and gives it {labels}",
    "extraction": "reads a text and marks its {labels}",
    "qa": "reads a text and a question, and answers with a stretch of the text or says that the "
    "text holds no answer",
}
_FEW_LABELS = 8

_CLASSES: dict[Verdict, str] = {
    "holds": "good",
    "recorded": "soft",
    "warns": "odd",
    "let through": "odd",
    "blocks": "bad",
}


def summary(facts: Facts) -> Markup:
    """What it does, how well and how surely, on how much data, and its limits."""
    return join(
        [
            tag("h1", f"{facts.name}: what this model can and cannot do"),
            paragraph(*_does(facts), class_="lead"),
            section("How well", *_how_well(facts)),
            section("Limits", tag("ul", *(tag("li", each) for each in _limits(facts)))),
            section("Gates", *_gates(facts.gates)),
        ]
    )


def _does(facts: Facts) -> Iterator[object]:
    labels = facts.record.task.output_labels if facts.recipe.task == "classification" else ()
    if facts.recipe.task == "extraction":
        labels = tuple(facts.record.task.labels)  # type: ignore[union-attr]
    yield f"This model {_WHAT[facts.recipe.task].format(labels=_named(labels, facts))}. "
    parts = facts.record.data.parts
    counts = {name: part.rows for name, part in parts.items()}
    yield f"It was trained on {counts['train']:,} rows, chosen by {counts['validation']:,} others"
    if "test" in counts:
        leaked = sum(
            count for name, count in facts.record.data.leaked.items() if name.startswith("test ")
        )
        met = "none of which it had met" if not leaked else f"{leaked:,} of which it had met"
        yield f", and tested on {counts['test']:,}, {met}. "
    else:
        yield ". No rows were kept apart to test it: its figures are those it was chosen by. "


def _named(labels: tuple[str, ...], facts: Facts) -> str:
    several = getattr(facts.record.task, "multi_label", False)
    if facts.recipe.task == "extraction":
        form = "stretches of these kinds: " if len(labels) <= _FEW_LABELS else ""
    else:
        form = "any of these labels: " if several else "one of these labels: "
    if len(labels) <= _FEW_LABELS:
        return form + ", ".join(labels)
    amount = (
        f"{len(labels)} labels"
        if facts.recipe.task == "classification"
        else (f"stretches of {len(labels)} kinds")
    )
    return f"any of {amount}" if several else f"one of {amount}" if form else amount


def _how_well(facts: Facts) -> Iterator[Markup]:
    part, judged = list(facts.scores.items())[-1]
    for metric in facts.record.task.summary_metrics:
        found = judged.metrics[metric]
        yield paragraph(
            f"On the {part} rows its {_spoken(metric)} is ",
            tag("strong", f"{found.value:.3f}"),
            f", and with 95 % confidence between {found.low:.3f} and {found.high:.3f}: "
            f"{METRICS.get(metric, metric)}, {judged.rows:,} rows.",
        )
        yield from _rivals(
            facts, part, metric, Bar("this model", found.value, found.low, found.high)
        )


def _rivals(facts: Facts, part: str, metric: str, own: Bar) -> Iterator[Markup]:
    others = {
        name: parts[part].metrics[metric] for name, parts in facts.rivals.items() if part in parts
    }
    if others:
        bars = [own, *(Bar(name, each.value, each.low, each.high) for name, each in others.items())]
        caption = f"{_capital(_spoken(metric))} on the {part} rows, with 95 % intervals."
        yield figure(interval_chart(bars, label=caption), caption)


def _spoken(metric: str) -> str:
    return metric.replace("_", " ").replace("f1", "F1")


def _limits(facts: Facts) -> Iterator[str]:
    """What a reader must know: first the labels that are never right, or that no row judges."""
    part, judged = list(facts.scores.items())[-1]
    yield from label_limits(judged, part=part).sentences(facts.record.task.label_noun)
    for gate in facts.gates:
        if gate.verdict not in ("holds", "recorded"):
            figure_and_limit = f"{gate.value:.3g}, wanted {_unbroken(limit_of(gate))}"
            yield f"{_capital(gate.told)} (gate {gate.name}: {figure_and_limit})."
    yield from facts.record.notes
    errors = facts.errors
    if errors is not None and errors.slices:
        worst = errors.slices[0]
        yield (
            f"It does worst where {worst.by} is “{worst.name}”: {worst.score:.3f} on {worst.rows} "
            "rows."
        )
    yield (
        "It knows only what its rows show. Texts of another kind, time or place are answered too, "
        "and nothing here says how well."
    )


def _unbroken(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _gates(gates: tuple[Gate, ...]) -> Iterator[Markup]:
    held = sum(gate.verdict == "holds" for gate in gates)
    judged = sum(gate.verdict != "recorded" for gate in gates)
    yield paragraph(
        f"{held} of {judged} checks hold. One that blocks must hold before the model can be "
        "exported, unless somebody says why not."
    )
    rows = [
        (gate.name, f"{gate.value:.4g}", _unbroken(limit_of(gate)), _verdict(gate), gate.told)
        for gate in gates
    ]
    yield table(("gate", "figure", "limit", "verdict", "what it is"), rows)


def _verdict(gate: Gate) -> Markup:
    return tag("span", gate.verdict, class_=_CLASSES[gate.verdict])
