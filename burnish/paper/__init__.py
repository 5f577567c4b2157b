"""What a manuscript says of a run: paragraph, tables, references and checklist, from the record."""

from burnish.paper.bibliography import bibliography
from burnish.paper.checklist import Item, checklist
from burnish.paper.paragraph import methods_paragraph
from burnish.paper.tables import latex_table, markdown_table

__all__ = [
    "Item",
    "bibliography",
    "checklist",
    "latex_table",
    "markdown_table",
    "methods_paragraph",
]
