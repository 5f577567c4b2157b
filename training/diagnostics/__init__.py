"""What a frozen encoder says of labelled rows: learning curves and label errors."""
