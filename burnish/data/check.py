"""Checking: what rows hold, and what in them would spoil a model or a score."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from burnish.data.checks.faults import find_skipped
from burnish.data.checks.finding import Finding, Place, Severity
from burnish.data.checks.subject import Subject, count_labels
from burnish.data.checks.table import CHECKS
from burnish.data.rows import Rows
from burnish.data.split_record import PartName
from burnish.plural import plural
from burnish.tasks.tree import LabelTree

__all__ = [
    "CheckReport",
    "Lengths",
    "check_parts",
    "check_rows",
    "render_findings",
    "render_report",
]

_SHOWN = 3
_LABELS_SHOWN = 30
_ORDER: Mapping[Severity, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Lengths of the texts."""

    mean: float
    median: int
    p95: int
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What rows hold. Counts and lengths are those of the training rows."""

    task: str
    multi_label: bool
    files: tuple[str, ...]
    rows: int
    parts: dict[str, int]
    """Rows by part."""
    labels: dict[str, int]
    """Label (entity type; answerable or not) to count, most first; entities count one by one."""
    characters: Lengths
    words: Lengths
    skipped: dict[str, int]
    findings: tuple[Finding, ...]
    """Errors first."""

    @property
    def ok(self) -> bool:
        """Nothing found is an error."""
        return all(finding.severity != "error" for finding in self.findings)

    def with_findings(self, more: Iterable[Finding]) -> CheckReport:
        """The report with findings of other checks among its own."""
        return replace(self, findings=_ordered((*self.findings, *more)))

    def reworded(self, words: Callable[[str], str]) -> CheckReport:
        """The report with what its findings say and advise in other words."""
        return replace(
            self,
            findings=tuple(
                replace(each, message=words(each.message), fix=words(each.fix))
                for each in self.findings
            ),
        )

    def to_json(self) -> dict[str, object]:
        """The report as JSON values; ``mend`` is what 0.1 calls ``fix``, and goes after 0.2."""
        findings = [{**asdict(each), "mend": each.fix} for each in self.findings]
        return {"ok": self.ok, **asdict(self), "findings": findings}


def check_rows(rows: Rows) -> CheckReport:
    """Check the rows of one file: all that needs no encoder."""
    return check_parts({"train": rows})


def check_parts(
    parts: Mapping[PartName, Rows],
    *,
    faults: Iterable[Finding] = (),
    tree: LabelTree | None = None,
) -> CheckReport:
    """Check rows of several parts, each alone and against the others.

    Args:
        parts: ``train``, and where there are any ``validation`` and ``test``; one may have no rows.
        faults: what reading them has found.
        tree: that the labels lie in, if they lie in one.
    """
    rows = parts["train"]
    files = {file.path: file for part in parts.values() for file in part.files}
    skipped: Counter[str] = Counter()
    for file in files.values():
        skipped.update(file.skipped)
    texts = [example.input_text for example in rows.examples]
    findings = [*faults]
    for file in files.values():
        findings += find_skipped(replace(rows, files=(file,)))
    if len(rows):
        subject = Subject({name: part for name, part in parts.items() if len(part)}, tree)
        findings += [finding for check in CHECKS for finding in check(subject)]
    return CheckReport(
        task=rows.task,
        multi_label=rows.multi_label,
        files=tuple(str(path) for path in files),
        rows=len(rows),
        parts={name: len(part) for name, part in parts.items()},
        labels=count_labels(rows.examples),
        characters=_lengths([len(text) for text in texts]),
        words=_lengths([len(text.split()) for text in texts]),
        skipped=dict(skipped),
        findings=_ordered(findings),
    )


def render_report(report: CheckReport) -> str:
    """The report as text for a terminal."""
    lines = [
        f"{', '.join(report.files) or 'rows'}: "
        + plural(report.rows, f"# {report.task} [row|rows]")
    ]
    lines += [
        plural(count, f"  {name}: # [row|rows]")
        for name, count in report.parts.items()
        if name != "train"
    ]
    if report.rows:
        for unit, each in (("characters", report.characters), ("words", report.words)):
            lines.append(
                f"  {unit:<11} mean {each.mean:g}, median {each.median}, "
                f"95 % up to {each.p95}, longest {each.longest}"
            )
        lines += _label_lines(report.labels)
    lines += render_findings(report.findings)
    return "\n".join(lines)


def render_findings(findings: Sequence[Finding]) -> list[str]:
    """Two lines a finding, and their number."""
    lines = []
    for finding in findings:
        shown = _shown(finding.rows)
        lines.append(f"{finding.severity}: {finding.kind}: {finding.message}{shown}")
        lines.append(f"  {finding.fix}")
    return [*lines, plural(len(findings), "# [finding|findings]") if findings else "nothing to fix"]


def _label_lines(labels: Mapping[str, int]) -> list[str]:
    if not labels:
        return []
    shown = list(labels.items())[:_LABELS_SHOWN]
    width = max((len(label) for label, _ in shown), default=0)
    more = len(labels) - len(shown)
    rest = (
        [f"  … and {more} more, down to " + plural(min(labels.values()), "# [row|rows]")]
        if more
        else []
    )
    return ["labels", *(f"  {label:<{width}}  {n}" for label, n in shown), *rest]


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))


def _shown(places: Sequence[Place]) -> str:
    more = f", and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return f" [{'; '.join(map(str, places[:_SHOWN]))}{more}]" if places else ""


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
