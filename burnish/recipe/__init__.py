"""The recipe: its values, its sections, how it is read, and the text of a new one."""
