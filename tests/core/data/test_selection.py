"""Selection: unsure rows first, apart from each other, the same every time."""

from __future__ import annotations

import numpy as np

from burnish.data.selection import hashed_vectors, pick_rows, uncertainty


def test_unsure_rows_come_first_and_apart() -> None:
    vectors = np.array([[1, 0], [1, 0.01], [0, 1], [1, 1]], dtype=np.float32)
    assert pick_rows(vectors, np.array([0.9, 0.9, 0.8, 0.0]), count=2) == [0, 2]
    assert pick_rows(vectors, np.array([0.9, 0.9, 0.8, 0.0]), count=9) == [0, 2, 1, 3]


def test_uncertainty_is_what_the_margin_leaves() -> None:
    scores = np.array([[0.6, 0.3, 0.1], [1, 0, 0]], dtype=np.float32)
    assert np.allclose(uncertainty(scores, multi_label=False), [0.7, 0])
    several = np.array([[0.9, 0.45], [0.99, 0.0]], dtype=np.float32)
    assert np.allclose(uncertainty(several, multi_label=True), [0.9, 0.02])


def test_like_texts_have_like_vectors() -> None:
    texts = ["my card was charged twice", "My card  was charged twice!", "parcel lost in Oslo"]
    one, near, far = hashed_vectors(texts)
    assert one @ near > 2 * (one @ far)
