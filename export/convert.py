"""Conversion to ONNX: the one place that knows the exporter, so that it can be replaced.

torch traces the model and writes the graph; optimum says what a family's inputs look like. Neither
checks the result, so compare the graph with a fresh model.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from onnx import TensorProto
from optimum.utils import DummyTextInputGenerator, NormalizedTextConfig
from torch import nn
from torch.onnx import OnnxExporterError
from transformers import PreTrainedModel

from burnish.errors import BaseModelError, BundleError
from burnish.tasks import Task
from burnish.torch_models.base_files import first_line
from burnish.torch_models.build import input_names
from burnish.torch_models.quiet import quiet
from burnish.torch_models.support import supported_families

from .int8.graph import load_graph

__all__ = ["OPSET", "convert"]

OPSET = 18
_BATCH, _LENGTH = 2, 16
"""Of the rows that are traced. Neither may be 1, which the tracer would take for a constant."""


def convert(model: nn.Module, task: Task, target: Path) -> tuple[str, ...]:
    """Write a torch model as one ONNX file with free batch and length.

    Args:
        model: a transformers model, a ``PooledClassifier`` or a ``StructuredModel``, its adapter
            merged; it is put into ``eval`` mode, and attends eagerly afterwards.
        task: names the outputs.
        target: the file to write.

    Returns:
        The graph's input names.

    Raises:
        BaseModelError: torch cannot convert the architecture.
        BundleError: the runtime cannot use the graph.
    """
    names = input_names(model)
    free = {0: "batch_size", 1: "sequence_length"}
    _attend_eagerly(model)
    traced = _Traced(model, inputs=names, outputs=task.output_names).eval()
    options = {
        "input_names": list(names),
        "output_names": list(task.output_names),
        "dynamic_axes": {
            **dict.fromkeys(names, free),
            **{name: _free_axes(task, free) for name in task.output_names},
        },
    }
    try:
        _export(traced, tuple(_rows_to_trace(model, names)), target, options)
    except OnnxExporterError as error:
        family = model.config.model_type  # type: ignore[union-attr]
        raise BaseModelError(
            f"a {family!r} model cannot be converted to ONNX: {first_line(error)}",
            f"choose a base model of one of these families: {supported_families(task.task)}",
        ) from error
    return _checked_inputs(target, known=names, outputs=task.output_names)


def _export(
    traced: nn.Module, rows: tuple[torch.Tensor, ...], target: Path, options: dict[str, Any]
) -> None:
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's: the graph is compared with the model
        # By tracing, not by torch.export (dynamo): that names layers and lays out matrices in
        # other ways than int8 knows, writes weights beside the graph, and needs two more packages.
        torch.onnx.export(traced, rows, str(target), dynamo=False, opset_version=OPSET, **options)


class _Traced(nn.Module):
    """A model that takes and gives bare tensors, which is what the tracer follows."""

    def __init__(
        self, model: nn.Module, *, inputs: tuple[str, ...], outputs: tuple[str, ...]
    ) -> None:
        super().__init__()
        self.model = model
        self.inputs = inputs
        self.outputs = outputs

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        given = dict(zip(self.inputs, tensors, strict=True))
        answer = self.model(**given)
        return tuple(answer[name] for name in self.outputs)


def _attend_eagerly(model: nn.Module) -> None:
    """Spell attention out: sdpa's graph guards every softmax against rows that attend to nothing.

    No row does, and the guards cost 12 % of a text of 256 tokens.
    """
    for module in model.modules():
        if isinstance(module, PreTrainedModel):
            module.set_attn_implementation("eager")


def _rows_to_trace(model: nn.Module, names: tuple[str, ...]) -> list[torch.Tensor]:
    """Random rows of the model's vocabulary, some padded."""
    config: Any = model.config
    generator = DummyTextInputGenerator(
        "feature-extraction",
        NormalizedTextConfig(config),
        batch_size=_BATCH,
        sequence_length=_LENGTH,
    )
    with torch.random.fork_rng(devices=()):
        return [generator.generate(name, framework="pt") for name in names]


def _free_axes(task: Task, free: Mapping[int, str]) -> dict[int, str]:
    """Batch and length of an output; one answer a row has no length."""
    return {0: free[0]} if task.head.of_windows else dict(free)


def _checked_inputs(
    target: Path, *, known: tuple[str, ...], outputs: tuple[str, ...]
) -> tuple[str, ...]:
    graph = load_graph(target).graph
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in graph.initializer):
        raise BundleError(
            "the model is larger than a single ONNX file can be (2 GiB)",
            "choose a smaller base model",
        )
    inputs = tuple(entry.name for entry in graph.input)
    found = tuple(entry.name for entry in graph.output)
    # The tracer may leave out an input: whether the model needs it, the comparison will say.
    if not set(inputs) <= set(known) or set(found) != set(outputs):
        raise BundleError(f"the exported graph takes {inputs} and gives {found}")
    fixed = [
        entry.name
        for entry in graph.input
        if any(not axis.dim_param for axis in entry.type.tensor_type.shape.dim)
    ]
    if fixed:
        raise BundleError(f"the exported graph has a fixed batch size or length: {fixed[0]}")
    return inputs
