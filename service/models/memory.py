"""Memory: what this process holds, and what a bundle will take, estimated before it is loaded.

Measured on MiniLM bundles with onnxruntime 1.32, in units of the file's size: while a graph is
loaded the process grows by 1.6 (fp32) to 1.9 (int8) times ``model.onnx``, of which 1.4 to 1.7
stay; a tokenizer takes 8 times ``tokenizer.json``. A window's attention scores are in memory
twice, heads x tokens x tokens in fp32: 25 MiB for 512 tokens and 12 heads, 24 to 28 measured with
one thread, 53 to 57 with two.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.bundle import Manifest, read_manifest
from burnish.errors import BurnishError

__all__ = ["MemoryLimitError", "Need", "check_room", "memory_need", "resident_bytes"]

_GRAPH_FACTOR = 2.0
_TOKENIZER_FACTOR = 10
_SCORES_BYTES = 8
_HIDDEN_BYTES = 8
_HEADS = ("num_attention_heads", "n_heads", "num_heads")
_INNER = ("intermediate_size", "hidden_dim", "ffn_dim")
_USUAL_HEADS = 12
_USUAL_INNER = 3072
_MAX_CONFIG_BYTES = 1024 * 1024


class MemoryLimitError(BurnishError):
    """A bundle would take the process above ``--max-memory``."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a bundle takes besides what is loaded."""

    graph: int
    tokenizer: int
    windows: int
    """The longest window, in every worker thread."""

    @property
    def total(self) -> int:
        """Their sum."""
        return self.graph + self.tokenizer + self.windows


def resident_bytes() -> int:
    """Memory that this process holds now (resident set size)."""
    try:
        fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
        return int(fields[1]) * resource.getpagesize()
    except OSError:  # not Linux: the largest it ever was
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def memory_need(path: Path, *, threads: int, loaded: Collection[str] = ()) -> Need:
    """What a bundle will take.

    Args:
        path: the bundle.
        threads: windows computed at once.
        loaded: SHA-256 of the files that are loaded; their parts are shared.

    Raises:
        BundleError: its manifest cannot be read.
    """
    manifest, _ = read_manifest(path)
    graph = sum(_new_bytes(manifest, name, loaded) for name in manifest.graph_names)
    return Need(
        graph=int(_GRAPH_FACTOR * graph),
        tokenizer=_TOKENIZER_FACTOR * _new_bytes(manifest, "tokenizer.json", loaded),
        windows=threads * _window_bytes(path, manifest.task.max_length) if graph else 0,
    )


def check_room(path: Path, need: Need, *, limit: int | None) -> None:
    """Refuse a bundle that would take the process above its limit.

    Raises:
        MemoryLimitError: says what it needs, what is held and what the limit is.
    """
    held = resident_bytes()
    if limit is None or held + need.total <= limit:
        return
    raise MemoryLimitError(
        f"{path}: it needs about {_mib(need.total)}, this process holds {_mib(held)}, and "
        f"--max-memory is {_mib(limit)}",
        f"raise --max-memory to at least {_mib(held + need.total)}, serve fewer models, use fewer "
        "--threads, or export in int8",
    )


def _new_bytes(manifest: Manifest, name: str, loaded: Collection[str]) -> int:
    """The size of a file of the bundle; 0 where it is loaded already."""
    entry = manifest.files.get(name)
    return 0 if entry is None or entry.sha256 in loaded else entry.size_bytes


def _window_bytes(path: Path, tokens: int) -> int:
    config = _config(path / "config.json")
    heads = _number(config, _HEADS, _USUAL_HEADS)
    inner = _number(config, _INNER, _USUAL_INNER)
    return _SCORES_BYTES * heads * tokens * tokens + _HIDDEN_BYTES * inner * tokens


def _config(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_MAX_CONFIG_BYTES))
    except (OSError, ValueError, RecursionError):  # told of when the bundle is verified
        return {}
    return found if isinstance(found, dict) else {}


def _number(config: dict[str, Any], names: Collection[str], usual: int) -> int:
    found = [config[name] for name in names if isinstance(config.get(name), int)]
    return max(1, found[0]) if found else usual


def _mib(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"
