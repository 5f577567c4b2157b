"""A tiny encoder-decoder, built without torch, whose translations are known: word for word.

At each step the decoder reads the source's next token and writes the one that `LEXICON` has for it,
or the token itself; the source's end ends the text. A little of the whole source and of all that
was written stands in every number, so that a wrong neighbour, a wrong beam or a wrong cache shows
in the probabilities.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data
from tokenizers import Tokenizer

from burnish.generation.layout import DECODER, ENCODER, SHARED, GenerationLayout
from burnish.generation.settings import GenerationSettings

__all__ = ["LEXICON", "tiny_search", "tiny_writer"]

_SIZE = 32
_SCALE = 3.6
LEXICON = {"invoice": "card", "card": "invoice", "parcel": "courier", "courier": "parcel"}
"""One word for another: an output that two words shared would be a toss-up."""


def tiny_search(tokenizer: Tokenizer) -> GenerationSettings:
    """What starts and ends a text."""
    start, end = (tokenizer.token_to_id(each) for each in ("[CLS]", "[SEP]"))
    return GenerationSettings(start_id=start, end_ids=(end,))


def tiny_writer(
    directory: Path, tokenizer: Tokenizer, *, poison: str | None = None
) -> GenerationLayout:
    """Write the two graphs and what they share.

    Args:
        directory: where; it exists.
        tokenizer: has the words of `LEXICON`.
        poison: a token whose numbers are not finite.
    """
    random = np.random.default_rng(13)
    size = tokenizer.get_vocab_size()
    table = random.standard_normal((size, _SIZE)).astype(np.float32)
    table *= _SCALE / np.linalg.norm(table, axis=1, keepdims=True)
    written = np.arange(size)
    vocabulary = tokenizer.get_vocab()
    for word, other in LEXICON.items():
        written[vocabulary[word]] = vocabulary[other]
    head = np.empty_like(table)
    head[written] = table
    if poison is not None:
        table[tokenizer.token_to_id(poison)] = np.nan
    (directory / SHARED).write_bytes(table.tobytes())
    onnx.save(_encoder(table), str(directory / ENCODER))
    onnx.save(_decoder(table, np.ascontiguousarray(head.T)), str(directory / DECODER))
    return GenerationLayout(
        layers=1, heads=1, head_size=_SIZE, source_vocabulary=size, vocabulary=size
    )


def _encoder(table: npt.NDArray[np.float32]) -> onnx.ModelProto:
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["read"]),
        helper.make_node("Unsqueeze", ["read", "one"], ["cross_key_0"]),
        helper.make_node("Identity", ["cross_key_0"], ["cross_value_0"]),
    ]
    return _model(
        nodes,
        inputs={"input_ids": (TensorProto.INT64, ["batch", "length"])},
        outputs={
            name: (TensorProto.FLOAT, ["batch", 1, "length", _SIZE])
            for name in ("cross_key_0", "cross_value_0")
        },
        arrays={"one": np.array([1])},
        table=table,
    )


def _decoder(table: npt.NDArray[np.float32], head: npt.NDArray[np.float32]) -> onnx.ModelProto:
    nodes = [
        helper.make_node("Gather", ["table", "tokens"], ["token"]),
        helper.make_node("Unsqueeze", ["token", "heads"], ["new"]),
        helper.make_node("Gather", ["past_key_0", "beams"], ["own_key"]),
        helper.make_node("Gather", ["past_value_0", "beams"], ["own_value"]),
        helper.make_node("Concat", ["own_key", "new"], ["present_key_0"], axis=2),
        helper.make_node("Concat", ["own_value", "new"], ["present_value_0"], axis=2),
        # The source's token after as many as were written, its start among them; at most the last.
        helper.make_node("Shape", ["present_key_0"], ["written"], start=2, end=3),
        helper.make_node("Shape", ["cross_key_0"], ["length"], start=2, end=3),
        helper.make_node("Sub", ["length", "one"], ["last"]),
        helper.make_node("Min", ["written", "last"], ["place"]),
        helper.make_node("Gather", ["cross_key_0", "place"], ["next"], axis=2),
        helper.make_node("ReduceMean", ["cross_value_0", "lengths"], ["source"], keepdims=1),
        helper.make_node("ReduceMean", ["present_value_0", "lengths"], ["before"], keepdims=1),
        helper.make_node("Add", ["source", "before"], ["around"]),
        helper.make_node("Mul", ["around", "share"], ["some"]),
        helper.make_node("Add", ["next", "some"], ["mixed"]),
        helper.make_node("Squeeze", ["mixed", "heads"], ["state"]),
        helper.make_node("MatMul", ["state", "head"], ["logits"]),
    ]
    states: list[int | str] = ["old", 1, "past", _SIZE]
    return _model(
        nodes,
        inputs={
            "tokens": (TensorProto.INT64, ["many"]),
            "beams": (TensorProto.INT64, ["many"]),
            **dict.fromkeys(
                ("cross_key_0", "cross_value_0"), (TensorProto.FLOAT, [1, 1, "length", _SIZE])
            ),
            **dict.fromkeys(("past_key_0", "past_value_0"), (TensorProto.FLOAT, states)),
        },
        outputs={
            "logits": (TensorProto.FLOAT, ["many", len(table)]),
            **dict.fromkeys(
                ("present_key_0", "present_value_0"),
                (TensorProto.FLOAT, ["many", 1, "all", _SIZE]),
            ),
        },
        arrays={
            "heads": np.array([1, 2]),
            "lengths": np.array([2]),
            "one": np.array([1]),
            "share": np.array([0.1], dtype=np.float32),
            "head": head,
        },
        table=table,
    )


Typed = dict[str, tuple[int, list[Any]]]


def _model(
    nodes: list[onnx.NodeProto],
    *,
    inputs: Typed,
    outputs: Typed,
    arrays: dict[str, npt.NDArray[Any]],
    table: npt.NDArray[np.float32],
) -> onnx.ModelProto:
    """A graph whose table of tokens is in the shared file."""
    shared = numpy_helper.from_array(table, "table")
    set_external_data(shared, SHARED, offset=0, length=table.nbytes)
    shared.ClearField("raw_data")
    read, given = (
        [helper.make_tensor_value_info(name, *each) for name, each in values.items()]
        for values in (inputs, outputs)
    )
    constants = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "tiny", read, given, [shared, *constants])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
