"""Abstracts: a shorter text that says what a document says, in words of its own."""
