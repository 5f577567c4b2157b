"""Conversion to ONNX: the one place that knows the exporter, so that it can be replaced.

optimum's exporter changes the model that it is given, and only warns where the graph differs from
it. So give it a model that is not needed again, and compare the graph with a fresh one.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

from onnx import TensorProto
from torch import nn

from burnish.errors import BaseModelError, BundleError
from burnish.tasks import Task
from burnish.torch_models.build import input_names
from burnish.torch_models.quiet import quiet
from burnish.torch_models.support import EXPORTED_AS, supported_families

from .int8.graph import load_graph

__all__ = ["OPSET", "convert"]

OPSET = 18


def convert(model: nn.Module, task: Task, target: Path) -> tuple[str, ...]:
    """Write a torch model as one ONNX file with free batch and length.

    Args:
        model: a transformers model, a ``PooledClassifier`` or a ``StructuredModel``, its adapter
            merged; the exporter changes it.
        task: names the outputs.
        target: the file to write.

    Returns:
        The graph's input names.

    Raises:
        BaseModelError: the exporter does not know the architecture.
        BundleError: the runtime cannot use the graph.
    """
    known = input_names(model)
    settings = _exporter_settings(model, task)
    _export(model, settings, target)
    return _checked_inputs(target, known=known, outputs=task.output_names)


def _exporter_settings(model: nn.Module, task: Task) -> Any:
    import_module("optimum.exporters.onnx.model_configs")  # fills the table of architectures
    from optimum.exporters.tasks import TasksManager

    config: Any = model.config
    try:
        with quiet():
            constructor = TasksManager.get_exporter_config_constructor(
                exporter="onnx",
                model_type=config.model_type,
                task=EXPORTED_AS.get((config.model_type, task.head), task.head.pipeline),
                library_name="transformers",
            )
    except (KeyError, ValueError) as error:
        raise BaseModelError(
            f"the ONNX exporter does not know {config.model_type!r} models for {task.task}",
            f"choose a base model of one of these families: {supported_families(task.task)}",
        ) from error
    return constructor(config, task=task.head.pipeline)


def _export(model: nn.Module, settings: Any, target: Path) -> None:
    from optimum.exporters.onnx import export

    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's: the graph is compared with the model
        export(model.eval(), settings, target, opset=OPSET)


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
    # The exporter may leave out an input: whether the model needs it, the comparison will say.
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
