"""Scores, linear probe, calibration, bias and forgetting of a tuned model."""
