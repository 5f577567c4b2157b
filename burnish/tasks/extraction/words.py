"""How burnish describes extraction."""

from __future__ import annotations

from burnish.tasks.extraction.settings import ExtractionTask
from burnish.tasks.words import RecipeLines, TaskWords, few_or_count

__all__ = ["WORDS"]


def _purpose(task: ExtractionTask) -> str:
    return f"reads a text and marks passages of {few_or_count(task.labels, 'kinds')} in it"


WORDS = TaskWords(
    aliases="ner entities entity tagging tags spans extract token-classification "
    "named-entity-recognition pos",
    paper="entity extraction (BIO tagging)",
    purpose=_purpose,
    recipe=RecipeLines(
        train="notices.jsonl",
        columns="""\
  text: text                  # field of the text
  entities: entities          # field of the entities: start, end, label
""",
        aim="of the entities that are given",
    ),
)
