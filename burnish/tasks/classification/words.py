"""How burnish describes classification."""

from __future__ import annotations

from burnish.tasks.labelled.words import labels_given
from burnish.tasks.words import RecipeLines, TaskWords

__all__ = ["WORDS"]


WORDS = TaskWords(
    aliases="classify classifier classes text-classification sentiment intent topic label labels "
    "sequence-classification multi-label",
    paper="text classification",
    purpose=lambda task: f"reads a text and gives it {labels_given(task)}",
    recipe=RecipeLines(
        train="tickets.csv",
        columns="""\
  text: text                  # column of the text
  label: label                # column of the label
  # labels: labels            # or a column of several labels per text
  # separator: "|"            # what splits several labels in one cell
  # unlabelled: leave_out     # leave out rows without a label (error: refuse them)
  # out_of_scope: other       # a label whose rows are measured, not trained on
""",
        aim="of the labels that are given",
        methods="                              # setfit: for a few rows per class\n",
        training="  class_weights: none         "
        "# balanced: rare labels count as much as frequent ones\n",
        sections="setfit: {weight_ensemble: 0.5, use_label_names: auto}  "
        "# share of the tuned weights\n"
        "classification: {at_least_one: auto}                 "
        "# true: each text gets one of several labels\n",
        abstain="# abstain: {reject: 0.9}    # or mark 9 of 10 rows out of scope\n",
    ),
)
