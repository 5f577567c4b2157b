"""Text pairs: labels of two texts that are read together."""
