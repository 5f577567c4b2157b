"""The training loop: stages, losses, optimizers, schedules and trackers."""
