"""Evidence: what is shown of a model, so that a person can decide whether to rely on it.

Its errors, its bias, what its scores promise, the report of a run and the paragraph of a paper.
"""
