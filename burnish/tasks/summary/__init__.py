"""Summaries: the sentences of a document that say most of it."""
