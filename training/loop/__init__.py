"""The training loop: stages, losses, optimizers, schedules, and what watches them."""
