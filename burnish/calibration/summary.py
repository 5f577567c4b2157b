"""Calibration and abstention in lines of Markdown, for the cards of a run and of a bundle."""

from __future__ import annotations

from typing import Any

__all__ = ["summary_lines"]

_MEANING = (
    "The mean distance between score and share of right answers, in bins of equal mass, with "
    "95 % intervals."
)


def summary_lines(metrics: dict[str, Any]) -> list[str]:
    """A section of a card; empty where nothing was measured.

    Args:
        metrics: with the documents of :mod:`burnish.calibration`.
    """
    calibration = metrics.get("calibration")
    if not calibration:
        return []
    lines = [
        "## How far scores can be trusted",
        "",
        "| | answers | calibration error before | after fitting on validation |",
        "|---|---|---|---|",
        *(_reliability(part, each) for part, each in calibration["parts"].items()),
        "",
        _MEANING,
        "",
        *_abstention(metrics["abstention"]),
    ]
    return [*lines, *_scope(metrics.get("out_of_scope"))]


def _reliability(part: str, each: dict[str, Any]) -> str:
    if not each["after"]:
        return f"| {part} | 0 | | |"
    shown = [
        f"{one['ece']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
        for one in (each["before"], each["after"])
    ]
    return f"| {part} | {each['after']['claims']} | {' | '.join(shown)} |"


def _abstention(document: dict[str, Any]) -> list[str]:
    promise = document["promise"]
    if promise is None and not document["abstain_below"]:
        return []
    lines = []
    if promise and promise["kept_from"] is None:
        lines = [f"Nothing is promised: {promise['note']}.", ""]
    elif promise:
        said = (
            f"Of what is not marked `abstained` at most {100 * promise['error']:g} % is wrong, "
            f"with {100 * promise['confidence']:g} % confidence, for texts drawn like those of "
            f"the validation set ({promise['wrong']} of {promise['answered']} {document['of']} "
            f"wrong there, {promise['claims']} in all)."
        )
        lines = [said, ""]
    for part, each in document["parts"].items():
        lines.append(
            f"- {part}: {each['answered']} of {each['claims']} {document['of']} reach the score "
            f"{document['abstain_below']:.3f}, {each['wrong']} of them are wrong "
            f"({100 * each['error']:.1f} %)"
        )
    return [*lines, ""]


def _scope(document: dict[str, Any] | None) -> list[str]:
    if not document:
        return []
    area, covered = document["auroc"], document["coverage"]
    said = (
        f"Out of scope ({document['rows']} rows of the label {document['label']!r}): the best "
        f"score tells them from the {document['against']} rows with an AUROC of "
        f"{area['value']:.3f} ({area['low']:.3f} to {area['high']:.3f}); "
        f"{100 * covered['out_of_scope']:.1f} % of them are answered all the same, and "
        f"{100 * covered['in_scope']:.1f} % of the others."
    )
    return [said, ""]
