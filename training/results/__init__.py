"""What a training leaves: the tuned model, its evidence, gates and card, in a run directory."""
