"""Rows that burnish trains nothing on: they validate and test a model that exists."""

from __future__ import annotations

from burnish.data.cut import Examples, cut_rows
from burnish.data.rows import Rows
from burnish.data.split import Split, find_leaks
from burnish.data.split_record import PartName
from burnish.errors import DataError

__all__ = ["split_unseen"]


def split_unseen(rows: Rows, *, test: Rows | float, seed: int) -> Split:
    """Divide rows into validation and test, with no rows to train on.

    Args:
        rows: of ``data.validation``.
        test: rows of another file, or the share of ``rows`` that tests the model, between 0 and 1.
        seed: any whole number.

    Raises:
        DataError: a part would be empty, or the test rows have another form than the others.
    """
    sources: dict[PartName, Rows] = {"validation": rows}
    if isinstance(test, Rows):
        if test.multi_label != rows.multi_label:
            raise DataError(
                f"{test.name} and {rows.name} differ in how many labels each row may have",
                "write both files in one form: one name under label, or a list under labels",
            )
        sources["test"] = test
        parts: dict[PartName, Examples] = {"validation": rows.examples, "test": test.examples}
    else:
        cut = cut_rows(rows, {"test": test}, seed=seed)
        parts = {"validation": cut["train"], "test": cut["test"]}
    return Split(
        train=(),
        validation=parts["validation"],
        test=parts["test"],
        seed=seed,
        sources=sources,
        leaked=find_leaks(parts),
    )
