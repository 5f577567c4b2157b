"""Sixty directories that no server may take for a model."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

from qualification.bench import make_tiny

__all__ = ["hostile_directories"]

Make = Callable[[Path], None]
FILES = ("manifest.json", "model.onnx", "tokenizer.json", "config.json")


class _Runs:
    """Unpickled, it leaves a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.mark}",)


def hostile_directories(outside: Path) -> Iterator[tuple[str, Make]]:
    """Names and makers; ``outside`` is what nothing may change."""
    yield from _files(outside)
    yield from _manifests(outside)
    yield from _sealed(outside)
    yield from _directories(outside)


def _files(outside: Path) -> Iterator[tuple[str, Make]]:
    """Files that are not what they should be: 7 ways for each of 4."""
    ways: dict[str, Callable[[Path], object]] = {
        "link outside": lambda path: _replace(path).symlink_to(outside / "secret.txt"),
        "link to a device": lambda path: _replace(path).symlink_to("/dev/zero"),
        "pipe": lambda path: os.mkfifo(_replace(path)),
        "empty": lambda path: path.write_bytes(b""),
        "folder": lambda path: _replace(path).mkdir(),
        "pickle": lambda path: path.write_bytes(pickle.dumps(_Runs(outside / "ran"))),
        "missing": lambda path: path.unlink(),
    }
    for file in FILES:
        for way, change in ways.items():
            yield f"{file}: {way}", _changed(lambda p, f=file, c=change: c(p / f))  # type: ignore[misc]


def _manifests(outside: Path) -> Iterator[tuple[str, Make]]:
    """Manifests that are huge, deep, or name what is not theirs."""
    contents = {
        "deep": b"[" * 1_000_000,
        "deep objects": b'{"a":' * 500_000,
        "huge": b" " * (64 << 20) + b"{}",
        "a huge number": b'{"schema_version":' + b"9" * 1_000_000 + b"}",
        "no UTF-8": b"\xff\xfe{}",
        "a list": b"[]",
        "null": b"null",
        "NaN": b'{"schema_version": NaN}',
        "a text": b'"manifest"',
    }
    for name, content in contents.items():
        yield (
            f"manifest: {name}",
            _changed(
                lambda p, c=content: (p / "manifest.json").write_bytes(c)  # type: ignore[misc]
            ),
        )
    fields: dict[str, Any] = {
        "path in files": {"files": {"../../../outside/secret.txt": _entry(b"a secret")}},
        "absolute path in files": {"files": {str(outside / "secret.txt"): _entry(b"a secret")}},
        "version 2": {"schema_version": 2},
        "version true": {"schema_version": True},
        "name with a path": {"name": "../../outside/x"},
        "name with a line": {"name": "x\nforged"},
        "unknown field": {"run": "touch outside"},
        "no limits": {"limits": {"max_inputs": -1}},
        "a window of none": {"task": {"max_length": 0}},
    }
    for name, change in fields.items():
        yield f"manifest: {name}", _changed(lambda p, c=change: _edit(p, c))  # type: ignore[misc]


def _sealed(outside: Path) -> Iterator[tuple[str, Make]]:
    """Whole by their digests, and hostile all the same."""
    graphs = {
        "external data outside": _external("../../../outside/secret.txt"),
        "external data by an absolute path": _external(str(outside / "secret.txt")),
        "external data beside": _external("model.onnx.data"),
        "an operator of nobody": _graph("Evil", domain="org.evil"),
        "another output": _graph("Identity"),
        "no graph": b"\x08\x09",
    }
    for name, content in graphs.items():
        yield f"sealed: {name}", _changed(lambda p, c=content: _seal(p, "model.onnx", c))  # type: ignore[misc]
    tokenizers = {
        "no tokenizer": b"{}",
        "deep tokenizer": b"[" * 500_000,
        "tokenizer of a pickle": pickle.dumps(_Runs(outside / "ran")),
    }
    for name, content in tokenizers.items():
        yield f"sealed: {name}", _changed(lambda p, c=content: _seal(p, "tokenizer.json", c))  # type: ignore[misc]


def _directories(outside: Path) -> Iterator[tuple[str, Make]]:
    """Directories that are none of a bundle's."""
    added = {
        "a Python file": ("__init__.py", b"import os\n"),
        "a pickle": ("model.pkl", pickle.dumps(_Runs(outside / "ran"))),
        "hidden": (".hidden", b"x"),
        "external weights": ("model.onnx.data", b"\x00" * 100),
    }
    for name, (file, content) in added.items():
        yield f"added: {name}", _changed(lambda p, f=file, c=content: (p / f).write_bytes(c))  # type: ignore[misc]
    yield "added: a folder of folders", _changed(lambda p: (p / "a" / "b").mkdir(parents=True))


def _changed(change: Callable[[Path], object]) -> Make:
    def make(place: Path) -> None:
        # Another order of labels than the served version's: one of the same manifest would be the
        # same, and one with other labels would be refused for them.
        make_tiny(place, "classification", name="tickets", labels=("other", "billing", "delivery"))
        change(place)

    return make


def _replace(path: Path) -> Path:
    path.unlink()
    return path


def _entry(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}


def _edit(place: Path, change: dict[str, Any]) -> None:
    path = place / "manifest.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    for name, value in change.items():
        both = isinstance(value, dict) and isinstance(document.get(name), dict)
        document[name] = {**document[name], **value} if both else value
    path.write_text(json.dumps(document), encoding="utf-8")


def _seal(place: Path, file: str, content: bytes) -> None:
    (place / file).write_bytes(content)
    _edit(place, {"files": {file: _entry(content)}})


def _external(location: str) -> bytes:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    node = helper.make_node("Identity", ["w"], ["logits"])
    return _serialized([node], [tensor])


def _graph(operator: str, *, domain: str = "") -> bytes:
    return _serialized([helper.make_node(operator, ["input_ids"], ["other"], domain=domain)], [])


def _serialized(nodes: list[onnx.NodeProto], weights: list[TensorProto]) -> bytes:
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info(nodes[0].output[0], TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "hostile", inputs, [output], weights)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("org.evil", 1)]
    content: bytes = helper.make_model(
        graph, opset_imports=opsets, ir_version=9
    ).SerializeToString()
    return content
