"""How burnish describes text pairs."""

from __future__ import annotations

from burnish.tasks.labelled.words import labels_given
from burnish.tasks.words import RecipeLines, TaskWords

__all__ = ["WORDS"]

WORDS = TaskWords(
    aliases="pair text-pair text-pairs sentence-pair sentence-pairs entailment nli paraphrase "
    "duplicates",
    paper="classification of text pairs",
    purpose=lambda task: f"reads two texts and gives the pair {labels_given(task)}",
    recipe=RecipeLines(
        train="claims.csv",
        columns="""\
  text: text                  # column of the first text
  pair: text_pair             # column of the second text
  label: label                # column of the label
  # labels: labels            # or a column of several labels per pair
  # separator: "|"            # what splits several labels in one cell
  # unlabelled: leave_out     # leave out rows without a label (error: refuse them)
""",
        aim="of the labels that are given",
        training="  class_weights: none         "
        "# balanced: rare labels count as much as frequent ones\n",
        sections="pairs: {reading: auto}        # apart: each text is read alone; or together\n",
    ),
)
