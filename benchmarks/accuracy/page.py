"""The page docs/lab/accuracy.md: what stands between its marks is written from the results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .comparing import BURNISH, Table, duel, standings, table
from .kept import outcomes
from .running import CONTENDERS
from .sets import SETS, Role

__all__ = ["PAGE", "render", "write_page"]

PAGE = Path(__file__).parents[2] / "docs" / "lab" / "accuracy.md"
_FORMS = {"classification": ("label", "labels"), "extraction": ("entities",)}
MARK = "<!-- figures: written by python -m benchmarks.accuracy --page -->"


def write_page(results: Path) -> None:
    """Write the figures of the kept results into the page, behind its mark."""
    before, mark, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise SystemExit(f"{PAGE} has no line {MARK}")
    PAGE.write_text(f"{before}{MARK}\n\n{render(table(outcomes(results)))}", encoding="utf-8")


def render(by_draw: Table) -> str:
    """The tables, in Markdown."""
    names = sorted({name for each in by_draw.values() for name in each}, key=_order)
    return "\n".join([*_summary(by_draw, names), *_duels(by_draw, names), *_all(by_draw, names)])


def _order(name: str) -> tuple[int, str]:
    known = list(CONTENDERS)
    return (known.index(name) if name in known else len(known), name)


def _summary(by_draw: Table, names: list[str]) -> Iterator[str]:
    for role in Role:
        for title, forms in _FORMS.items():
            part = {
                key: each
                for key, each in by_draw.items()
                if SETS[key[0]].role is role and SETS[key[0]].answer in forms
            }
            here = [name for name in names if any(name in each for each in part.values())]
            rows = standings(part, here)
            if not rows:
                continue
            yield f"### Sets that are {role.value}, {title}: {rows[0].draws} draws\n"
            yield "| contender | mean rank | mean score | processor s |\n|---|---|---|---|"
            for each in rows:
                yield f"| {each.contender} | {each.rank:.2f} | {each.mean:.3f} | {each.cpu_s:.0f} |"
            yield ""


def _duels(by_draw: Table, names: list[str]) -> Iterator[str]:
    yield "### burnish against each\n"
    yield "| against | draws | wins | ties | losses | mean difference | worst |"
    yield "|---|---|---|---|---|---|---|"
    for name in names:
        pairs = [each for each in by_draw.values() if name in each and BURNISH in each]
        if name == BURNISH or not pairs:
            continue
        found = [duel(each[BURNISH], each[name]) for each in pairs]
        verdicts = [each.verdict for each in found]
        counts = " | ".join(str(verdicts.count(kind)) for kind in ("win", "tie", "loss"))
        differences = [each.difference for each in found]
        yield (
            f"| {name} | {len(found)} | {counts} | {np.mean(differences):+.3f} "
            f"| {min(differences):+.3f} |"
        )
    yield ""


def _all(by_draw: Table, names: list[str]) -> Iterator[str]:
    yield "### Every draw\n"
    yield f"| set | rows | draw | {' | '.join(names)} |\n{'|---' * (len(names) + 3)}|"
    for (name, rows, seed), each in sorted(by_draw.items(), key=lambda pair: _sorting(pair[0])):
        cells = " | ".join(f"{each[n].score:.3f}" if n in each else "-" for n in names)
        yield f"| {name} | {rows or 'all'} | {seed} | {cells} |"
    yield ""


def _sorting(key: tuple[str, int | None, int]) -> tuple[str, int, int]:
    return key[0], key[1] or 10**9, key[2]
