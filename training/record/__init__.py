"""What a paper must state of a training, and what would make another one of it."""
