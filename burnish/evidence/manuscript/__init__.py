"""The parts of a manuscript on a run, from its record: paragraph, tables and references."""

from burnish.evidence.manuscript.bibliography import bibliography
from burnish.evidence.manuscript.paragraph import methods_paragraph
from burnish.evidence.manuscript.tables import latex_table, markdown_table

__all__ = [
    "bibliography",
    "latex_table",
    "markdown_table",
    "methods_paragraph",
]
