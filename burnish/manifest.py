"""``manifest.json``: what a bundle is, and what was measured on the way to it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from burnish.gates.record import Gate
from burnish.generation.layout import DECODER, ENCODER, SHARED, GenerationLayout
from burnish.self_test.record import Probes
from burnish.tasks import AnyTask

__all__ = ["SCHEMA_VERSION", "FileEntry", "Limits", "Manifest", "Name"]

SCHEMA_VERSION: Final = 1

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FileEntry(_Closed):
    """A file's digest and size."""

    sha256: Sha256
    size_bytes: Annotated[int, Field(ge=0)]


class Limits(_Closed):
    """What one request may ask of the model."""

    max_inputs: Annotated[int, Field(ge=1)] = 256
    """Texts in one request."""
    max_characters: Annotated[int, Field(ge=1)] = 1_000_000
    """Unicode code points of one text (for a question, those of its context)."""


class Manifest(_Closed):
    """``manifest.json``: what the bundle is, and what was measured on the way."""

    schema_version: Literal[1] = SCHEMA_VERSION
    name: Name
    created: str
    """ISO 8601, UTC."""
    burnish_version: str
    task: AnyTask
    precision: Literal["fp32", "int8"]
    inputs: Annotated[tuple[str, ...], Field(min_length=1)]
    """Input names of ``model.onnx``, or of ``encoder.onnx``."""
    least_onnxruntime: Annotated[
        str, StringConstraints(pattern=r"^(\d{1,4}(\.\d{1,4}){1,3})?$")
    ] = ""
    """The oldest onnxruntime that computes ``model.onnx``, as ``1.22``; empty: of burnish 0.1."""
    generation: GenerationLayout | None = None
    """The shapes of the two graphs of a model that writes; None: of every other model."""
    quantization: dict[str, Any] | None = None
    cascade: dict[str, Any] | None = None  # of a small model that answers first, if any
    limits: Limits = Limits()
    base_model: dict[str, Any] = {}
    run_digest: str = ""
    metrics: dict[str, Any] = {}
    gates: tuple[Gate, ...] = ()
    scope_scores: tuple[Annotated[float, Field(ge=0, le=1)], ...] = ()
    """Best scores of some of the rows out of scope, ascending: what chooses a score below which a
    share of them lies. Empty without such rows, and of older exports."""
    probes: Probes | None = None
    """Answers to neutral sentences, asked again before the bundle is served; None: of an export
    that recorded none."""
    files: dict[str, FileEntry] = {}
    """Every file of the bundle but the manifest and its signatures."""
    seal: Sha256 | None = None
    """SHA-256 of this file with 64 zeros in the seal's place; None: of an export that set none."""

    @property
    def graph_names(self) -> tuple[str, ...]:
        """The files of the model's weights."""
        return ("model.onnx",) if self.generation is None else (ENCODER, DECODER, SHARED)
