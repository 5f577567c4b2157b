"""Checkpoints of a running training, and how it resumes."""
