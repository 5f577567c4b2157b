"""Forms of the files: one label per row in one, any number in another."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.data.checks.finding import Finding
from burnish.data.checks.subject import Subject
from burnish.data.split import form_of_labels

__all__ = ["find_mixed_forms"]


def find_mixed_forms(subject: Subject) -> Iterator[Finding]:
    """Parts whose rows have another form than the training rows: training refuses them."""
    train = subject.train
    for part, rows in subject.parts.items():
        if rows.multi_label != train.multi_label:
            yield Finding(
                kind="mixed-forms",
                severity="error",
                message=f"{rows.name} has {form_of_labels(rows)}, "
                f"{train.name} {form_of_labels(train)}",
                fix="write both files in one form: one name under label, or a list under labels",
                rows=tuple(entry.place for entry in subject.of_part(part))[:1],
            )
