"""Hostile bases, resolved and built: ``python -m qualification.hostile_bases FOLDER [GUARDS]``.

Prints one line of JSON. Every base is a copy of a tiny one with one thing changed.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from burnish.tasks import ClassificationTask
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from qualification.weakened import weaken
from tests.tiny import tiny_base

__all__: list[str] = []

_LIMIT_S = 60
_TASK = ClassificationTask(labels=("a", "b"), max_length=64, stride=16)
_LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"

Change = Callable[[Path], object]


class _TooLongError(Exception):
    """The time of one base is over."""


def _indexed(shard: str, *, link: str | None = None) -> Change:
    """The weights as a file of ``torch.save``, which an index names."""

    def change(base: Path) -> None:
        tensors = load_file(base / "model.safetensors")
        (base / "model.safetensors").unlink()
        torch.save(tensors, base / (link or Path(shard).name))
        if link is not None:
            (base / shard).symlink_to(link)
        index = {"metadata": {"total_size": 1}, "weight_map": dict.fromkeys(tensors, shard)}
        (base / "model.safetensors.index.json").write_text(json.dumps(index))

    return change


def _linked(name: str) -> Change:
    """A file of the directory is a link to one beside the directory."""

    def change(base: Path) -> None:
        outside = base.parent / f"{base.name}-{name}"
        outside.write_bytes((base / name).read_bytes() if (base / name).exists() else b"secret")
        (base / name).unlink(missing_ok=True)
        (base / name).symlink_to(outside)

    return change


def _written(name: str, content: bytes) -> Change:
    return lambda base: (base / name).write_bytes(content)


def _config(**keys: object) -> Change:
    def change(base: Path) -> None:
        path = base / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))

    return change


def _pipe(name: str) -> Change:
    def change(base: Path) -> None:
        (base / name).unlink()
        os.mkfifo(base / name)

    return change


def _torn(base: Path) -> None:
    content = (base / "model.safetensors").read_bytes()
    (base / "model.safetensors").write_bytes(content[: len(content) // 2])


def _not_a_number(base: Path) -> None:
    tensors = load_file(base / "model.safetensors")
    next(iter(tensors.values())).view(-1)[0] = float("nan")
    save_file(tensors, base / "model.safetensors", metadata={"format": "pt"})


def _lying_header(base: Path) -> None:
    header = {"a": {"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 4]}}
    text = json.dumps(header).encode()
    (base / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"1234")


def _added_token(base: Path) -> None:
    path = base / "tokenizer.json"
    document = json.loads(path.read_text())
    document["model"]["vocab"]["beyond"] = 10**6
    path.write_text(json.dumps(document))


CHANGES: dict[str, Change] = {
    "pickle by an index": _indexed("weights.bin"),
    "pickle by an index, .pt": _indexed("weights.pt"),
    "pickle called safetensors": _indexed("model-1.safetensors"),
    "pickle behind a link": _indexed("model-1.safetensors", link="weights.bin"),
    "pickle as the weights": _written("model.safetensors", pickle.dumps({"a": 1})),
    "index that leads up": _indexed("../weights.safetensors"),
    **{
        f"{name} is a link": _linked(name)
        for name in ("config.json", "model.safetensors", "tokenizer.json", "vocab.txt")
    },
    **{
        f"{name} is an LFS pointer": _written(name, _LFS)
        for name in ("config.json", "model.safetensors", "tokenizer.json")
    },
    **{
        f"{name} is a pipe": _pipe(name)
        for name in ("config.json", "model.safetensors", "tokenizer.json")
    },
    "torn weights": _torn,
    "a weight that is no number": _not_a_number,
    "a header that lies": _lying_header,
    "a tokenizer beyond the embedding": _added_token,
    "code in the config": _config(auto_map={"AutoModel": "evil.Model"}),
    "a config that is a list": _written("config.json", b"[]"),
    "hidden_size 10**9": _config(hidden_size=10**9, num_attention_heads=1),
    "vocab_size 10**9": _config(vocab_size=10**9),
    "10**7 layers": _config(num_hidden_layers=10**7),
    "negative sizes": _config(intermediate_size=-1),
    "a type that is a function": _config(dtype="load"),
}


def main(folder: Path, guards: str = "") -> int:
    """Try every change, and the base as it is."""
    if guards:
        weaken(guards.split(","))
    opened: list[str] = []
    load = torch.load

    def spied(file: Any, *rest: Any, **more: Any) -> Any:
        opened.append(str(file))
        return load(file, *rest, **more)

    torch.load = spied  # type: ignore[assignment]
    signal.signal(signal.SIGALRM, _stop)
    whole = tiny_base(folder / "whole")
    others = {}
    for number, (name, change) in enumerate(CHANGES.items()):
        base = Path(shutil.copytree(whole, folder / str(number)))
        change(base)
        if (outcome := _outcome(base)) != "BaseModelError":
            others[name] = outcome
    found = {
        "sent": len(CHANGES),
        "refused": len(CHANGES) - len(others),
        "unpickled": len(opened),
        "plain": _outcome(whole) == "loaded",
        "others": others,
    }
    print(json.dumps(found))
    return 0


def _outcome(base: Path) -> str:
    """``loaded``, or the class of the error."""
    signal.alarm(_LIMIT_S)
    try:
        build_model(resolve_base(str(base)), _TASK, pooling="mean", seed=0)
    except Exception as error:  # noqa: BLE001  which one it is, is what is measured
        return type(error).__name__
    finally:
        signal.alarm(0)
    return "loaded"


def _stop(*_: object) -> None:
    raise _TooLongError


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
