"""Requests as Label Studio 1.13 sends them, and configurations of its own templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = [
    "CHOICES",
    "NUMBER",
    "QUESTION",
    "RATING",
    "SPANS",
    "choices",
    "predict",
    "setup",
    "task",
]


def choices(labels: Iterable[str], more: str = "", *, text: str = 'value="$text"') -> str:
    offered = "".join(f'<Choice value="{label}"/>' for label in labels)
    return (
        f'<View><Header value="Team?"/><Text name="body" {text}/>'
        f'<Choices name="team" toName="body"{more}>{offered}</Choices></View>'
    )


CHOICES = choices(["billing", "delivery", "other", "spam"])
SPANS = (
    '<View><Labels name="ner" toName="doc"><Label value="place" background="red"/>'
    '<Label value="person" alias="PER"/></Labels><Text name="doc" value="$text"/></View>'
)
QUESTION = (
    '<View><Text name="passage" value="$text" granularity="word"/>'
    '<Header value="Select the answer"/><Text name="question" value="$question"/>'
    '<Labels name="answer" toName="passage"><Label value="Answer" maxUsages="1"/></Labels></View>'
)
NUMBER = '<View><Text name="t" value="$text"/><Number name="n" toName="t" min="0" max="10"/></View>'
WRITTEN = (
    '<View><Text name="t" value="$text"/>'
    '<TextArea name="translation" toName="t" editable="true" maxSubmissions="1"/></View>'
)
RATING = '<View><Text name="t" value="$text"/><Rating name="r" toName="t" maxRating="{}"/></View>'


def setup(config: object) -> dict[str, object]:
    return {
        "project": "7.1700000000",
        "schema": config,
        "hostname": "http://localhost:8080",
        "access_token": "a-token-of-the-user",
        "extra_params": None,
    }


def task(data: Mapping[str, Any] | object, number: int = 1) -> dict[str, object]:
    """A task with every field that the tool sends along."""
    mark = {
        "id": "x",
        "from_name": "a",
        "to_name": "b",
        "type": "choices",
        "value": {"choices": []},
    }
    return {
        "id": number,
        "data": data,
        "meta": {},
        "created_at": "2024-05-01T10:00:00.000000Z",
        "updated_at": "2024-05-01T10:00:00.000000Z",
        "is_labeled": True,
        "overlap": 1,
        "inner_id": number,
        "total_annotations": 1,
        "cancelled_annotations": 0,
        "total_predictions": 0,
        "comment_count": 0,
        "unresolved_comment_count": 0,
        "last_comment_updated_at": None,
        "project": 7,
        "updated_by": 1,
        "file_upload": None,
        "comment_authors": [],
        "annotations": [{"id": 3, "result": [mark], "completed_by": 1, "was_cancelled": False}],
        "predictions": [],
    }


def predict(config: object, *data: Any) -> dict[str, object]:
    return {
        "tasks": [task(each, number) for number, each in enumerate(data, start=1)],
        "project": "7.1700000000",
        "label_config": config,
        "params": {"login": None, "password": None, "context": None},
    }
