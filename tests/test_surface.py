"""What each module offers: ``__all__`` names what is there, once, sorted as ruff's RUF022 sorts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("burnish", "training", "export", "service", "torch_models")


def modules() -> Iterator[Path]:
    """Every module of the product."""
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def offered(tree: ast.Module) -> list[str] | None:
    """The names in ``__all__``, in their order; None where there is none."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(each, ast.Name) and each.id == "__all__" for each in targets):
            assert isinstance(node, ast.Assign)
            return [str(each) for each in ast.literal_eval(node.value)]
    return None


def kind(name: str) -> tuple[int, str]:
    """Constants first, then classes, then all else."""
    bare = name.lstrip("_")
    if bare.isupper() and len(bare) > 1:
        return 0, name
    return (1 if bare[:1].isupper() else 2), name


def test_modules_offer_each_name_once_in_order() -> None:
    found = {path: offered(ast.parse(path.read_text(encoding="utf-8"))) for path in modules()}
    named = {path: names for path, names in found.items() if names is not None}
    unsorted = [
        str(path.relative_to(ROOT))
        for path, names in named.items()
        if names != sorted(set(names), key=kind)
    ]
    assert unsorted == []
    assert len(named) > 200
