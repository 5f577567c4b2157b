"""What a labelling tool has to know of a model whose answers it shows."""

from __future__ import annotations

from burnish.data.writers import Project
from burnish.runtime.model import Model
from burnish.tasks.table import find_task

__all__ = ["project_of"]

_DIGITS = 12
"""Of a digest, enough to tell versions of a model apart. Chosen."""


def project_of(model: Model) -> Project:
    """What a labelling tool has to know of a model."""
    manifest = model.bundle.manifest
    return Project(
        shape=find_task(model.task).rows.shape,
        labels=manifest.task.answer_labels,
        several=manifest.task.several_labels,
        model=f"{manifest.name} {manifest.run_digest[:_DIGITS]}".strip(),
    )
