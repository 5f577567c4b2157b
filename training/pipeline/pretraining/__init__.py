"""Pre-training on a field's own texts: masked language modelling, from a base to a base."""
