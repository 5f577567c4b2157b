"""Tuning methods: one file and one line in the table each."""

from __future__ import annotations

import difflib

from burnish.errors import ConfigError
from burnish.tasks.heads import Head
from burnish.tasks.regimes import Regime

from .adapters import ADAPTERS
from .full import FULL
from .head import HEAD
from .ia3 import IA3
from .lora import LORA
from .method import Cell, Defaults, Method
from .prefix import PREFIX
from .setfit import SETFIT

__all__ = ["METHODS", "Cell", "Defaults", "Method", "check_cell", "find_method"]

METHODS: dict[str, Method] = {
    method.name: method for method in (FULL, LORA, ADAPTERS, PREFIX, IA3, HEAD, SETFIT)
}


def find_method(name: str) -> Method:
    """The method of a recipe.

    Raises:
        ConfigError: there is none of that name.
    """
    if name in METHODS:
        return METHODS[name]
    near = difflib.get_close_matches(name, METHODS, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise ConfigError(
        f"method: {name!r} is not a tuning method",
        f"{hint}known: {', '.join(f'{m.name} ({m.summary})' for m in METHODS.values())}",
    )


def check_cell(cell: Cell) -> None:
    """Refuse what a method cannot do, before anything is trained.

    Raises:
        ConfigError: says why.
    """
    method = find_method(cell.recipe.method)
    reason = _refusal(method, cell)
    if reason is None:
        return
    others = [m.name for m in METHODS.values() if _refusal(m, cell) is None]
    raise ConfigError(
        f"method: {method.name} cannot tune this {cell.family} model for {cell.recipe.task}: "
        f"{reason}",
        f"{', '.join(others)} can",
    )


def _refusal(method: Method, cell: Cell) -> str | None:
    if cell.head is Head.WRITTEN and Regime.WRITTEN not in method.defaults.learning_rate:
        return "it is for models that do not write"
    return method.refusal(cell)
