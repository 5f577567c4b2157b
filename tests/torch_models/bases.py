"""Changes of a base model's directory, and how it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from burnish.errors import BaseModelError
from burnish.tasks import ClassificationTask
from burnish.torch_models.base import resolve_base

TASK = ClassificationTask(labels=("a", "b"), max_length=32, stride=8)


def edit(path: Path, **keys: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


def refusal(model: Path) -> BaseModelError:
    with pytest.raises(BaseModelError) as caught:
        resolve_base(str(model))
    assert caught.value.hint
    return caught.value
