"""``POST /classify`` with two texts: the labels of the pair."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from burnish.tasks import Input
from burnish.tasks.pairs.example import TextPair

from ..requests import AnyText, Closed, InferenceRequest, Text
from .classification import ClassificationService, ClassifyParameters

__all__ = ["TASK", "PairInput", "PairItem", "PairParameters", "PairRequest", "PairService"]


class PairItem(Closed):
    """Two texts, in a list of pairs."""

    text: AnyText
    text_pair: AnyText


class PairInput(PairItem):
    """Two texts that are read together."""

    text: Text
    text_pair: Text


class PairParameters(ClassifyParameters):
    """How much of a pair's classification to send."""


class PairRequest(InferenceRequest[PairInput, PairItem]):
    """A pair of texts, or several pairs, to be classified."""

    one: ClassVar[str] = "an object with text and text_pair"
    many: ClassVar[str] = "such objects"
    item_fields: ClassVar[tuple[str, ...]] = ("text", "text_pair")
    limited_fields: ClassVar[tuple[str, ...]] = ("text", "text_pair")

    parameters: PairParameters = PairParameters()


class PairService(ClassificationService):
    """Labels of two texts."""

    summary = "Labels of two texts, best first."
    request = PairRequest
    nothing = TextPair("", "")

    @override
    def input(self, item: PairItem) -> Input:
        return TextPair(item.text, item.text_pair)


TASK = PairService()
