"""Replies as they depend on what was asked for."""

import json

import pytest

from burnish.service.api.parsing import parse_request
from burnish.service.api.responses import reply_of
from burnish.service.api.tasks import SERVICE_TASKS
from burnish.service.api.tasks.classification import ClassifyRequest
from burnish.tasks import Classification, ClassificationTask
from burnish.tasks.classification.prediction import LabelScore

LABELS = tuple("abcdefg")
SCORES = tuple(LabelScore(label, 0.5 / 2**n) for n, label in enumerate(LABELS))
TASK = ClassificationTask(labels=LABELS, max_length=16, stride=4)


@pytest.mark.parametrize(
    ("parameters", "count"),
    [({}, 5), ({"top_k": None}, 7), ({"top_k": 2}, 2), ({"top_k": 1000}, 7)],
)
def test_no_limit_of_labels_is_all_of_them(parameters, count):
    body = json.dumps({"inputs": "x", "parameters": parameters}).encode()
    result = Classification(labels=("a",), scores=SCORES, tokens=1, windows=1)
    asked = parse_request(body, lambda _: [ClassifyRequest])
    assert len(reply_of(asked, [result], SERVICE_TASKS[TASK.task], TASK, nested=False)) == count
