"""The weights of a model's directory: whole and finite safetensors, and nothing else.

transformers loads whatever ``model.safetensors.index.json`` names, even a pickle, so burnish reads
the index first. It trusts no tensor's content before the library has read the header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from burnish.digest import file_sha256
from burnish.errors import BaseModelError
from burnish.plural import plural
from burnish.torch_models.base_files import first_line, read_json, refuse_other_file

__all__ = ["Weights", "check_tensors", "read_weights", "weights_digest"]

_SINGLE = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_FORMATS = (None, "pt", "mlx")
"""Values of ``format`` in the header; others make transformers start another framework."""
_DTYPES = frozenset({"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "BOOL"})
_LARGEST_HEADER_BYTES = 100_000_000
"""The library's own limit."""
_CHUNK = 2**24
"""Elements that are checked at once."""
_AGAIN = "download the file again, and compare its size with the publisher's"


@dataclass(frozen=True, slots=True)
class Weights:
    """A description of a directory's weights."""

    digest: str
    """SHA-256 of the file; of a list of the shards' where there are several."""
    shapes: Mapping[str, tuple[int, ...]]
    """Shapes by tensor name."""
    whole: frozenset[str] = frozenset()
    """Names of the tensors of whole numbers."""

    @property
    def elements(self) -> int:
        """How many numbers all tensors have."""
        return sum(torch.Size(shape).numel() for shape in self.shapes.values())


def read_weights(directory: Path, *, name: str) -> Weights:
    """Read every tensor once.

    Args:
        directory: the model's.
        name: the model's name in an error.

    Raises:
        BaseModelError: there are no safetensors, a file is damaged, quantized or of another
            format, or a tensor holds NaN or infinity.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    whole = set()
    for path in _files(directory, name=name):
        for key, tensor in _tensors(path, name=name):
            shapes[key] = tuple(tensor.shape)
            if not tensor.is_floating_point():
                whole.add(key)
    return Weights(weights_digest(directory, name=name), shapes, frozenset(whole))


def check_tensors(path: Path, *, name: str) -> dict[str, tuple[int, ...]]:
    """Read every tensor of one safetensors file once, as :func:`read_weights` does.

    Args:
        path: an existing file.
        name: the model's name in an error.

    Returns:
        Shapes by tensor name.

    Raises:
        BaseModelError: the file is damaged, of another format, or a tensor holds NaN or infinity.
    """
    _check_beginning(path, name=name)
    return {key: tuple(tensor.shape) for key, tensor in _tensors(path, name=name)}


def weights_digest(directory: Path, *, name: str) -> str:
    """SHA-256 over a model directory's safetensors files.

    Raises:
        BaseModelError: there are none; other formats, which can hold code, are never loaded.
    """
    files = _files(directory, name=name)
    if files[0].name == _SINGLE:
        return file_sha256(files[0])
    lines = [f"{path.name}:{file_sha256(path)}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _files(directory: Path, *, name: str) -> list[Path]:
    """The single file, or the index's shards by name; each begins like safetensors."""
    single = directory / _SINGLE
    files = [single] if single.exists() else _shards(directory, name=name)
    for path in files:
        _check_beginning(path, name=name)
    return files


def _shards(directory: Path, *, name: str) -> list[Path]:
    index = directory / _INDEX
    if not index.exists():
        raise BaseModelError(
            f"{name} has no {_SINGLE}",
            "burnish never loads .bin, .pt or .pth, which can run code: convert the model to "
            "safetensors first (save_pretrained of a recent transformers writes it)",
        )
    document = read_json(index, name=name)
    shards = document.get("weight_map")
    if not isinstance(shards, dict) or not shards or not isinstance(document.get("metadata"), dict):
        raise BaseModelError(
            f"{name}: {_INDEX} is not an index: it needs 'metadata' and 'weight_map'", _AGAIN
        )
    for shard in shards.values():
        plain = isinstance(shard, str) and Path(shard).name == shard
        if not plain or not shard.endswith(".safetensors"):
            raise BaseModelError(
                f"{name}: {_INDEX} names {str(shard)[:80]!r}, which is not a .safetensors file of "
                "this directory",
                "burnish loads safetensors alone: other files can run code",
            )
        if not (directory / shard).exists():
            raise BaseModelError(f"{name}: {_INDEX} names {shard!r}, which is not there", _AGAIN)
    return [directory / shard for shard in sorted(set(shards.values()))]


def _check_beginning(path: Path, *, name: str) -> None:
    """Check for the header's length (8 bytes, little-endian) and the start of a JSON object."""
    refuse_other_file(path, name=name)
    with path.open("rb") as file:
        head = file.read(9)
    length = int.from_bytes(head[:8], "little")
    if len(head) < 9 or head[8:] != b"{" or length > _LARGEST_HEADER_BYTES:
        raise BaseModelError(f"{name}: {path.name} does not begin like a safetensors file", _AGAIN)
    size = path.stat().st_size
    if length + 8 > size:
        raise BaseModelError(
            f"{name}: {path.name} is cut off: {size:,} bytes, and its header alone has "
            f"{length + 8:,}",
            _AGAIN,
        )


def _tensors(path: Path, *, name: str) -> Iterator[tuple[str, torch.Tensor]]:
    try:
        with safe_open(path, "pt") as file:
            kind = (file.metadata() or {}).get("format")
            if kind not in _FORMATS:
                raise BaseModelError(
                    f"{name}: {path.name} is of the format {str(kind)[:20]!r}, not PyTorch's",
                    "choose the model's PyTorch weights, or convert them with transformers",
                )
            for key in file.keys():  # noqa: SIM118  the library's handle is no mapping
                dtype = file.get_slice(key).get_dtype()
                if dtype not in _DTYPES:
                    raise BaseModelError(
                        f"{name}: {path.name} is quantized, or no model of text: {key!r} is of "
                        f"type {dtype}",
                        "train from the unquantized model; burnish quantizes at export",
                    )
                tensor = file.get_tensor(key)
                _check_finite(tensor, f"{name}: {path.name}: the tensor {key!r}")
                yield key, tensor
    except (SafetensorError, OSError, ValueError, RuntimeError, OverflowError) as e:
        raise BaseModelError(
            f"{name}: {path.name} is cut off or damaged: {first_line(e)}", _AGAIN
        ) from e


def _check_finite(tensor: torch.Tensor, where: str) -> None:
    if not tensor.is_floating_point():
        return
    flat = tensor.reshape(-1)
    for begin in range(0, len(flat), _CHUNK):
        if not torch.isfinite(flat[begin : begin + _CHUNK]).all():
            count = int((~torch.isfinite(tensor)).sum())
            values = plural(count, "# [value that is|values that are]")
            raise BaseModelError(
                f"{where} holds {values} NaN or infinite",
                "the model was damaged when it was trained or converted: choose another copy",
            )
