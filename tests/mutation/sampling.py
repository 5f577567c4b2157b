"""Which of all mutants are tried: one per place in the code, and none that nobody can see."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Place", "drawn", "places_of"]

_UNSEEN_KEYWORDS = frozenset({"eq", "frozen", "kw_only", "slots", "strict"})
"""Of ``dataclass`` and ``zip``: they refuse what right code never does."""

Position = tuple[int, int]
Span = tuple[Position, Position]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of code, and what can be made of it."""

    file: Path
    span: Span
    mutants: list[Any] = field(default_factory=list, compare=False)
    """cosmic-ray's work items."""


def places_of(items: Iterable[Any], *, root: Path) -> list[Place]:
    """The places that tests can see, in the order of the code.

    Args:
        items: cosmic-ray's work items.
        root: of the repository.
    """
    places: dict[tuple[Path, Span], Place] = {}
    unseen: dict[Path, list[Span]] = {}
    for item in items:
        (mutation,) = item.mutations
        file: Path = mutation.module_path
        if file not in unseen:
            unseen[file] = list(_unseen(ast.parse((root / file).read_text(encoding="utf-8"))))
        span: Span = tuple(mutation.start_pos), tuple(mutation.end_pos)
        if not _within(span, unseen[file]) and "Decorator" not in mutation.operator_name:
            places.setdefault((file, span), Place(file, span)).mutants.append(item)
    return sorted(places.values())


def drawn(places: Sequence[Place], count: int | None, *, seed: int) -> list[Any]:
    """One mutant each of at most ``count`` places, None for all of them."""
    chance = random.Random(seed)
    chosen = [chance.choice(sorted(place.mutants, key=_operator)) for place in places]
    if count is None or count >= len(chosen):
        return chosen
    return [chosen[index] for index in sorted(chance.sample(range(len(chosen)), count))]


def _operator(item: Any) -> tuple[str, int]:
    (mutation,) = item.mutations
    return mutation.operator_name, mutation.occurrence


def _within(span: Span, spans: Sequence[Span]) -> bool:
    return any(first <= span[0] and span[1] <= last for first, last in spans)


def _unseen(tree: ast.Module) -> Iterator[Span]:
    """Annotations, decorators, aliases of types, imports for them, and checks of lengths."""
    for node in ast.walk(tree):
        hidden: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            hidden += [node.returns, *node.decorator_list]
        elif isinstance(node, ast.ClassDef):
            hidden += node.decorator_list
        elif isinstance(node, ast.arg | ast.AnnAssign):
            hidden.append(node.annotation)
        elif isinstance(node, ast.keyword) and node.arg in _UNSEEN_KEYWORDS:
            hidden.append(node.value)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            hidden.append(node.test)
        elif isinstance(node, ast.Assert):
            hidden.append(node)  # for the type checker
        yield from (_span(each) for each in hidden if each is not None)
    for statement in tree.body:
        value = statement.value if isinstance(statement, ast.Assign) else None
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr):
            yield _span(value)


def _span(node: Any) -> Span:
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
