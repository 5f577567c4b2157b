"""Tiny bundles of the three tasks, built without torch: an ONNX graph of 2 layers, hidden 32.

The weights are such that answers are known: a word of `WORDS` draws its text or token to the
label at its side; every token also takes a little from its whole text, so that a wrong neighbour
or a wrong padding shows in the scores.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.decoders import WordPiece as WordPieceDecoder
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

from burnish.bundle import Manifest, write_manifest
from burnish.generation.layout import DECODER, GenerationLayout
from burnish.self_test.asking import record_probes
from burnish.tasks import (
    ClassificationTask,
    ExtractionTask,
    PairsTask,
    QATask,
    RegressionTask,
    SummaryTask,
    Task,
    TaxonomyTask,
)
from burnish.tasks.heads import Head
from burnish.tasks.translation.settings import TranslationTask
from tests.tiny_writer import tiny_search, tiny_writer

__all__ = [
    "HIDDEN",
    "LABELS",
    "PARENTS",
    "WORDS",
    "tiny_bundle",
    "tiny_graph",
    "tiny_task",
    "tiny_tokenizer",
]

HIDDEN = 32
LABELS = ("billing", "delivery", "other")
PARENTS = {"other": None, "service": None, "billing": "service", "delivery": "service"}
"""The tree of a taxonomy's labels; its leaves compete."""
WORDS = {
    "classification": {"invoice": 0, "card": 0, "parcel": 1, "courier": 1, "hello": 2},
    "extraction": {"paris": 1, "berlin": 1, "anna": 3, "café": 1, "cafe": 1},
    "qa": {"seven": 0},
    "pairs": {"invoice": 0, "parcel": 1, "hello": 2},
    "regression": {"invoice": 0},
    "summary": {"invoice": 0, "parcel": 0},
    "taxonomy": {"invoice": 2, "card": 2, "parcel": 3, "courier": 3, "hello": 0},
}
"""Words and the output column that they draw: a label, a tag, or the answer of a question."""

TaskName = Literal[
    "classification",
    "extraction",
    "qa",
    "pairs",
    "regression",
    "summary",
    "taxonomy",
    "translation",
]
Array = npt.NDArray[np.float32]


def tiny_task(task: TaskName, **settings: Any) -> Task:
    """The task of a tiny bundle: windows of 32 tokens, so that a paragraph already needs two."""
    window = {"max_length": 32, "stride": 8} | settings
    if task == "classification":
        return ClassificationTask(**({"labels": LABELS} | window))
    if task == "pairs":
        return PairsTask(**({"labels": LABELS} | window))
    if task == "taxonomy":
        return TaxonomyTask(
            **({"labels": tuple(PARENTS), "parents": PARENTS, "loss": "flat"} | window)
        )
    if task == "regression":
        return RegressionTask(**({"center": 3.0, "spread": 2.0, "half_width": 1.0} | window))
    if task == "summary":
        return SummaryTask(**({"sentences": 1} | window))
    if task == "translation":
        return TranslationTask(
            **({"generation": tiny_search(tiny_tokenizer())} | window | {"stride": 0})
        )
    if task == "extraction":
        return ExtractionTask(**({"labels": ("place", "person")} | window))
    return QATask(**window)


def tiny_tokenizer() -> Tokenizer:
    """A WordPiece tokenizer of letters and a few words, with BERT's normalizer and templates."""
    letters = [chr(code) for code in range(33, 127)] + list("éäöüßñçøæ中文字日本語")
    words = sorted({word for words in WORDS.values() for word in words})
    plain = ["the", "is", "was", "of", "to", "in", "and", "my", "not", "it", "days", "week"]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{c}" for c in letters)]
    names = list(dict.fromkeys([*pieces, *words, *plain]))
    vocabulary = {piece: index for index, piece in enumerate(names)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(
        ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
    )
    return tokenizer


def tiny_graph(task: Task, tokenizer: Tokenizer, *, poison: str | None = None) -> onnx.ModelProto:
    """The graph; ``poison``: a token whose logits are not numbers."""
    outputs = len(task.output_labels) or 2
    weights = _weights(task.task, tokenizer, outputs, poison)
    nodes = [
        helper.make_node("Gather", ["embeddings", "input_ids"], ["embedded"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last_axis"], ["mask3"]),
        helper.make_node("Mul", ["embedded", "mask3"], ["layer0"]),
    ]
    for layer in (1, 2):
        nodes += _layer(f"layer{layer - 1}", f"layer{layer}")
    last = "layer2"
    if task.head.of_windows:
        nodes.append(helper.make_node("ReduceMean", [last, "length_axis"], ["pooled"], keepdims=0))
        last = "pooled"
    head = "both" if task.head is Head.SPAN else "logits"
    nodes.append(helper.make_node("MatMul", [last, "head"], [head]))
    if task.head is Head.SPAN:
        nodes.append(helper.make_node("Split", ["both"], ["s", "e"], axis=2, num_outputs=2))
        nodes.append(helper.make_node("Squeeze", ["s", "last_axis"], ["start_logits"]))
        nodes.append(helper.make_node("Squeeze", ["e", "last_axis"], ["end_logits"]))
    return _model(task, nodes, weights, outputs)


def tiny_bundle(
    directory: Path,
    task: TaskName = "classification",
    *,
    name: str = "",
    int8: bool = False,
    poison: str | None = None,
    limits: dict[str, int] | None = None,
    scope_scores: tuple[float, ...] = (),
    probes: bool = False,
    created: str = "2026-01-01T00:00:00Z",
    **settings: Any,
) -> Path:
    """Write a bundle into a new directory.

    Args:
        directory: where; made here.
        task: the task.
        name: the bundle's name; ``tiny-<task>`` where empty.
        int8: quantize the graph dynamically.
        poison: a token, from which the model makes numbers that are not finite.
        limits: the manifest's limits, where they differ from the defaults.
        scope_scores: of rows out of scope, as an export keeps them.
        probes: record answers to probes, as an export does.
        created: the manifest's time.
        settings: fields of the task.
    """
    directory.mkdir(parents=True)
    settled = tiny_task(task, **settings)
    tokenizer = tiny_tokenizer()
    layout: GenerationLayout | None = None
    if settled.head is Head.WRITTEN:
        tokenizer.decoder = WordPieceDecoder()
        layout = tiny_writer(directory, tokenizer, poison=poison)
    else:
        onnx.save(tiny_graph(settled, tokenizer, poison=poison), str(directory / "model.onnx"))
    if int8:
        _quantize(directory / ("model.onnx" if layout is None else DECODER))
    tokenizer.save(str(directory / "tokenizer.json"))
    labels = {str(index): label for index, label in enumerate(settled.output_labels)}
    (directory / "config.json").write_text(json.dumps({"model_type": "bert", "id2label": labels}))
    (directory / "README.md").write_text("# A tiny model\n\nFor tests.\n")
    manifest = Manifest(
        name=name or f"tiny-{task}",
        created=created,
        burnish_version="0",
        task=settled,
        precision="int8" if int8 else "fp32",
        inputs=("input_ids", "attention_mask") if layout is None else ("input_ids",),
        generation=layout,
        scope_scores=scope_scores,
        **({} if limits is None else {"limits": limits}),
    )
    write_manifest(directory, _with_probes(directory, manifest) if probes else manifest)
    return directory


def _with_probes(directory: Path, manifest: Manifest) -> Manifest:
    found = record_probes(
        manifest.task,
        graph=directory / manifest.graph_names[0],
        tokenizer=directory / "tokenizer.json",
        inputs=manifest.inputs,
        precision=manifest.precision,
        generation=manifest.generation,
    )
    return manifest.model_copy(update={"probes": found})


def _layer(given: str, result: str) -> list[onnx.NodeProto]:
    """x + relu(x W1) W2 + a share of the text's mean."""

    def own(name: str) -> str:
        return f"{result}_{name}"

    return [
        helper.make_node("MatMul", [given, "inner"], [own("inner")]),
        helper.make_node("Relu", [own("inner")], [own("relu")]),
        helper.make_node("MatMul", [own("relu"), "outer"], [own("outer")]),
        helper.make_node("ReduceMean", [given, "length_axis"], [own("mean")], keepdims=1),
        helper.make_node("Mul", [own("mean"), "share"], [own("text")]),
        helper.make_node("Add", [given, own("outer")], [own("sum")]),
        helper.make_node("Add", [own("sum"), own("text")], [result]),
    ]


def _weights(
    task: str, tokenizer: Tokenizer, outputs: int, poison: str | None
) -> dict[str, npt.NDArray[Any]]:
    random = np.random.default_rng(13)

    def normal(*shape: int) -> Array:
        return (random.standard_normal(shape) * 0.1).astype(np.float32)

    embeddings = normal(tokenizer.get_vocab_size(), HIDDEN)
    for word, column in WORDS[task].items():
        token = tokenizer.token_to_id(word)
        embeddings[token, column] += 12.0
        if task == "qa":
            embeddings[token, column + 1] += 12.0
    if task == "extraction":
        embeddings[:, 0] += 3.0
    if poison is not None:
        embeddings[tokenizer.token_to_id(poison)] = np.nan
    head = normal(HIDDEN, outputs) * 0.5
    head[:outputs, :outputs] += np.eye(outputs, dtype=np.float32)
    return {
        "embeddings": embeddings,
        "inner": normal(HIDDEN, 2 * HIDDEN),
        "outer": normal(2 * HIDDEN, HIDDEN),
        "head": head,
        "share": np.array([0.1], dtype=np.float32),
        "last_axis": np.array([-1], dtype=np.int64),
        "length_axis": np.array([1], dtype=np.int64),
    }


def _model(
    task: Task, nodes: list[onnx.NodeProto], weights: dict[str, npt.NDArray[Any]], outputs: int
) -> onnx.ModelProto:
    shapes: dict[Head, list[str | int]] = {
        Head.SEQUENCE: ["batch", outputs],
        Head.TOKENS: ["batch", "length", outputs],
        Head.SPAN: ["batch", "length"],
        Head.SCORE: ["batch", outputs],
        Head.MARKS: ["batch", "length", outputs],
    }
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[task.head])
            for name in task.output_names
        ],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def _quantize(graph: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    plain = graph.with_name("plain.onnx")
    graph.rename(plain)
    quantize_dynamic(
        plain,
        graph,
        op_types_to_quantize=["MatMul"] if graph.name == DECODER else None,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
    )
    plain.unlink()
