"""A head has a name in transformers and on the hub: a task takes it from its head."""

from __future__ import annotations

import pytest

from burnish.tasks.heads import Head


@pytest.mark.parametrize(
    ("head", "pipeline"),
    [
        (Head.SEQUENCE, "text-classification"),
        (Head.TOKENS, "token-classification"),
        (Head.SPAN, "question-answering"),
        (Head.SCORE, "text-classification"),
        (Head.MARKS, "token-classification"),
        (Head.WRITTEN, "text2text-generation"),
    ],
)
def test_a_head_has_its_name_in_transformers(head: Head, pipeline: str) -> None:
    assert head.pipeline == pipeline


def test_every_head_has_one() -> None:
    assert all(head.pipeline for head in Head)
