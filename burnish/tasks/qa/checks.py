"""What is checked of this task's rows: that there are answers, and that none is of odd length."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from burnish.data.checks.finding import Finding, found_at
from burnish.data.checks.subject import Subject
from burnish.plural import plural
from burnish.tasks.checks import Lack, TaskChecks
from burnish.tasks.qa.example import QAExample
from burnish.tasks.qa.long_answers import find_long_answers

__all__ = ["CHECKS"]

_TIMES = 12
_FEWEST_WORDS = 25
_CONTEXT_SHARE = 0.8
_CONTEXT_WORDS = 20


def _nothing_to_learn(subject: Subject) -> Lack | None:
    if "answerable" in subject.labels:
        return None
    return Lack("no question has an answer", "add questions with an answer")


def _find_extreme_answers(subject: Subject) -> Iterator[Finding]:
    """Answers many times as long as the others, answers that are the context, and bare signs."""
    lengths = [
        len(answer.text.split())
        for entry in subject.entries
        if isinstance(entry.example, QAExample)
        for answer in entry.example.answers
    ]
    if not lengths:
        return
    longest = max(_FEWEST_WORDS, int(_TIMES * median(lengths)))
    places = []
    for entry in subject.entries:
        if isinstance(entry.example, QAExample):
            detail = _extreme(entry.example, longest)
            if detail:
                places.append(entry.place.with_detail(detail))
    yield from found_at(
        places,
        kind="answer-length",
        severity="note",
        message="# [question has|questions have] an answer of extreme length",
        fix="cut each to the words that answer the question",
    )


def _extreme(example: QAExample, longest: int) -> str:
    words_of_context = len(example.context.split())
    for answer in example.answers:
        words = len(answer.text.split())
        if not any(character.isalnum() for character in answer.text):
            return "no letter and no digit"
        if words > longest:
            return plural(words, "# [word|words]")
        if words_of_context >= _CONTEXT_WORDS and words > _CONTEXT_SHARE * words_of_context:
            return f"{words} of the context's {words_of_context} words"
    return ""


CHECKS = TaskChecks(
    nothing_to_learn=_nothing_to_learn,
    conflict_kind="conflicting-answers",
    conflict="# [question has|questions have] different answers in different rows",
    own=(_find_extreme_answers,),
    long_answers=find_long_answers,
)
