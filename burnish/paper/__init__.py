"""What a manuscript says of a run, from its record: paragraph, tables and references."""

from burnish.paper.bibliography import bibliography
from burnish.paper.paragraph import methods_paragraph
from burnish.paper.tables import latex_table, markdown_table

__all__ = [
    "bibliography",
    "latex_table",
    "markdown_table",
    "methods_paragraph",
]
