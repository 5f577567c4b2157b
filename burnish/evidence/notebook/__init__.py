"""How a notebook shows a run and a bundle: scores, gates and paths; never a text of a row."""

from burnish.evidence.notebook.summary import bundle_html, run_html

__all__ = ["bundle_html", "run_html"]
