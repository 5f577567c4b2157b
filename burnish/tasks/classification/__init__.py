"""Classification: one label per text, or several with a threshold each."""
