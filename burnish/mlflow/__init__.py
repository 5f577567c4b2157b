"""MLflow: a run's scores and gates, and a bundle that MLflow loads without torch. Extra ``mlflow``.

::

    from burnish.mlflow import log_bundle, log_run, save_model

Nothing of the rows is logged: no text, no example of an input.
"""

from burnish.mlflow.models import log_bundle, save_model
from burnish.mlflow.results import log_run

__all__ = ["log_bundle", "log_run", "save_model"]
