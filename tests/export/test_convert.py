"""Every family of the table, with each of its heads, gives the same answers as a graph.

The models are tiny and their weights random, but large enough that each layer matters. The same
rows, padded and alone, are asked of torch and of ONNX Runtime.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
import torch
from onnx import TensorProto
from torch import nn
from torch.onnx.errors import UnsupportedOperatorError

from burnish.errors import BaseModelError, BundleError
from burnish.export import convert as conversion
from burnish.export.convert import convert
from burnish.export.int8.graph import load_graph
from burnish.tasks import (
    ClassificationTask,
    ExtractionTask,
    QATask,
    RegressionTask,
    SummaryTask,
    Task,
)
from burnish.tasks.heads import Head
from burnish.torch_models.build import _AUTO, input_names
from burnish.torch_models.support import SUPPORTED
from tests.tiny import tiny_config

ROWS = 200
WORDS, PADDING, FIRST = 120, 1, 0
SHAPES = ((1, 3), *((19, length) for length in range(5, 60, 6)), (9, 128))
"""Rows and longest of each batch."""

TASKS: dict[Head, Task] = {
    Head.SEQUENCE: ClassificationTask(labels=("a", "b", "c"), max_length=32, stride=8),
    Head.TOKENS: ExtractionTask(labels=("person",), max_length=32, stride=8),
    Head.SPAN: QATask(max_length=32, stride=8),
    Head.SCORE: RegressionTask(max_length=32, stride=8),
    Head.MARKS: SummaryTask(max_length=32, stride=8),
}
CELLS = [
    (family, head) for family, heads in SUPPORTED.items() for head in sorted(heads & set(TASKS))
]
"""Models that write are two graphs, which `tests.export.generation` tries."""


def tiny_model(family: str, head: Head) -> nn.Module:
    config = tiny_config(
        family, vocabulary=WORDS, padding=PADDING, labels=len(TASKS[head].output_labels) or 2
    )
    torch.manual_seed(0)
    model: nn.Module = _AUTO[head].from_config(config).eval()
    for name, parameter in model.named_parameters():
        if parameter.dim() > 1 and "word_embeddings" not in name:
            nn.init.normal_(parameter, std=0.1)
    return model


def random_batches() -> list[tuple[dict[str, torch.Tensor], list[int]]]:
    draw = torch.Generator().manual_seed(1)
    batches = []
    for rows, longest in SHAPES:
        ids = torch.randint(5, WORDS, (rows, longest), generator=draw)
        lengths = torch.randint(3, longest + 1, (rows,), generator=draw)
        lengths[0] = longest
        ids[:, 0] = FIRST
        mask = (torch.arange(longest) < lengths[:, None]).long()
        ids[mask == 0] = PADDING
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
        batches.append((given, lengths.tolist()))
    return batches


BATCHES = random_batches()


def answers(model: nn.Module, task: Task, given: dict[str, torch.Tensor]) -> npt.NDArray[Any]:
    """Rows, tokens (1 where a head gives one answer a row), outputs."""
    with torch.inference_mode():
        output = model(**{name: given[name] for name in input_names(model)})
    return _stacked([output[name].numpy() for name in task.output_names], task)


def _stacked(tensors: list[npt.NDArray[Any]], task: Task) -> npt.NDArray[Any]:
    if task.head is Head.SPAN:
        return np.stack(tensors, axis=-1)
    return tensors[0][:, None] if task.head.of_windows else tensors[0]


def test_the_rows_are_as_many_as_the_document_says() -> None:
    assert sum(rows for rows, _ in SHAPES) == ROWS


@pytest.mark.parametrize(("family", "head"), CELLS, ids=str)
def test_a_graph_gives_the_answers_of_torch(tmp_path: Path, family: str, head: Head) -> None:
    task = TASKS[head]
    model = tiny_model(family, head)
    expected = [answers(model, task, given) for given, _ in BATCHES]

    inputs = convert(model, task, tmp_path / "model.onnx")

    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    for (given, lengths), torchs in zip(BATCHES, expected, strict=True):
        asked = {name: given[name].numpy() for name in inputs}
        graphs = _stacked(session.run(list(task.output_names), asked), task)
        assert graphs.shape == torchs.shape
        for row, length in enumerate(lengths):
            ours, theirs = graphs[row, :length], torchs[row, :length]
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)
            axis = 0 if head is Head.SPAN else -1
            assert (ours.argmax(axis) == theirs.argmax(axis)).all()


@pytest.mark.parametrize(("family", "head"), CELLS, ids=str)
def test_padding_changes_no_answer(family: str, head: Head) -> None:
    task, model = TASKS[head], tiny_model(family, head)
    for given, lengths in BATCHES[2:4]:
        padded = answers(model, task, given)
        for row, length in enumerate(lengths):
            alone = {name: tensor[row : row + 1, :length] for name, tensor in given.items()}
            np.testing.assert_allclose(
                padded[row, :length], answers(model, task, alone)[0], rtol=0, atol=1e-5
            )


def test_attention_is_spelled_out_without_guards(tmp_path: Path) -> None:
    convert(tiny_model("bert", Head.SEQUENCE), TASKS[Head.SEQUENCE], tmp_path / "model.onnx")

    kinds = [node.op_type for node in load_graph(tmp_path / "model.onnx").graph.node]
    assert kinds.count("Softmax") == 2
    assert "IsNaN" not in kinds


def test_every_layer_keeps_its_name_and_its_matrix(tmp_path: Path) -> None:
    convert(tiny_model("bert", Head.SEQUENCE), TASKS[Head.SEQUENCE], tmp_path / "model.onnx")

    graph = load_graph(tmp_path / "model.onnx").graph
    matrices = {tensor.name for tensor in graph.initializer if len(tensor.dims) == 2}
    products = [node for node in graph.node if node.op_type == "MatMul"]
    weighted = [node.name for node in products if node.input[1] in matrices]
    assert len(weighted) == 2 * 6
    assert any(name.endswith("encoder/layer.1/output/dense/MatMul") for name in weighted)


def test_the_conversion_draws_no_number_that_others_would_have_drawn(tmp_path: Path) -> None:
    model = tiny_model("bert", Head.SEQUENCE)
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)

    convert(model, TASKS[Head.SEQUENCE], tmp_path / "model.onnx")

    assert torch.equal(torch.rand(4), expected)


def test_what_torch_cannot_trace_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacks(*_: object, **__: object) -> None:
        raise UnsupportedOperatorError("aten::nothing", 18, None)

    monkeypatch.setattr(torch.onnx, "export", lacks)
    with pytest.raises(BaseModelError, match="'bert' model cannot be converted to ONNX"):
        convert(tiny_model("bert", Head.SEQUENCE), TASKS[Head.SEQUENCE], tmp_path / "m.onnx")


@pytest.mark.parametrize("kind", ["weights beside it", "another output", "a fixed length"])
def test_a_graph_that_the_runtime_cannot_use_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def spoiled(path: Path) -> Any:
        model = load_graph(path)
        if kind == "weights beside it":
            model.graph.initializer[0].data_location = TensorProto.EXTERNAL
        elif kind == "another output":
            model.graph.output[0].name = "scores"
        else:
            model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 16
        return model

    monkeypatch.setattr(conversion, "load_graph", spoiled)
    with pytest.raises(BundleError):
        convert(tiny_model("bert", Head.SEQUENCE), TASKS[Head.SEQUENCE], tmp_path / "m.onnx")
