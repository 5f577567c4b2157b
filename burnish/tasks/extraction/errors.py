"""Errors of entities, by what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from burnish.tasks.errors import ErrorReader, WrongAnswer
from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.extraction.prediction import Entity, Extraction

__all__ = ["EntityErrors"]

Place = tuple[int, int, str]


class EntityErrors(ErrorReader[ExtractionExample, Extraction]):
    """Errors of entities, after Nejadgholi et al. 2020.

    ``boundary``: right label, overlapping place; ``type``: right place, wrong label; ``boundary
    and type``; ``missed``; ``invented``.
    """

    @override
    def describe(self, example: ExtractionExample, prediction: Extraction) -> WrongAnswer:
        right, found = _right(example), _found(prediction)
        odd = [e.score for e in prediction.entities if (e.start, e.end, e.label) not in right]
        return WrongAnswer(_listed(right - found), _listed(found - right), max(odd, default=0.0))

    @override
    def kinds(self, example: ExtractionExample, prediction: Extraction) -> Iterator[str]:
        right, found = _right(example), _found(prediction)
        touched = set()
        for entity in prediction.entities:
            if (entity.start, entity.end, entity.label) in right:
                continue
            rivals = [e for e in right - found if e[0] < entity.end and entity.start < e[1]]
            if not rivals:
                yield "invented"
                continue
            rival = max(rivals, key=lambda e: min(e[1], entity.end) - max(e[0], entity.start))
            touched.add(rival)
            yield _difference(entity, rival)
        yield from ["missed"] * len(right - found - touched)


def _right(example: ExtractionExample) -> set[Place]:
    return {(e.start, e.end, e.label) for e in example.entities}


def _found(prediction: Extraction) -> set[Place]:
    return {(e.start, e.end, e.label) for e in prediction.entities}


def _listed(entities: set[Place]) -> str:
    return ", ".join(f"{label} {start} to {end}" for start, end, label in sorted(entities))


def _difference(entity: Entity, true: Place) -> str:
    if (entity.start, entity.end) == true[:2]:
        return "type"
    return "boundary" if entity.label == true[2] else "boundary and type"
