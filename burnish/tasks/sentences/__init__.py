"""Sentences: where those of a text begin and end."""

from burnish.tasks.sentences.splitting import split_sentences

__all__ = ["split_sentences"]
