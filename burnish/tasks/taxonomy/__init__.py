"""Taxonomies: labels in a tree, as a path of a text or as several branches."""
