"""How burnish describes labels in a tree."""

from __future__ import annotations

from burnish.plural import plural
from burnish.tasks.taxonomy.settings import TaxonomyTask
from burnish.tasks.words import RecipeLines, TaskWords

__all__ = ["WORDS"]


def _purpose(task: TaxonomyTask) -> str:
    size = plural(len(task.labels), "# [label|labels]")
    levels = plural(len(task.tree.levels), "# [level|levels]")
    count = "any number of paths" if task.multi_label else "one path"
    return f"reads a text and gives it {count} in a tree of {size} on {levels}"


WORDS = TaskWords(
    aliases="hierarchy hierarchical hierarchical-classification tree thesaurus ontology codes "
    "hierarchical-text-classification",
    paper="hierarchical text classification",
    purpose=_purpose,
    recipe=RecipeLines(
        train="records.csv",
        columns="""\
  taxonomy: tree.csv          # the tree: columns child and parent, or JSON
  text: text                  # column of the text
  label: label                # column of the deepest label that is known
  # labels: labels            # or a column of several labels per text
  # separator: "|"            # what splits several labels in one cell
  # unlabelled: leave_out     # leave out rows without a label (error: refuse them)
""",
        aim="of the labels that are given",
        sections="taxonomy: {loss: auto}         "
        "# conditional, flat; levels: mistakes near the root count more\n",
    ),
)
