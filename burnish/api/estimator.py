"""The estimator of scikit-learn, which needs the extra ``train``."""

from __future__ import annotations

from burnish.api.extras import needs_train

with needs_train():
    from burnish.training import BurnishClassifier

__all__ = ["BurnishClassifier"]
