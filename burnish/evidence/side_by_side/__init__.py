"""Wrong answers side by side with the true ones, with their texts: for whoever owns the rows.

Unlike a report these files hold texts, so they are written only where asked for, mode 0600.
"""

from burnish.evidence.side_by_side.comparison import Compared, compare_row, compare_rows
from burnish.evidence.side_by_side.files import (
    ENDINGS,
    compared_destination,
    write_compared,
    write_private,
)

__all__ = [
    "ENDINGS",
    "Compared",
    "compare_row",
    "compare_rows",
    "compared_destination",
    "write_compared",
    "write_private",
]
