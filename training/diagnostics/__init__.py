"""Diagnosis of labelled rows with a frozen encoder: learning curves and label errors."""
