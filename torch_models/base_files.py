"""The files of a base model's directory: inside it, whole, and of the format of their names.

A download may leave another file instead of the real one, such as a Git LFS pointer or an error
page. It is refused by name, before a parser complains about its first byte.
"""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

from burnish.errors import BaseModelError

__all__ = ["check_links", "first_line", "read_json", "refuse_other_file"]

_LARGEST_JSON_BYTES = 4 * 2**20
_HEAD_BYTES = 512
_AGAIN = "download the file again, and compare its size with the publisher's"
_UTF8 = "save it as UTF-8 without a byte order mark"
_STUBS: tuple[tuple[tuple[bytes, ...], str, str], ...] = (
    (
        (b"version https://git-lfs",),
        "is a Git LFS pointer, not the file itself",
        "run `git lfs pull` in the clone that it came from, or download the file itself",
    ),
    (
        (b"/annex/", b"../.git/annex", b".git/annex"),
        "is a git-annex pointer, not the file itself",
        "run `git annex get` in the clone that it came from, or download the file itself",
    ),
    ((b"<!doctype html", b"<html", b"<?xml"), "is a web page, not the file itself", _AGAIN),
    ((b"\xef\xbb\xbf",), "begins with a byte order mark (BOM)", _UTF8),
    ((b"\xff\xfe", b"\xfe\xff"), "is UTF-16, not UTF-8", _UTF8),
    ((b"\x1f\x8b",), "is compressed (gzip)", "unpack it with gunzip"),
    (
        (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
        "is a pickle or an archive of torch.save, which can run code",
        (
            "burnish never loads one: convert the model to safetensors (save_pretrained of a "
            "recent transformers writes it)"
        ),
    ),
    ((b"GGUF",), "is a GGUF file", "use the original model in safetensors"),
)


def check_links(directory: Path, *, name: str) -> None:
    """Refuse links that lead out of a resolved directory: a run would copy their targets.

    The links of a hub's cache are allowed, since they lead to the model's own ``blobs``.

    Raises:
        BaseModelError: names the link; ``name`` is the model's name in it.
    """
    inside = [directory]
    if directory.parent.name == "snapshots":
        inside.append(directory.parents[1] / "blobs")
    for path in sorted([*directory.iterdir(), *(directory / "1_Pooling").glob("*")]):
        if not path.is_symlink():
            continue
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):
            target = Path("/")
        if not any(target.is_relative_to(each) for each in inside):
            raise BaseModelError(
                f"{name}: {path.name} is a link that leads out of the directory",
                'put the file itself there: cp --remove-destination "$(readlink -f FILE)" FILE',
            )


def refuse_other_file(path: Path, *, name: str) -> None:
    """Refuse a file that is not of the format of its name.

    Args:
        path: an existing JSON or safetensors file.
        name: the base model's name in an error.

    Raises:
        BaseModelError: a directory, a pipe, an empty file, or another format.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise BaseModelError(f"{name}: {path.name} is not a plain file", _AGAIN)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as e:
        raise BaseModelError(
            f"{name}: {path.name} cannot be read: {e.strerror}", "check its permissions"
        ) from e
    if not head:
        raise BaseModelError(f"{name}: {path.name} is empty", _AGAIN)
    begin = head.lstrip().lower()
    for marks, what, fix in _STUBS:
        if any(head.startswith(mark) or begin.startswith(mark) for mark in marks):
            raise BaseModelError(f"{name}: {path.name} {what}", fix)


def first_line(error: BaseException) -> str:
    """The first line of an exception's text, at most 200 characters; else its class's name."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def read_json(path: Path, *, name: str) -> dict[str, Any]:
    """Parse a JSON object.

    Raises:
        BaseModelError: the file is missing, too large, or not a JSON object.
    """
    hint = "a model directory needs config.json, tokenizer.json and model.safetensors"
    if not path.exists():
        raise BaseModelError(f"{name} has no {path.name}", hint)
    refuse_other_file(path, name=name)
    if path.stat().st_size > _LARGEST_JSON_BYTES:
        raise BaseModelError(f"{name}: {path.name} is larger than any config should be", hint)
    try:
        document = json.loads(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as e:
        raise BaseModelError(f"{name}: {path.name} is not UTF-8: {e.reason}", _UTF8) from e
    except (ValueError, RecursionError) as e:
        raise BaseModelError(f"{name}: {path.name} is not JSON: {e}", _AGAIN) from e
    if not isinstance(document, dict):
        raise BaseModelError(f"{name}: {path.name} is not a JSON object", hint)
    return document
