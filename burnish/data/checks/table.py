"""The table of checks; a new one is a function in a file and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from burnish.data.checks.balance import (
    find_constant_labels,
    find_imbalance,
    find_nothing_to_learn,
    find_rare_labels,
    find_unshared_labels,
)
from burnish.data.checks.damage import find_damage
from burnish.data.checks.finding import Finding
from burnish.data.checks.forms import find_mixed_forms
from burnish.data.checks.label_sets import find_contradictions
from burnish.data.checks.leaks import find_leaks, find_shared_groups
from burnish.data.checks.likeness import find_near_repeats
from burnish.data.checks.of_task import checks_of
from burnish.data.checks.quantity import find_little_data
from burnish.data.checks.repeats import find_conflicts, find_duplicates
from burnish.data.checks.scan_noise import find_scan_noise
from burnish.data.checks.spans import (
    find_cut_words,
    find_loose_spans,
    find_slipped_spans,
)
from burnish.data.checks.spelling import find_doubtful_labels, find_mistyped_labels
from burnish.data.checks.subject import Subject
from burnish.data.checks.trees import find_bare_branches, find_untaught_labels
from burnish.data.checks.wording import find_other_languages, find_short_texts

__all__ = ["CHECKS"]


def find_of_task(subject: Subject) -> Iterator[Finding]:
    """What only this task's rows can have."""
    for check in checks_of(subject).own:
        yield from check(subject)


CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    find_mixed_forms,
    find_nothing_to_learn,
    find_constant_labels,
    find_little_data,
    find_conflicts,
    find_duplicates,
    find_near_repeats,
    find_leaks,
    find_shared_groups,
    find_unshared_labels,
    find_untaught_labels,
    find_bare_branches,
    find_rare_labels,
    find_imbalance,
    find_mistyped_labels,
    find_doubtful_labels,
    find_contradictions,
    find_slipped_spans,
    find_loose_spans,
    find_cut_words,
    find_of_task,
    find_damage,
    find_scan_noise,
    find_short_texts,
    find_other_languages,
)
