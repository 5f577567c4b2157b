"""Which steps a bundle has: those of one graph, or those of a model that writes."""

from __future__ import annotations

from burnish.bundle import Bundle
from burnish.runtime.steps import TaskSteps

__all__ = ["open_steps"]


def open_steps(bundle: Bundle) -> TaskSteps:
    """The steps of a bundle's task with its graphs.

    Raises:
        BundleError: a graph cannot be loaded, or was changed meanwhile.
    """
    if bundle.manifest.generation is None:
        return TaskSteps(bundle.manifest.task, bundle)
    # Here, since the sessions of such models import this package.
    from burnish.runtime.writing import WritingSteps

    return WritingSteps(bundle.manifest.task, bundle)
