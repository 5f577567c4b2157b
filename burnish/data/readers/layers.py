"""Layers: which of a document's annotation layers holds the entities, and which of its features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from burnish.data.columns import Columns
from burnish.errors import DataError

__all__ = ["Layer", "choose_layer", "unread_note"]

_LINGUISTIC = (
    "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.",
    "de.tudarmstadt.ukp.dkpro.core.api.segmentation.",
    "de.tudarmstadt.ukp.dkpro.core.api.syntax.",
    "de.tudarmstadt.ukp.dkpro.core.api.metadata.",
    "de.tudarmstadt.ukp.dkpro.core.api.transform.",
    "de.tudarmstadt.ukp.clarin.webanno.",
    "org.dkpro.core.api.",
    "uima.",
)
"""Layers of tokens, sentences, parts of speech and the like: never entities."""
_USUAL = ("value", "label", "category", "type", "identifier")
"""Features that hold a label, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that is read, and the feature that holds its labels."""

    name: str
    feature: str | None
    """None where the layer has none: its own name is the label."""

    @property
    def label(self) -> str:
        """The last part of its name."""
        return self.name.rpartition(".")[2]


def choose_layer(
    found: Mapping[str, Mapping[str, int]], columns: Columns, *, path: Path
) -> Layer | None:
    """The layer whose annotations are entities; None where the document has no annotations.

    Args:
        found: of each layer that annotates spans, how many values each feature has.
        columns: ``entities`` names a layer, or ``layer|feature``, by its last part or in full.
        path: the file.

    Raises:
        DataError: several layers or features may be meant, or the one that is named is not there.
    """
    if columns.entities != Columns().entities:
        name, _, feature = columns.entities.partition("|")
        named = [each for each in found if name in (each, each.rpartition(".")[2])]
        if len(named) != 1:
            raise _unclear(f"there is no layer {name!r}", [*found], path)
        return Layer(named[0], _feature(named[0], found[named[0]], feature, path))
    able = [each for each in found if not each.startswith(_LINGUISTIC)]
    if len(able) > 1:
        raise _unclear("several layers may hold the entities", able, path)
    return Layer(able[0], _feature(able[0], found[able[0]], "", path)) if able else None


def unread_note(found: Mapping[str, object], layer: Layer | None) -> tuple[str, ...]:
    """A note on the layers that are not read."""
    others = [each for each in found if layer is None or each != layer.name]
    if layer is None or not others:
        return ()
    listed = ", ".join(each.rpartition(".")[2] for each in others)
    return (f"entities are read from the layer {layer.label}; layers that are not read: {listed}",)


def _feature(layer: str, values: Mapping[str, int], wanted: str, path: Path) -> str | None:
    if wanted:
        if wanted not in values:
            raise _unclear(f"the layer has no feature {wanted!r}", _options(layer, values), path)
        return wanted
    filled = [each for each in values if values[each]]
    usual = [each for each in _USUAL if each in filled]
    if len(filled) <= 1 or usual:
        return next(iter([*usual, *filled, *values]), None)
    raise _unclear("several features may hold the labels", _options(layer, filled), path)


def _options(layer: str, features: Mapping[str, int] | Sequence[str]) -> list[str]:
    return [f"{layer.rpartition('.')[2]}|{each}" for each in features]


def _unclear(message: str, options: Sequence[str], path: Path) -> DataError:
    listed = ", ".join(options) or "none"
    first = options[0] if options else "LAYER"
    return DataError(
        f"{message}; there are: {listed}",
        f"name the one with the entities: data.entities: {first}",
        file=path,
    )
