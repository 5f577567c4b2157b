"""Trees of labels: branches without rows, and labels that no training row teaches.

Nothing is found where the labels lie in no tree, or in one that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from burnish.data.checks.finding import Finding
from burnish.data.checks.subject import Subject
from burnish.data.rows import Rows
from burnish.data.split_record import PartName
from burnish.plural import plural
from burnish.tasks.tree import PATH_MARK, LabelTree

__all__ = ["find_bare_branches", "find_untaught_labels"]

_SHOWN = 3


def find_bare_branches(subject: Subject) -> Iterator[Finding]:
    """Branches on which no row of any part lies: a model has no outputs for them."""
    tree = subject.tree
    if tree is None:
        return
    bare = ~tree.closed(_labels_in(subject.parts.values()))
    tops = np.flatnonzero(bare & ((tree.parent < 0) | ~bare[tree.parent]))
    if len(tops):
        labels = plural(int(bare.sum()), "# [label|labels]")
        yield Finding(
            kind="bare-branch",
            severity="note",
            message=plural(len(tops), f"# [branch|branches] of the tree ({labels}) [has|have] ")
            + plural(len(tops), "no row, and the model leaves [it|them] out: ")
            + _listed(tree, [tree.labels[top] for top in tops]),
            fix="add rows of what the model should answer; the rest of the tree may stay as it is",
        )


def find_untaught_labels(subject: Subject) -> Iterator[Finding]:
    """Labels of validation or test on which no training row lies."""
    tree = subject.tree
    if tree is None:
        return
    taught = tree.upwards(_labels_in([subject.train]))
    for part, rows in subject.parts.items():
        untaught = sorted(_labels_in([rows]).intersection(tree.labels) - taught)
        above = {name: taught.intersection(tree.path(name)[1:-1]) for name in untaught}
        partly = [name for name in untaught if above[name]]
        if partly:
            yield _untaught(
                subject,
                part,
                partly,
                message="without a training row, so that the model learns only what lies above "
                "[it|them]",
                fix="add training rows of them, or write the nearest label above that has some",
            )
        nowhere = [name for name in untaught if not above[name]]
        if nowhere:
            yield _untaught(
                subject,
                part,
                nowhere,
                message="without a training row, and no label between [it|them] and the root has "
                "one either",
                fix="add training rows of them, or remove these rows",
            )


def _untaught(
    subject: Subject, part: PartName, names: Sequence[str], *, message: str, fix: str
) -> Finding:
    assert subject.tree is not None  # noqa: S101  the caller has looked
    listed = _listed(subject.tree, names)
    return Finding(
        kind="unseen-label",
        severity="warning",
        message=f"{part} has {plural(len(names), f'# [label|labels] {message}')}: {listed}",
        fix=fix,
        rows=tuple(
            entry.place
            for entry in subject.of_part(part)
            if set(names).intersection(entry.example.class_names)
        ),
    )


def _labels_in(parts: Iterable[Rows]) -> set[str]:
    return {name for rows in parts for each in rows.examples for name in each.class_names}


def _listed(tree: LabelTree, labels: Sequence[str]) -> str:
    paths = [PATH_MARK.join(tree.path(label)) for label in labels[:_SHOWN]]
    return ", ".join(paths) + (" …" if len(labels) > _SHOWN else "")
