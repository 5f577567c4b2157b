"""Tags of a model that was trained elsewhere, read as ``O``, ``B-x`` and ``I-x``.

Each tag of ours takes the highest of the model's own that mean it, so that the best tag of a token
stays the best one. Four schemes are known: BIO (IOB2), IOB1, BIOES (BILOU) and IO.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["TagScheme", "fold_tags", "read_scheme", "renamed_tag", "tag_types"]

TagScheme = Literal["BIO", "IOB1", "BIOES", "IO"]

_PREFIXED = re.compile(r"([BIESLU])[-_](\S.*)", re.DOTALL)
_BEGINS, _INSIDE = "BSU", "IEL"
_LESS = 1e-3
"""How much less likely a beginning is than going on, where the model's tags are the same: an entity
goes on as long as its tag does."""
_NEVER = -100.0
"""The log probability of a tag that the model cannot give."""


def read_scheme(outputs: Sequence[str]) -> TagScheme:
    """The scheme of a model's tags, as far as names tell: IOB1 has the names of BIO.

    Raises:
        ValueError: there is no ``O``, or only some of the others have a prefix.
    """
    others = [name for name in outputs if name != "O"]
    if len(others) != len(outputs) - 1 or not others:
        raise ValueError("one of them must be O, the tag of a token in no entity")
    letters = {match[1] for name in others if (match := _PREFIXED.fullmatch(name))}
    prefixed = [name for name in others if _PREFIXED.fullmatch(name)]
    if not prefixed:
        return "IO"
    if len(prefixed) < len(others):
        bare = next(name for name in others if name not in prefixed)
        raise ValueError(f"{prefixed[0]!r} has a prefix, and {bare!r} has none")
    if letters == {"I"}:
        return "IO"
    return "BIOES" if letters & set("ESLU") else "BIO"


def tag_types(outputs: Sequence[str]) -> tuple[str, ...]:
    """The entity types of a model's tags, sorted."""
    return tuple(sorted({_parse(name)[1] for name in outputs if name != "O"}))


def renamed_tag(tag: str, names: Mapping[str, str]) -> str:
    """A tag by its new name, or by that of its type: ``B-PER`` is ``B-person`` by ``PER``."""
    match = _PREFIXED.fullmatch(tag)
    if tag in names or match is None:
        return names.get(tag, tag)
    return tag[: match.start(2)] + names.get(match[2], match[2])


def fold_tags(
    log_p: npt.NDArray[np.float64],
    outputs: Sequence[str],
    labels: Sequence[str],
    *,
    scheme: TagScheme,
) -> npt.NDArray[np.float64]:
    """(tokens, tags) log probabilities of ``O``, then ``B-x`` and ``I-x`` of each label.

    Args:
        log_p: (tokens, outputs) of the model's own tags.
        outputs: their names, in order.
        labels: the entity types.
        scheme: of the names.
    """
    found = np.full((len(log_p), 1 + 2 * len(labels)), _NEVER)
    found[:, 0] = log_p[:, list(outputs).index("O")]
    for index, label in enumerate(labels):
        begins = _highest(log_p, outputs, label, _BEGINS)
        inside = _highest(log_p, outputs, label, _INSIDE)
        if scheme == "IO" or scheme == "IOB1":
            begins = np.maximum(begins, inside - _LESS)
        found[:, 1 + 2 * index], found[:, 2 + 2 * index] = begins, inside
    return found


def _highest(
    log_p: npt.NDArray[np.float64], outputs: Sequence[str], label: str, letters: str
) -> npt.NDArray[np.float64]:
    columns = [
        index
        for index, name in enumerate(outputs)
        if name != "O" and _parse(name)[1] == label and _parse(name)[0] in letters
    ]
    if not columns:
        return np.full(len(log_p), _NEVER)
    highest: npt.NDArray[Any] = log_p[:, columns].max(axis=1)
    return highest


def _parse(name: str) -> tuple[str, str]:
    """The letter and the type; a tag without a prefix is inside."""
    match = _PREFIXED.fullmatch(name)
    return (match[1], match[2]) if match else ("I", name)
