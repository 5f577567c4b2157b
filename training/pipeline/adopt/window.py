"""The longest input that a checkpoint was made for."""

from __future__ import annotations

from burnish.torch_models.base import BaseModel
from burnish.torch_models.base_files import read_json

__all__ = ["longest_input"]

_MOST = 512
"""Tokens of a window that nobody asked for: attention takes time and memory by its square."""
_LEAST = 16


def longest_input(base: BaseModel, *, said: object = None) -> int:
    """Tokens that a text may have before it is read in several windows.

    Args:
        base: its positions, and its ``tokenizer_config.json``.
        said: what another file of the checkpoint says.
    """
    file = base.path / "tokenizer_config.json"
    config = read_json(file, name=base.name) if file.exists() else {}
    limits = [said, config.get("model_max_length"), base.positions, _MOST]
    known = [n for n in limits if isinstance(n, int) and not isinstance(n, bool) and n >= _LEAST]
    return min(known)
