"""Rows into splits, features and batches."""
