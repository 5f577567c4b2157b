"""The whole report as one HTML document, by the templates beside this file."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from jinja2 import Environment

from burnish.evidence.bias import FEWEST_ROWS, SubgroupReport, SubgroupScore
from burnish.evidence.calibration import scope_lines
from burnish.evidence.error_analysis import Slice, label_limits
from burnish.evidence.report import figures
from burnish.evidence.report.facts import Facts
from burnish.evidence.report.summary import METRICS, purpose
from burnish.evidence.templates import html_templates
from burnish.gates import limit_of
from burnish.tasks.intervals import METHOD, Interval

__all__ = ["render_report"]


def render_report(facts: Facts, *, answers: str | None = None) -> str:
    """HTML without any external reference, for reading and for printing.

    Args:
        facts: of the run.
        answers: a link to its wrong answers with their texts, which the page itself never holds.
    """
    part, judged = list(facts.scores.items())[-1]
    limits = label_limits(judged, part=part)
    return (
        _environment()
        .get_template("page.html")
        .render(
            facts=facts,
            answers=answers,
            record=facts.record,
            task=facts.record.task,
            metrics=facts.metrics,
            part=part,
            judged=judged,
            limits=limits,
            unjudged=replace(limits, dead=()),
            confusions={(true, said): count for true, said, count in judged.confusion},
        )
    )


@cache
def _environment() -> Environment:
    environment = html_templates("burnish.evidence.report")
    environment.filters |= {
        "ends": _ends,
        "interval": _interval,
        "spoken": lambda metric: metric.replace("_", " ").replace("f1", "F1"),
        "capital": lambda text: text[:1].upper() + text[1:],
        "limit": lambda gate: limit_of(gate).replace(" ", "\u00a0"),
    }
    environment.globals |= {
        "FEWEST_ROWS": FEWEST_ROWS,
        "METHOD": METHOD,
        "METRICS": METRICS,
        "figures": figures,
        "purpose": purpose,
        "scope_lines": scope_lines,
    }
    return environment


def _interval(found: Interval | Slice | SubgroupScore | SubgroupReport, of: str = "value") -> str:
    """A figure and its 95 % interval; None where a subgroup's rows hold nothing to find."""
    value = getattr(found, of)
    return (
        "nothing to find" if value is None else f"{value:.3f} ({found.low:.3f} to {found.high:.3f})"
    )


def _ends(report: SubgroupReport, label: str) -> tuple[str, str]:
    """Least and most: the shares of the compared subgroups' rows that are given a label."""
    compared = [(each.selection[label], each.name) for each in report.subgroups if each.compared]
    shown = [f"{100 * share:.1f} % of {name}" for share, name in compared]
    shares = [share for share, _ in compared]
    return shown[shares.index(min(shares))], shown[shares.index(max(shares))]
