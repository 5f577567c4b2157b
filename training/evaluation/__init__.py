"""Scores, baselines, calibration, bias and forgetting of a tuned model."""
