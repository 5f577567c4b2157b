"""``structure.json`` and ``structure.safetensors``: an encoder's structure on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors.torch import load_file, save_file
from torch import nn

from burnish.errors import RunError
from burnish.torch_models.structures import (
    Bottleneck,
    Prefix,
    Structure,
    StructuredModel,
    folded_tensors,
)

__all__ = ["STRUCTURE", "StructureFile", "load_tensors", "read_structure", "save_structure"]

STRUCTURE = "structure.json"
_TENSORS = "structure.safetensors"


class StructureFile(BaseModel):
    """A structure and the base model that it was trained in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    base_sha256: str = Field(pattern=r"[0-9a-f]{64}")
    """Digest of the base's weights; on other weights the structure would answer wrongly."""
    bottleneck: Bottleneck | None = None
    prefix: Prefix | None = None

    @property
    def structure(self) -> Structure:
        """The bottleneck or the prefix."""
        found = self.bottleneck or self.prefix
        if found is None:
            raise RunError(f"{STRUCTURE} names no structure", "train it again")
        return found


def save_structure(model: StructuredModel, directory: Path, *, base_sha256: str) -> None:
    """Write a model's structure and the parameters that its base lacks."""
    structure, tensors = folded_tensors(model)
    field = "bottleneck" if isinstance(structure, Bottleneck) else "prefix"
    document = StructureFile(base_sha256=base_sha256, **{field: structure})
    text = document.model_dump_json(indent=1, exclude_none=False)
    (directory / STRUCTURE).write_text(text + "\n", encoding="utf-8")
    save_file(tensors, directory / _TENSORS)


def read_structure(directory: Path) -> StructureFile:
    """Read ``structure.json``.

    Raises:
        RunError: the file is damaged.
    """
    path = directory / STRUCTURE
    try:
        return StructureFile.model_validate_json(path.read_bytes())
    except ValidationError as e:
        first = e.errors()[0]
        where = " -> ".join(map(str, first["loc"]))
        raise RunError(f"{path}: {where}: {first['msg']}", "train it again") from e


def load_tensors(model: StructuredModel, directory: Path) -> nn.Module:
    """Fill a model's own parameters from ``structure.safetensors``.

    Raises:
        RunError: a parameter is missing, unknown, or of another shape.
    """
    tensors = load_file(directory / _TENSORS)
    expected = {n: p.shape for n, p in model.named_parameters() if n in model.own}
    found = {name: tensor.shape for name, tensor in tensors.items()}
    if found != expected:
        odd = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
        raise RunError(f"{directory / _TENSORS} does not fit the model: {odd[0]}", "train it again")
    model.load_state_dict(tensors, strict=False)
    return model
