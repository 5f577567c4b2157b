"""Written answers: what all tasks share whose answer is a text that the model writes itself."""
