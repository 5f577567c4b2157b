"""The report's chapter on scores: what they are worth, and which answers are left out."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.calibration import scope_lines
from burnish.report.charts import Line, line_chart
from burnish.report.facts import Facts
from burnish.report.markup import Markup, figure, paragraph, tag

__all__ = ["calibration"]


def calibration(facts: Facts) -> Iterator[Markup]:
    """Reliability, abstention, and texts out of scope."""
    yield from _reliability(facts)
    yield from _scope(facts)


def _reliability(facts: Facts) -> Iterator[Markup]:
    part, found = list(facts.metrics["calibration"]["parts"].items())[-1]
    before, after = found["before"], found["after"]
    if not before or not after:
        yield paragraph(f"The model claims nothing on {part}: there is nothing to calibrate.")
        return
    yield paragraph(
        f"Of 100 answers with a score of 0.8, 80 should be right. On {part} the scores were off by "
        f"{before['ece']:.3f} on average before calibration, and are by {after['ece']:.3f} (ECE, "
        f"{after['claims']} answers)."
    )
    points = [(b["confidence"], b["accuracy"]) for b in after["bins"]]
    if len(points) > 1:
        caption = "Share of right answers by their score; on the dashed line scores are true."
        ends = [(x, x) for x, _ in (points[0], points[-1])]
        lines = [Line("answers", points), Line("true scores", ends)]
        yield figure(
            line_chart(lines, label=caption, across="score", up="share of right answers"), caption
        )
    yield from _abstention(facts, part)


def _abstention(facts: Facts, part: str) -> Iterator[Markup]:
    found = facts.metrics["abstention"]["parts"][part]
    curve = [(point["coverage"], point["error"]) for point in found["curve"]]
    if len(curve) > 1:
        caption = f"Share of wrong answers by the share that is answered, surest first ({part})."
        yield figure(
            line_chart([Line("wrong", curve)], label=caption, across="answered", up="wrong"),
            caption,
        )
    promise = facts.metrics["abstention"]["promise"]
    if promise and promise["kept_from"] is None:
        yield paragraph(f"Nothing is promised: {promise['note'].rstrip('.')}.")
    elif facts.metrics["abstention"].get("abstain_below"):
        yield paragraph(
            f"It marks answers below a score as abstained. Of the others on {part} "
            f"{100 * found['error']:.1f} % are wrong, at a coverage of "
            f"{100 * found['coverage']:.1f} %."
        )


def _scope(facts: Facts) -> Iterator[Markup]:
    told = scope_lines(facts.metrics)
    if told:
        yield tag("h3", "Texts out of scope")
        yield paragraph(" ".join(told))
