"""The functions that users call: training, diagnosis, suggestions, and training again."""
