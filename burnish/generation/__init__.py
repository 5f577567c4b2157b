"""Text to text: an encoder-decoder in ONNX Runtime, searched greedily or with beams in numpy."""
