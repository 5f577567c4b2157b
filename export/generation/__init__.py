"""Encoder-decoders of torch as ONNX graphs with a cache, compared with the model, and in int8."""

from .convert import convert_generator
from .fidelity import forced_logits, largest_difference
from .int8 import quantize_generator

__all__ = ["convert_generator", "forced_logits", "largest_difference", "quantize_generator"]
