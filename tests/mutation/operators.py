"""Mutations that cosmic-ray lacks: a number that is a little off, the other end, a lost statement.

Its own operator adds 1 to a number: a quantile of 1.975 raises an error in any test, one of 0.88 is
the fault that nobody sees.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import cosmic_ray.plugins
import parso
from cosmic_ray.operators.operator import Operator

__all__ = ["register"]

Position = tuple[tuple[int, int], tuple[int, int]]

_PAIRS = (
    ("min", "max"),
    ("any", "all"),
    ("argmin", "argmax"),
    ("minimum", "maximum"),
    ("floor", "ceil"),
    ('"left"', '"right"'),
    ('"at least"', '"at most"'),
)
_OTHER = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}


class _Own(Operator):
    """What these operators share."""

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class NearNumber(_Own):
    """A number with a fraction becomes a tenth smaller."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        value = ast.literal_eval(node.value) if node.type == "number" else None
        if isinstance(value, float) and value:
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        del index
        node.value = repr(0.9 * ast.literal_eval(node.value))
        return node


class OtherEnd(_Own):
    """``min`` becomes ``max``, ``any`` becomes ``all``, ``"left"`` becomes ``"right"``."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type in {"name", "string"} and node.value in _OTHER:
            following = node.get_next_leaf()
            if node.type == "string" or (following is not None and following.value == "("):
                yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        del index
        node.value = _OTHER[node.value]
        return node


class LostStatement(_Own):
    """A call for its effect, or a change of something that is there already, is left out."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "simple_stmt" and _has_an_effect(node.children[0]):
            yield node.start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        del index
        prefix = node.get_first_leaf().prefix
        lost: Any = parso.parse("pass").get_first_leaf()
        lost.prefix = prefix
        node.children[0] = lost
        return node


def _has_an_effect(statement: Any) -> bool:
    if statement.type in {"atom_expr", "power"}:
        return statement.get_last_leaf().value == ")"
    if statement.type != "expr_stmt":
        return False
    target, sign = statement.children[:2]
    return target.type in {"atom_expr", "power"} or (sign.type == "operator" and sign.value != "=")


class _Provider:
    _operators = {each.__name__: each for each in (NearNumber, OtherEnd, LostStatement)}

    def __iter__(self) -> Iterator[str]:
        return iter(self._operators)

    def __getitem__(self, name: str) -> type[_Own]:
        return self._operators[name]


def register() -> None:
    """Have cosmic-ray use these too."""
    cosmic_ray.plugins.OPERATOR_PROVIDERS["burnish"] = _Provider()
