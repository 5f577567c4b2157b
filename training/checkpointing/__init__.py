"""Where a training is kept while it goes on, and how it is taken up again."""
