"""Calls every route with the client that openapi-python-client made: URL as the argument."""

import json
import sys

from burnish_client import Client
from burnish_client import models as m
from burnish_client.api.default import (
    answer,
    ask_model,
    classify,
    extract,
    get_model,
    list_models,
    livez,
    metrics,
    openapi,
    page,
    readyz,
)

client = Client(base_url=sys.argv[1])
question = m.QuestionInput(question="how many?", context="it was seven days")
found = {
    "classify": classify.sync(client=client, body=m.ClassifyRequest(inputs="my invoice"))[0].label,
    "classify many": [
        type(each).__name__
        for each in classify.sync(client=client, body=m.ClassifyRequest(inputs=["my invoice", ""]))
    ],
    "extract": [
        entity.word
        for entity in extract.sync(client=client, body=m.ExtractRequest(inputs="Anna in Paris"))
    ],
    "answer": answer.sync(client=client, body=m.AnswerRequest(inputs=question)).answer,
    "ask a classifier": ask_model.sync(
        "tiny-classification", client=client, body=m.ClassifyModelRequest(inputs="my invoice")
    )[0][0].label,
    "ask an extractor": [
        entity.word
        for entity in ask_model.sync(
            "tiny-extraction", client=client, body=m.ExtractModelRequest(inputs="Anna in Paris")
        )
    ],
    "ask for an answer": ask_model.sync(
        "tiny-qa", client=client, body=m.AnswerModelRequest(inputs=question)
    ).answer,
    "an error": str(get_model.sync("none", client=client).error_type),
    "model": get_model.sync("tiny-qa", client=client).name,
    "models": sorted(each.name for each in list_models.sync(client=client).models),
    "livez": livez.sync(client=client).additional_properties["status"],
    "readyz": readyz.sync(client=client).additional_properties["status"],
    "metrics": metrics.sync(client=client).startswith("# HELP"),
    "openapi": openapi.sync(client=client).additional_properties["openapi"],
    "page": page.sync(client=client).startswith("<!doctype html>"),
}
print(json.dumps(found))
