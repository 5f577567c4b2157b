"""How burnish describes translation."""

from __future__ import annotations

from typing import Any

from burnish.tasks.words import RecipeLines, TaskWords

__all__ = ["WORDS"]


def _purpose(task: Any) -> str:
    del task
    return "reads a text and writes its translation"


WORDS = TaskWords(
    aliases="translate mt nmt machine-translation text2text seq2seq",
    paper="machine translation",
    purpose=_purpose,
    recipe=RecipeLines(
        train="pairs.jsonl",
        columns="""\
  source: source              # column of the text
  target: target              # column of its translation
  # languages: [en, sw]       # of a TMX file, or of parallel files: train.en beside train.sw
""",
        aim="for tasks with labels",
        sections="# translation: {beams: 4}                              "
        "# else the likeliest token each time\n"
        "# translation: {source_language: eng_Latn, target_language: swh_Latn}  # in NLLB\n",
    ),
)
