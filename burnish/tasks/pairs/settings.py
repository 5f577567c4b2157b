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
    """Labels of two texts, which one model reads together or one without the other.

    Together is how BERT reads sentence pairs (Devlin et al. 2019); apart is how Sentence-BERT
    compares texts (Reimers & Gurevych 2019). The longer text is cut into windows, and each holds
    the shorter one whole.
    """

    input_noun: ClassVar[tuple[str, str]] = ("pair", "pairs")
    whole_noun: ClassVar[tuple[str, str]] = ("shorter text", "shorter texts")

    task: Literal["pairs"] = "pairs"
    reading: Literal["together", "apart"] = "together"
    """Whether the encoder sees both texts at once, or each alone; the head compares them then."""

    @property
    @override
    def reads_apart(self) -> bool:
        return self.reading == "apart"

    @override
    def example_input(self, example: PairExample) -> TextPair:
        return TextPair(example.text, example.text_pair)

    @override
    def encode(self, given: TextPair, encoder: TextEncoder) -> Encoding:
        validate_text(given.text, what="first text")
        validate_text(given.text_pair, what="second text")
        return encoder.encode_texts(given.text, given.text_pair, apart=self.reads_apart)
