"""The arrays that modules hand to each other, by what they hold. Shapes are said where they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["BoolArray", "DoubleArray", "FloatArray", "IntArray"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float32]
"""What models compute in."""
DoubleArray = npt.NDArray[np.float64]
"""What is measured and fitted in."""
IntArray = npt.NDArray[np.int64]
