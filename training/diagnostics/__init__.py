"""What the labelled rows allow: learning curves, label errors, rows worth labelling."""
