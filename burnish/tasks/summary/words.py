"""How burnish describes summaries."""

from __future__ import annotations

from burnish.plural import plural
from burnish.tasks.summary.settings import SummaryTask
from burnish.tasks.words import RecipeLines, TaskWords

__all__ = ["WORDS"]


def _purpose(task: SummaryTask) -> str:
    length = task.length
    if length.words is not None:
        most = plural(length.words, "sentences of at most # [word|words] in all")
    elif length.ratio is not None:
        most = f"sentences of at most {100 * length.ratio:.3g} % of its words"
    else:
        most = plural(length.sentences or 1, "# [sentence|sentences]")
    return f"reads a document and gives {most} of it as a summary; it writes nothing of its own"


WORDS = TaskWords(
    aliases="summarization summarisation summaries summarize extractive-summarization bertsum",
    paper="extractive summarization",
    purpose=_purpose,
    recipe=RecipeLines(
        train="decisions.jsonl",
        columns="""\
  text: text                  # column of the document
  summary: summary            # what a person wrote of it, or a list of its own sentences
""",
        aim="for tasks with labels",
        sections="# summary: {sentences: 3}                          "
        "# or words: 100, or ratio: 0.1; else what scores best\n",
    ),
)
