"""The names of a checkpoint's outputs: its own, or those that the user gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from burnish.data import Rows
from burnish.errors import UsageError
from burnish.plural import plural
from burnish.tasks.base import TaskSettings

from .found import Found

__all__ = ["check_labels_known", "name_outputs"]

_SHOWN = 20


def name_outputs(
    found: Found,
    settings: type[TaskSettings[Any, Any, Any]],
    *,
    names: Sequence[str] | None,
    mapping: Mapping[str, str],
) -> tuple[str, ...]:
    """The outputs' names, in the checkpoint's order.

    Args:
        found: the checkpoint.
        settings: the task's.
        names: of all outputs, in order.
        mapping: new names by the checkpoint's.

    Raises:
        UsageError: there are more or fewer names than outputs, a key of the mapping is none of
            them, or two outputs get one name.
    """
    own = found.outputs
    if not own and (names or mapping):
        raise UsageError(
            f"{found.source} has outputs without names", "leave --output-names and --map out"
        )
    if names is not None and len(names) != len(own):
        raise UsageError(
            f"{plural(len(names), '# [name is|names are]')} given, and {found.source} has "
            f"{plural(len(own), '# [output|outputs]')}: {_listed(own)}",
            "give one name per output, in this order: --output-names A,B,…",
        )
    named = tuple(own if names is None else names)
    unused = [key for key in mapping if settings.renamed_outputs(named, {key: "\0"}) == named]
    if unused:
        raise UsageError(
            f"--map names {unused[0]!r}; {found.source} has {_listed(named)}",
            f"for example --map {named[0]}=NAME",
        )
    named = settings.renamed_outputs(named, mapping)
    double = sorted({name for name in named if named.count(name) > 1})
    if double:
        raise UsageError(
            f"two outputs of {found.source} would be called {double[0]!r}",
            "give each output a name of its own",
        )
    return named


def check_labels_known(
    task: TaskSettings[Any, Any, Any], rows: Sequence[Rows], found: Found
) -> list[str]:
    """Notes on labels that no row has.

    Raises:
        UsageError: the rows have a label that the model does not give; both sides are listed.
    """
    if not task.answer_labels:
        return []
    theirs = {name for each in rows for row in each.examples for name in row.class_names}
    unknown = sorted(theirs - set(task.answer_labels))
    if unknown:
        first = task.output_labels[-1]
        raise UsageError(
            plural(len(unknown), "the rows have # [label|labels] that ")
            + f"{found.source} does not give.\n  the model: {_listed(task.answer_labels)}\n"
            f"  the rows:  {_listed(sorted(theirs))}",
            "say what the model's outputs mean, in their order: --output-names A,B,…; or one by "
            f"one: --map {first}=NAME,…",
        )
    missing = [label for label in task.answer_labels if label not in theirs]
    if not missing:
        return []
    return [
        plural(len(missing), "no row has [the label|any of the labels] ")
        + f"{_listed(missing)}: nothing is known of how well the model gives "
        + plural(len(missing), "[it|them]")
    ]


def _listed(names: Sequence[str]) -> str:
    more = f", … ({len(names)} in all)" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
