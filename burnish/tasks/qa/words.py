"""How burnish describes question answering."""

from __future__ import annotations

from burnish.tasks.words import RecipeLines, TaskWords

__all__ = ["WORDS"]

WORDS = TaskWords(
    aliases="question-answering questions question answers squad reading-comprehension "
    "extractive-qa",
    paper="extractive question answering",
    purpose=lambda _: (
        "reads a text and a question, and answers with a passage of the text or says that the "
        "text holds no answer"
    ),
    recipe=RecipeLines(
        train="handbook.jsonl",
        columns="""\
  question: question          # field of the question
  context: context            # field of the text with the answer
  answers: answers            # field of the answers: text, start; an empty list: none
""",
        aim="of the answers that are given",
        training="  synthetic_questions: auto   # per labelled row, to warm up on; 0: none\n",
        sections="qa: {max_answer_tokens: auto}                         "
        "# auto: the longest of the rows\n",
    ),
)
