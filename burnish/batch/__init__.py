"""Predictions for whole files: rows in, the same rows with a model's answers out.

`job.py` is the way: `sources.py` reads the rows, `journal.py` keeps the answers where a killed
process left them, and a sink (`sinks/`) writes both into the output once all rows are answered.
A new kind of input is a line in `sources.py`; a new kind of output is a file in `sinks/` and a line
in its table.
"""
