"""Text pairs: one label per pair, or several with a threshold each."""

from __future__ import annotations

from typing import ClassVar, Literal

from typing_extensions import override

from burnish.tasks.labelled.settings import LabelledTask
from burnish.tasks.pairs.example import PairExample, TextPair
from burnish.tasks.readable import validate_text
from burnish.tasks.windows import Encoding, TextEncoder

__all__ = ["PairsTask"]


class PairsTask(LabelledTask[TextPair, PairExample]):
    """Labels of two texts that one model reads together, as BERT reads sentence pairs.

    The longer text is cut into windows, and each holds the shorter one whole (Devlin et al. 2019).
    """

    input_noun: ClassVar[tuple[str, str]] = ("pair", "pairs")
    whole_noun: ClassVar[tuple[str, str]] = ("shorter text", "shorter texts")

    task: Literal["pairs"] = "pairs"

    @override
    def example_input(self, example: PairExample) -> TextPair:
        return TextPair(example.text, example.text_pair)

    @override
    def encode(self, given: TextPair, encoder: TextEncoder) -> Encoding:
        validate_text(given.text, what="first text")
        validate_text(given.text_pair, what="second text")
        return encoder.encode_texts(given.text, given.text_pair)
