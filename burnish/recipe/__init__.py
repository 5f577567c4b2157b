"""The recipe's parts: values, sections, and the text of a new one (burnish/config.py reads it)."""
