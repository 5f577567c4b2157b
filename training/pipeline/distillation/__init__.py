"""Distillation: a student is taught by what a tuned model answers."""
