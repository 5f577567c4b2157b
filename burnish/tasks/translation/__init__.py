"""Translations: a text in another language."""
