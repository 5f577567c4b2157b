"""Checking: what a rows file holds, and what in it would spoil a model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from burnish.data.content import class_names, content_key, input_text
from burnish.data.examples import Example, ExtractionExample, QAExample
from burnish.data.rows import Rows

__all__ = ["CheckReport", "Finding", "Lengths", "check_rows", "render_report"]

_PLACES = 20
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a person should look at."""

    kind: str
    severity: Literal["error", "warning", "note"]
    """error: a model trained on these rows is no use."""
    message: str
    """What it is, with its count."""
    hint: str
    places: tuple[str, ...]
    """Where the first of them stand, ``file name:line``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Lengths of the texts."""

    mean: float
    median: int
    p95: int
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a rows file holds."""

    task: str
    multi_label: bool
    files: tuple[str, ...]
    rows: int
    labels: dict[str, int]
    """Label (entity type; answerable or not) to count, most first; entities count one by one."""
    characters: Lengths
    words: Lengths
    skipped: dict[str, int]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Nothing found is an error."""
        return all(finding.severity != "error" for finding in self.findings)

    def to_json(self) -> dict[str, object]:
        """The report as JSON values."""
        return {"ok": self.ok, **asdict(self)}


def check_rows(rows: Rows) -> CheckReport:
    """Count, and look for duplicates, conflicts, rare labels, odd spans and skipped rows."""
    skipped: Counter[str] = Counter()
    for file in rows.files:
        skipped.update(file.skipped)
    texts = [input_text(example) for example in rows.examples]
    labels = _label_counts(rows.examples)
    findings = [
        *_one_sided(rows, labels),
        *_conflicts(rows),
        *_duplicates(rows),
        *_rare(rows, labels),
        *_alike(labels),
        *_loose_spans(rows),
        *_skipped(rows),
    ]
    return CheckReport(
        task=rows.task,
        multi_label=rows.multi_label,
        files=tuple(str(file.path) for file in rows.files),
        rows=len(rows),
        labels=labels,
        characters=_lengths([len(text) for text in texts]),
        words=_lengths([len(text.split()) for text in texts]),
        skipped=dict(skipped),
        findings=tuple(findings),
    )


def render_report(report: CheckReport) -> str:
    """The report as text for a terminal."""
    lines = [f"{', '.join(report.files) or 'rows'}: {report.rows} {report.task} rows"]
    for unit, each in (("characters", report.characters), ("words", report.words)):
        lines.append(
            f"  {unit:<11} mean {each.mean:g}, median {each.median}, "
            f"95 % up to {each.p95}, longest {each.longest}"
        )
    width = max((len(label) for label in report.labels), default=0)
    lines += ["labels", *(f"  {label:<{width}}  {n}" for label, n in report.labels.items())]
    for finding in report.findings:
        lines.append(f"{finding.severity}: {finding.message}{_shown(finding.places)}")
        lines.append(f"  {finding.hint}")
    lines.append("nothing to mend" if not report.findings else f"{len(report.findings)} findings")
    return "\n".join(lines)


def _shown(places: Sequence[str]) -> str:
    more = " …" if len(places) > _SHOWN else ""
    return f" ({', '.join(places[:_SHOWN])}{more})" if places else ""


def _label_counts(examples: Iterable[Example]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for example in examples:
        if isinstance(example, ExtractionExample):
            counts.update(span.label for span in example.entities)
        else:
            counts.update(class_names(example))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _lengths(values: Sequence[int]) -> Lengths:
    ordered = sorted(values) or [0]
    return Lengths(
        mean=round(sum(ordered) / len(ordered), 1),
        median=_rank(ordered, 0.5),
        p95=_rank(ordered, 0.95),
        longest=ordered[-1],
    )


def _rank(ordered: Sequence[int], share: float) -> int:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _one_sided(rows: Rows, labels: dict[str, int]) -> list[Finding]:
    messages = {
        "classification": (len(labels) < 2, "all rows have one label", "give rows of two or more"),
        "extraction": (not labels, "no row has an entity", "give rows with entities"),
        "qa": ("answerable" not in labels, "no question has an answer", "give some an answer"),
    }
    applies, message, hint = messages[rows.task]
    if rows.multi_label:
        applies, message, hint = not labels, "no row has a label", "give rows with labels"
    return [_finding("nothing to learn", "error", message, hint, [])] if applies else []


def _conflicts(rows: Rows) -> list[Finding]:
    places = [
        " = ".join(example.id for example in same[:_SHOWN])
        for same in _repeats(rows.examples)
        if len({_answer(example) for example in same}) > 1
    ]
    message = f"{len(places)} texts stand there with different labels or answers"
    hint = "decide on one, and mend or remove the others"
    return [_finding("conflicting labels", "warning", message, hint, places)] if places else []


def _duplicates(rows: Rows) -> list[Finding]:
    places = []
    for same in _repeats(rows.examples):
        seen: set[object] = set()
        for example in same:
            if _answer(example) in seen:
                places.append(example.id)
            seen.add(_answer(example))
    message = f"{len(places)} rows repeat an earlier row (case and space folded)"
    hint = "remove them, or leave them: a share never puts one text on both sides"
    return [_finding("duplicate rows", "note", message, hint, places)] if places else []


def _rare(rows: Rows, labels: dict[str, int]) -> list[Finding]:
    rare = {label for label, count in labels.items() if count == 1}
    places = [each.id for each in rows.examples if rare.intersection(class_names(each))]
    named = ", ".join(sorted(rare)[:_SHOWN]) + (" …" if len(rare) > _SHOWN else "")
    message = f"{len(rare)} labels occur once, so that nothing can be measured on them: {named}"
    hint = "give each at least a few rows, or merge it with another"
    return [_finding("single labels", "warning", message, hint, places)] if rare else []


def _alike(labels: dict[str, int]) -> list[Finding]:
    folded: dict[str, list[str]] = {}
    for label in labels:
        folded.setdefault(" ".join(label.casefold().replace("_", " ").split()), []).append(label)
    alike = [" and ".join(map(repr, names)) for names in folded.values() if len(names) > 1]
    message = f"labels differ in letter case or spacing alone: {', '.join(alike)}"
    hint = "write each label in one way"
    return [_finding("labels alike", "warning", message, hint, [])] if alike else []


def _loose_spans(rows: Rows) -> list[Finding]:
    places = []
    for example in rows.examples:
        if isinstance(example, ExtractionExample):
            covered = (example.text[span.start : span.end] for span in example.entities)
            places += [example.id for part in covered if part != part.strip()]
    message = f"{len(places)} entities begin or end with white space"
    hint = "move their offsets to the first and last letter"
    return [_finding("loose spans", "warning", message, hint, places)] if places else []


def _skipped(rows: Rows) -> list[Finding]:
    return [
        _finding(
            "skipped rows",
            "note" if reason == "blank line" else "warning",
            f"{count} rows were skipped: {reason}",
            "complete or remove them",
            file.skipped_at.get(reason, ()),
        )
        for file in rows.files
        for reason, count in file.skipped.items()
    ]


def _repeats(examples: Sequence[Example]) -> list[list[Example]]:
    """Rows whose inputs are the same, by order of the first of them."""
    same: dict[str, list[Example]] = {}
    for example in examples:
        same.setdefault(content_key(example), []).append(example)
    return [group for group in same.values() if len(group) > 1]


def _answer(example: Example) -> object:
    if isinstance(example, ExtractionExample):
        return tuple((span.start, span.end, span.label) for span in example.entities)
    if isinstance(example, QAExample):
        return frozenset((answer.text, answer.start) for answer in example.answers)
    return example.labels


def _finding(
    kind: str,
    severity: Literal["error", "warning", "note"],
    message: str,
    hint: str,
    places: Iterable[str],
) -> Finding:
    return Finding(
        kind=kind, severity=severity, message=message, hint=hint, places=tuple(places)[:_PLACES]
    )
