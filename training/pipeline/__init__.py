"""A training from recipe to run directory: what is read from top to bottom."""
