"""Text to text: an encoder-decoder in ONNX Runtime, searched greedily or with beams in numpy."""

from burnish.generation.layout import GenerationLayout
from burnish.generation.search import Generated, Generation
from burnish.generation.session import Seq2SeqSession
from burnish.generation.settings import GenerationSettings

__all__ = [
    "Generated",
    "Generation",
    "GenerationLayout",
    "GenerationSettings",
    "Seq2SeqSession",
]
