"""A text that a tokenizer drops to nothing is refused, by every task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from burnish.errors import InputError
from burnish.tasks import ClassificationTask, ExtractionTask, QATask, Question

TASKS: dict[str, tuple[Any, Any]] = {
    "text": (ClassificationTask(labels=("a", "b")), "{}"),
    "text of an extraction": (ExtractionTask(labels=("A",)), "{}"),
    "question": (QATask(), Question("{}", "the card")),
    "context": (QATask(), Question("where", "{}")),
}


def filled(given: Any, text: str) -> Any:
    if isinstance(given, Question):
        return Question(given.question.format(text), given.context.format(text))
    return given.format(text)


@pytest.mark.parametrize(("task", "given"), TASKS.values(), ids=TASKS.keys())
@pytest.mark.parametrize("text", ["\u200b", "\0", "\x07 \u2060"])
def test_a_text_without_a_token_is_refused(
    wordpiece: Path, task: Any, given: Any, text: str
) -> None:
    encoder = task.text_encoder(wordpiece)
    with pytest.raises(InputError, match="the model sees no word in this") as caught:
        task.encode(filled(given, text), encoder)
    assert caught.value.hint.endswith("with visible characters")
    assert task.encode(filled(given, f"{text}card"), encoder).tokens
