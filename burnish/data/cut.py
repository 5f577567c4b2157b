"""Shares of one file's rows: stratified, with groups whole, by the rows' content and a seed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from burnish.data.groups import GroupKey, group_keys
from burnish.data.rows import Rows
from burnish.data.shares import check_shares
from burnish.data.split_record import PartName
from burnish.data.stratify import Unit, deal_units
from burnish.errors import DataError
from burnish.plural import plural
from burnish.tasks.examples import Example

__all__ = ["Examples", "cut_rows"]

Examples = tuple[Example, ...]
"""Rows in their order."""


def cut_rows(
    rows: Rows, shares: Mapping[PartName, float], *, seed: int
) -> dict[PartName, Examples]:
    """Cut shares from rows as :func:`split_rows` does; what is left is ``train``.

    Raises:
        DataError: a part would be empty.
    """
    check_shares(shares.values())
    train_share = 1 - sum(shares.values())
    if not shares:
        return {"train": rows.examples}
    units = _units(rows.examples, seed=seed)
    names: tuple[PartName, ...] = ("train", *shares)
    dealt = dict(zip(names, deal_units(units, [train_share, *shares.values()]), strict=True))
    for name, part in dealt.items():
        if not part:
            raise DataError(
                f"a {name} share of {shares.get(name, train_share):g} of {len(rows)} rows in "
                f"{plural(len(units), '# separate [group or text|groups or texts]')} leaves "
                f"{name} without a row",
                _larger_share(units, tuple(shares)),
            )
    return {
        name: tuple(rows.examples[i] for i in sorted(i for unit in part for i in unit.rows))
        for name, part in dealt.items()
    }


def _larger_share(units: Sequence[Unit], names: Sequence[PartName]) -> str:
    """A hint with the least share that leaves no part empty, where there is one."""
    otherwise = "give a file of rows" if len(units) > 1 else "the rows form one group: give a file"
    for percent in range(1, 100 // (len(names) + 1) + 1):
        share = percent / 100
        if all(deal_units(units, [1 - share * len(names), *[share] * len(names)])):
            wanted = " and ".join(f"data.{name}: {share:g}" for name in names)
            return f"set {wanted}, or {otherwise}"
    return f"{otherwise} as {' and '.join(f'data.{name}' for name in names)}"


def _units(examples: Sequence[Example], *, seed: int) -> list[Unit]:
    members: dict[GroupKey, list[int]] = {}
    for index, key in enumerate(group_keys(examples)):
        members.setdefault(key, []).append(index)
    return [
        Unit(
            rows=tuple(indices),
            classes=Counter(name for i in indices for name in examples[i].class_names),
            order=hashlib.sha256("\0".join((str(seed), *key)).encode()).hexdigest(),
        )
        for key, indices in members.items()
    ]
