"""Evidence: what burnish shows of a model, so that a person can decide whether to rely on it.

Its errors, its bias, the calibration of its scores, the report of a run and a paper's paragraph.
"""
