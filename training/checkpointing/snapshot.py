"""A state on disk: a directory of tensors, values and digests that is complete or absent.

::

    tensors.safetensors   named tensors
    *.safetensors         links to existing files
    state.json            values, the SHA-256 of every other file, and its own (the seal)

Reading it executes nothing: it has no pickle.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from burnish.digest import file_sha256
from burnish.directory import is_full_disk, staged_directory

__all__ = [
    "DamagedError",
    "Snapshot",
    "link_file",
    "read_snapshot",
    "save_tensors",
    "write_snapshot",
]

STATE = "state.json"
TENSORS = "tensors.safetensors"
Tensors = dict[str, torch.Tensor]


class DamagedError(Exception):
    """A snapshot differs from what was written."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot whose digests were verified."""

    path: Path
    tensors: Tensors
    values: dict[str, Any]


def write_snapshot(
    path: Path, tensors: Mapping[str, torch.Tensor], values: Any, *, links: tuple[Path, ...] = ()
) -> None:
    """Write a snapshot and sync it; it gets its name only when it is complete.

    Args:
        path: a new directory.
        tensors: written as they are now.
        values: JSON.
        links: files on the same file system that never change again.

    Raises:
        OSError: it cannot be written; nothing of it is left.
    """
    with staged_directory(path, marker=STATE, within=path.parent) as staging:
        save_tensors(tensors, staging / TENSORS)
        for file in links:
            link_file(file, staging / file.name)
        digests = {file.name: file_sha256(file) for file in sorted(staging.iterdir())}
        state = {"values": values, "files": digests}
        content = json.dumps({**state, "seal": _seal(state)}).encode()
        (staging / STATE).write_bytes(content)


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot and verify every byte of it.

    Raises:
        DamagedError: a file is changed or missing.
    """
    try:
        state = json.loads((path / STATE).read_bytes())
        seal = state.pop("seal")
        if seal != _seal(state):
            raise DamagedError(f"{path / STATE} was changed")
        for name, digest in state["files"].items():
            if file_sha256(path / name) != digest:
                raise DamagedError(f"{path / name} was changed")
        # Copies, since the file may be removed, and torch aligns its own memory.
        tensors = {name: each.clone() for name, each in load_file(path / TENSORS).items()}
    except (ValueError, KeyError, TypeError, AttributeError, FileNotFoundError) as e:
        raise DamagedError(f"{path} is not whole") from e
    return Snapshot(path, tensors, state["values"])


def save_tensors(tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    """Write tensors to a file.

    Raises:
        OSError: the disk is full.
    """
    plain = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    try:
        save_file(plain, path)
    except SafetensorError as e:  # it keeps only the text of the system's error
        number = re.search(r"\(os error (\d+)\)", str(e))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from e


def link_file(file: Path, target: Path) -> None:
    """Link a file that never changes, or copy it where the file system has no links."""
    try:
        os.link(file, target)
    except OSError as e:
        if is_full_disk(e):
            raise
        shutil.copyfile(file, target)


def _seal(state: Any) -> str:
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
