"""What a recipe may ask of the division of its rows, known before a row is read."""

from __future__ import annotations

from collections.abc import Collection

from burnish.errors import DataError

__all__ = ["check_shares", "require_validation"]


def require_validation(validation: object) -> None:
    """Refuse a training without rows to validate on.

    Args:
        validation: rows, a file or a share; None where there is none.

    Raises:
        DataError: there is none.
    """
    if validation is None:
        raise DataError(
            "there is no validation set: training needs one to choose its best epoch, and a model "
            "cannot be judged by rows that it was trained on",
            "set data.validation to a share of the training rows (0.15) or to a file of rows",
        )


def check_shares(shares: Collection[float]) -> None:
    """Refuse shares that leave nothing to train on.

    Args:
        shares: of the training rows, each between 0 and 1.

    Raises:
        DataError: together they are 1 or more.
    """
    if sum(shares) >= 1:
        raise DataError(
            "validation and test would take all rows", "give smaller shares, for example 0.15"
        )
