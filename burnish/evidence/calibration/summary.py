"""Calibration and abstention in lines of Markdown, for the cards of a run and of a bundle."""

from __future__ import annotations

from typing import Any

from burnish.plural import plural

__all__ = ["abstention_lines", "scope_lines", "summary_lines"]

_MEANING = (
    "The mean distance between score and share of right answers, in bins of equal mass, with "
    "95 % intervals."
)


def summary_lines(metrics: dict[str, Any]) -> list[str]:
    """A section of a card, from a run's or a bundle's metrics; empty if nothing was measured."""
    calibration = metrics.get("calibration")
    if not calibration:
        return []
    lines = [
        "## Calibration of the scores",
        "",
        "| | answers | calibration error before | after fitting on validation |",
        "|---|---|---|---|",
        *(_reliability(part, each) for part, each in calibration["parts"].items()),
        "",
        _MEANING,
        "",
        *_abstention(metrics["abstention"]),
    ]
    scope = scope_lines(metrics)
    return [*lines, *([" ".join(scope), ""] if scope else [])]


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
    lines = [each for each in (_chosen(document),) if each]
    if promise and promise["kept_from"] is None:
        lines.append(f"No error rate is guaranteed: {promise['note'].rstrip('.')}.")
    elif promise:
        lines.append(
            f"Of the answers that are not marked `abstained`, at most {100 * promise['error']:g} % "
            f"are wrong, with {100 * promise['confidence']:g} % confidence, for texts drawn like "
            f"those of the validation set ({promise['wrong']} of {promise['answered']} "
            f"{document['of']} wrong there, {promise['claims']} in all)."
        )
    return [*(line for each in lines for line in (each, "")), *_bullets(document), ""]


def _chosen(document: dict[str, Any]) -> str:
    """How a score without a promise was chosen."""
    asked = document.get("asked") or {}
    said = []
    if "score" in asked:
        said.append(f"the recipe or the export asked for a score of {asked['score']:g}")
    if "reject" in asked:
        said.append(
            f"{100 * asked['reject']:g} % of half of the rows out of scope have a lower score"
        )
    if not said or document["abstain_below"] > 1:
        return ""
    return (
        f"Answers with a score below {document['abstain_below']:.3f} are marked: {'; '.join(said)}."
    )


def _bullets(document: dict[str, Any]) -> list[str]:
    return [f"- {line}" for line in abstention_lines({"abstention": document})]


def abstention_lines(metrics: dict[str, Any]) -> list[str]:
    """One line per part of the data on the answers without a mark; none where none is marked."""
    document = metrics.get("abstention")
    if not document or not document["abstain_below"]:
        return []
    below = document["abstain_below"]
    reach = f"reach the score {below:.3f}" if below <= 1 else "are answered without a mark"
    return [
        f"{part}: {each['answered']} of {each['claims']} {document['of']} {reach}{_wrong(each)}"
        for part, each in document["parts"].items()
    ]


def _wrong(part: dict[str, Any]) -> str:
    if not part["answered"]:
        return ""
    wrong = plural(part["wrong"], ", # of them [is|are] wrong ")
    return f"{wrong}({_share(part['error'])})"


def scope_lines(metrics: dict[str, Any]) -> list[str]:
    """Sentences on the texts out of scope; none where there are no such rows."""
    document = metrics.get("out_of_scope")
    if not document:
        return []
    area, covered = document["auroc"], document["coverage"]
    rows = plural(document["rows"], "# [row|rows]")
    judged = document.get("answered")  # of older versions: the share alone
    interval = f" ({_share(judged['low'])} to {_share(judged['high'])})" if judged else ""
    whose = (
        f"the {judged['rows']:,} rows not used to choose the score"
        if (judged and judged["rows"] < document["rows"])
        else "them"
    )
    told = (
        f"Out of scope ({rows} of the label {document['label']!r}): the best score separates them "
        f"from the {document['against']} rows with an AUROC of {area['value']:.3f} "
        f"({area['low']:.3f} to {area['high']:.3f}; 0.5 is chance)."
    )
    answered = (
        f"Answered without a mark: {_share(covered['out_of_scope'])}{interval} of {whose}, and "
        f"{_share(covered['in_scope'])} of the {document['against']} rows."
    )
    return [told, answered]


def _share(share: float) -> str:
    return f"{100 * share:.1f} %"
