"""How burnish describes scores."""

from __future__ import annotations

from burnish.tasks.regression.conformal import CONFIDENCE
from burnish.tasks.regression.levels import describe_levels
from burnish.tasks.regression.settings import RegressionTask
from burnish.tasks.words import RecipeLines, TaskWords

__all__ = ["WORDS"]


def _purpose(task: RegressionTask) -> str:
    scores = f", one of {describe_levels(task.levels)}" if task.levels else ""
    sure = "no interval is known"
    if task.half_width is not None:
        sure = (
            f"the true score lies within ±{task.half_width:.3g} of it for {100 * CONFIDENCE:g} % "
            "of texts like those of the validation set"
        )
    return f"reads a text and gives it a score{scores}; {sure}"


WORDS = TaskWords(
    aliases="score scores rating ratings number numeric ordinal continuous text-regression stars "
    "urgency readability",
    paper="text regression",
    purpose=_purpose,
    recipe=RecipeLines(
        train="ratings.csv",
        columns="""\
  text: text                  # column of the text
  score: score                # column of the number
  # decimal: ","              # the scores are written with a decimal comma: 3,5
  # unlabelled: leave_out     # leave out rows without a score (error: refuse them)
""",
        aim="for tasks with labels",
        sections="regression: {ordinal: auto}                         "
        "# true: levels; auto: if 3 to 10 whole numbers\n",
    ),
)
