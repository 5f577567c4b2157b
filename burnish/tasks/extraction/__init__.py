"""Extraction: entities with character offsets, from one BIO tag per token."""
