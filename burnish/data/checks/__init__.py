"""Checks: one concept a file, each a function from the rows to findings."""
