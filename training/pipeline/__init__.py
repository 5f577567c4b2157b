"""What users call, read from top to bottom: a training, a diagnosis, suggestions, a rerun."""
