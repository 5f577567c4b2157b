"""Quantization: candidates, search, and the graph that is written."""
