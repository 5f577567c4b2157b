"""What a paper must state about a training, and what the training depends on."""
