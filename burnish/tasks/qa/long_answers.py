"""Answers of more tokens than a model may give: it is wrong about each, whatever it learns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from burnish.data.checks.finding import Finding
from burnish.data.checks.subject import Entry, Subject
from burnish.plural import plural
from burnish.tasks.qa.example import QAExample
from burnish.tasks.qa.settings import SHORTEST_LIMIT
from burnish.tasks.qa.stretches import answer_tokens

__all__ = ["find_long_answers"]


def find_long_answers(
    subject: Subject, tokenizer_json: Path, limit: int | None
) -> Iterator[Finding]:
    """Count the answers that are longer than the limit.

    Args:
        subject: rows of question answering.
        tokenizer_json: of the base model.
        limit: ``qa.max_answer_tokens``; None: as long as the longest answer of the training rows.
    """
    lengths = list(_lengths(subject, tokenizer_json))
    of_train = [tokens for entry, tokens in lengths if entry.part == "train"]
    given = limit or max([SHORTEST_LIMIT, *of_train])
    longer = [(entry, tokens) for entry, tokens in lengths if tokens > given]
    total = len(lengths)
    if longer:
        longest = max(tokens for _, tokens in longer)
        yield Finding(
            kind="answer-length",
            severity="warning",
            message=f"{_count(len(longer), total)} more than {given} tokens, the longest "
            f"{longest}: a model can never give them",
            fix=f"set qa.max_answer_tokens={longest}, or cut each to the words that answer",
            rows=tuple(entry.place.with_detail(f"{tokens} tokens") for entry, tokens in longer),
        )
    long = sum(tokens > SHORTEST_LIMIT for tokens in of_train)
    if limit is None and long:
        yield Finding(
            kind="answer-length",
            severity="note",
            message=f"{_count(long, len(of_train))} more than {SHORTEST_LIMIT} tokens: answers of "
            f"up to {given} tokens will be given (qa.max_answer_tokens: auto)",
            fix="set qa.max_answer_tokens to fewer if answers should be shorter",
        )


def _count(some: int, total: int) -> str:
    whole = plural(total, "# [answer|answers]")
    return plural(some, f"# of {whole} [has|have]")


def _lengths(subject: Subject, tokenizer_json: Path) -> Iterator[tuple[Entry, int]]:
    """Each answer's row and its length in tokens of the context."""
    tokenizer = Tokenizer.from_file(str(tokenizer_json))
    tokenizer.no_truncation()
    known: dict[str, np.ndarray] = {}
    for entry in subject.entries:
        example = entry.example
        if not isinstance(example, QAExample) or not example.answers:
            continue
        if example.context not in known:
            encoded = tokenizer.encode(example.context, add_special_tokens=False)
            known[example.context] = np.array(encoded.offsets, dtype=np.int64).reshape(-1, 2)
        for answer in example.answers:
            tokens = answer_tokens(answer, known[example.context])
            yield entry, 0 if tokens is None else tokens[1] - tokens[0] + 1
