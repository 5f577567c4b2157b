"""Scores: a number per text, such as an urgency, a readability or a rating."""
