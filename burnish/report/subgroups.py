"""The part of the report's chapter on bias that is about subgroups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from burnish.bias import FEWEST_ROWS, SubgroupReport, SubgroupScore
from burnish.report.facts import Facts
from burnish.report.markup import Markup, paragraph, table, tag

__all__ = ["subgroups"]

_SHOWN_LABELS = 5


def subgroups(facts: Facts) -> Iterator[Markup]:
    """Each column that the recipe names; nothing where it names none."""
    found = facts.subgroups
    if "tuned" not in found:
        return
    yield tag("h3", "By subgroup")
    frozen = found.get("frozen", ())
    for place, report in enumerate(found["tuned"]):
        beside = frozen[place] if place < len(frozen) else None
        yield _scores(report, beside)
        yield paragraph(_gap(report), _inherited(beside))
        if report.labels:
            yield _labels(report)
    yield paragraph(
        f"A subgroup is compared with the others from {FEWEST_ROWS} rows. The largest of many "
        "differences is large by chance: its interval (Tukey and Kramer) makes up for that. What a "
        "linear probe shows too was inherited from the base model, not added by tuning. A "
        "subgroup may be answered worse because its texts are harder, or its rows few in training; "
        "this tells that it is, not why.",
        class_="soft",
    )


def _scores(report: SubgroupReport, beside: SubgroupReport | None) -> Markup:
    base = {each.name: each for each in beside.subgroups} if beside else {}
    head = (report.column, f"{report.part} rows", report.metric)
    rows = [
        (
            each.name if each.compared else f"{each.name} (not compared)",
            f"{each.rows:,}",
            _score(each),
            *((_score(base[each.name]),) if base else ()),
        )
        for each in report.subgroups
    ]
    return table((*head, *(("the base model under a linear probe",) if base else ())), rows)


def _score(each: SubgroupScore) -> str:
    if each.score is None:
        return "nothing to find"
    return f"{each.score:.3f} ({each.low:.3f} to {each.high:.3f})"


def _gap(report: SubgroupReport) -> str:
    if report.gap is None:
        return f"Fewer than two subgroups of {report.column} have rows enough to be compared."
    return (
        f"Largest difference between subgroups of {report.column}: {report.gap:.3f} "
        f"({report.low:.3f} to {report.high:.3f})."
    )


def _inherited(beside: SubgroupReport | None) -> str:
    if beside is None or beside.gap is None:
        return ""
    return f" For the base model under a linear probe: {beside.gap:.3f}."


def _labels(report: SubgroupReport) -> Markup:
    """The labels that are given to the subgroups least alike."""
    compared = [each for each in report.subgroups if each.compared]
    rows = [
        (
            gap.label,
            *_ends(compared, [each.selection[gap.label] for each in compared]),
            f"{gap.selection:.3f}",
            "" if gap.recall is None else f"{gap.recall:.3f}",
        )
        for gap in report.labels[:_SHOWN_LABELS]
    ]
    head = ("label", "given least", "given most", "difference", "difference of recall")
    return table(head, rows)


def _ends(compared: Sequence[SubgroupScore], shares: Sequence[float]) -> tuple[str, str]:
    def shown(share: float) -> str:
        return f"{100 * share:.1f} % of {compared[shares.index(share)].name}"

    return shown(min(shares)), shown(max(shares))
