"""The bundle's card: what the model is, what was measured, and its limits."""

from __future__ import annotations

import json
from typing import Any

from burnish.bundle import Manifest
from burnish.cards import without_html
from burnish.evidence.calibration import summary_lines
from burnish.evidence.error_analysis import LabelLimits
from burnish.gates import gate_table

__all__ = ["render_card"]

_LIMITS = (
    "The figures hold for texts like the training texts. An answer depends on "
    "its own text alone. Speed depends on the processor: time the bundle where it is served "
    "(`burnish bench`)."
)
_PORTABLE = "Processors with and without VNNI compute the same logits, except for rounding."
_NOT_PORTABLE = (
    "Processors with and without VNNI round its 8-bit blocks differently: answers near a tie can "
    "differ from one kind to the other. Verify where it is served."
)


def render_card(manifest: Manifest) -> str:
    """Render Markdown with the header that model hubs read: figures and labels, but no rows."""
    task = manifest.task
    base = str(manifest.base_model.get("name", ""))
    labels = task.answer_labels
    header = [
        "---",
        f"base_model: {json.dumps(base)}",
        f"pipeline_tag: {task.head.pipeline}",
        "library_name: onnx",
        f"tags: [burnish, onnx, {manifest.precision}]",
        f"metrics: [{', '.join(task.summary_metrics)}]",
        "---",
        "",
    ]
    body = "\n".join(
        [
            f"# {manifest.name}",
            "",
            f"A model for {task.task}, {_origin(manifest)}, in {manifest.precision}.",
            "",
            f"Exported and verified by burnish {manifest.burnish_version}, {manifest.created}.",
            "",
            f"    burnish serve {manifest.name}",
            "",
            f"- Window: {task.max_length} tokens, {_longer_texts(manifest)}",
            *([f"- Labels ({len(labels)}): {', '.join(labels)}"] if labels else []),
            f"- Run: record SHA-256 `{manifest.run_digest}`",
            "",
            *_labels(manifest),
            "## Scores of this file",
            "",
            *_metrics(manifest.metrics),
            "",
            *summary_lines(manifest.metrics),
            "## Gates",
            "",
            *gate_table(manifest.gates),
            "",
            *_quantization(manifest),
            *_cascade(manifest),
            "## Limits",
            "",
            _LIMITS,
            "",
            _PORTABLE if (manifest.quantization or {}).get("portable", True) else _NOT_PORTABLE,
            "",
        ]
    )
    return "\n".join([*header, without_html(body)])


def _longer_texts(manifest: Manifest) -> str:
    """What happens to a text that is longer than the window."""
    if manifest.generation is None:
        return f"stride {manifest.task.stride} (for longer texts)"
    return "longer texts in parts; what is written is one text again"


def _origin(manifest: Manifest) -> str:
    base = str(manifest.base_model.get("name", ""))
    if manifest.base_model.get("adopted") in ("checkpoint", "setfit"):
        return f"trained elsewhere ({base})"
    if manifest.base_model.get("adopted"):
        return f"an adapter that was trained elsewhere, on {base}"
    return f"on {base}"


def _labels(manifest: Manifest) -> list[str]:
    """Labels that are never answered right, and labels that no row tested."""
    found = manifest.metrics.get("labels")
    said = LabelLimits.from_json(found).sentences(manifest.task.label_noun) if found else []
    return ["## Labels", "", *(f"- {each}" for each in said), ""] if said else []


def _metrics(metrics: dict[str, Any]) -> list[str]:
    unanswered: dict[str, int] = metrics.get("unanswered", {})
    shown: dict[str, dict[str, float]] = {
        name: metrics[name] for name in ("validation", "test") if name in metrics
    }
    run: dict[str, dict[str, float]] = metrics.get("run", {})
    trained = {f"{name}, in torch": values for name, values in run.items()}
    names: list[str] = list(next(iter(shown.values()), ()))
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for part, values in [*shown.items(), *trained.items()]:
        lines.append(f"| {part} | " + " | ".join(f"{values[name]:.4f}" for name in names) + " |")
    counts = [f"{part} {count}" for part, count in unanswered.items()]
    if counts:
        lines += [
            "",
            f"Rows not answered, because the question is too long: {', '.join(counts)}.",
        ]
    return lines


def _cascade(manifest: Manifest) -> list[str]:
    found = manifest.cascade
    if not found:
        return []
    said = (
        f"A smaller model (run `{found['first']}`) answers a window where its best probability is "
        f"at least {found['least']:.3f}: {100 * found['answered']:.0f} % of the validation rows' "
        "windows. The whole model answers the others."
    )
    return ["## Cascade", "", said, ""]


def _quantization(manifest: Manifest) -> list[str]:
    search = manifest.quantization
    if not search:
        return []
    if not search["candidates"]:
        return ["## Quantization", "", f"fp32 is shipped: {search['reason']}.", ""]
    rows = [
        f"| {each['name']} | {100 * each['agreement']:.1f} % | {each['metric_loss']:+.2f} | "
        f"{each['speedup']:.2f} | {each['size_bytes'] / 1e6:.1f} |"
        for each in search["candidates"]
    ]
    chosen = search["chosen"]
    outcome = (
        f"`{chosen}` is shipped" if chosen else "No candidate passed its gates: fp32 is shipped"
    )
    where = f"{search['processor']['model']}, batch 1, one thread"
    return [
        "## Quantization",
        "",
        f"{outcome}. Tried on {search['search_rows']} validation rows and timed on {where}.",
        f"fp32 takes {search['fp32_milliseconds']:.2f} ms per window.",
        "",
        "| candidate | same answers | points lost | times fp32's speed | MB |",
        "|---|---|---|---|---|",
        *rows,
        "",
    ]
