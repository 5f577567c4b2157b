"""How burnish describes abstracts."""

from __future__ import annotations

from typing import Any

from burnish.tasks.words import RecipeLines, TaskWords

__all__ = ["WORDS"]


def _purpose(task: Any) -> str:
    del task
    return "reads a document and writes an abstract of it; check what it says against the document"


WORDS = TaskWords(
    aliases="abstracts abstractive abstractive-summarization abstractive-summarisation "
    "headline-generation simplification",
    paper="abstractive summarization",
    purpose=_purpose,
    recipe=RecipeLines(
        train="documents.jsonl",
        columns="""\
  source: source              # column of the document
  target: target              # column of its abstract
""",
        aim="for tasks with labels",
    ),
)
