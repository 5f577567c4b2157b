"""Groups: which rows may not be split apart, by group, by text and by what a task ties.

A text that two groups share ties the two together, so that the rows of a group of groups stay in
one part: the connected components of the relations' union.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from burnish.data.content import folded
from burnish.tasks.examples import Example

__all__ = ["GroupKey", "group_keys"]

GroupKey = tuple[str, str]
"""The relation (group, text, context or what a task ties) and its value."""


def group_keys(examples: Sequence[Example]) -> list[GroupKey]:
    """One key per row, equal for rows that must stay together, whatever the rows' order.

    Args:
        examples: rows; those of one group, and those of one text (question answering: one
            context), case and white space folded, stay together, and those that their task ties.

    Returns:
        The least group of the row's component, or its text where no row of it has a group.
    """
    roots: dict[GroupKey, GroupKey] = {}
    for example in examples:
        first, *others = _keys(example)
        for other in others:
            one, two = sorted((_root(roots, first), _root(roots, other)), key=_rank)
            roots[two] = one
    return [_root(roots, next(_keys(example))) for example in examples]


def _keys(example: Example) -> Iterator[GroupKey]:
    if example.group is not None:
        yield "group", example.group
    name, text = example.shared or ("text", example.input_text)
    yield name, folded(text)
    for name, value in example.ties:
        yield name, folded(value)


def _rank(key: GroupKey) -> tuple[bool, str]:
    return key[0] != "group", key[1]


def _root(roots: dict[GroupKey, GroupKey], key: GroupKey) -> GroupKey:
    while (above := roots.get(key, key)) != key:
        roots[key] = roots.get(above, above)  # halves the way for the next
        key = above
    return key
