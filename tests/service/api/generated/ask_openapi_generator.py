"""Calls every route with the client that openapi-generator made: URL as the argument."""

import json
import sys

import openapi_client as client

api = client.DefaultApi(client.ApiClient(client.Configuration(host=sys.argv[1])))
question = {"question": "how many?", "context": "it was seven days"}


def ask(name: str, inputs: object) -> object:
    request = client.AskModelRequest.from_dict({"inputs": inputs})
    return api.ask_model(name, request).to_dict()


def error_of(name: str) -> str:
    try:
        api.get_model(name)
    except client.exceptions.NotFoundException as error:
        return str(error.data.error_type)
    return "none"


found = {
    "classify": api.classify(client.ClassifyRequest(inputs=client.ClassifyInputs("my invoice")))
    .to_dict()[0]
    .label,
    "classify many": [
        [label.label for label in labels][:1]
        for labels in api.classify(
            client.ClassifyRequest(inputs=client.ClassifyInputs(["my invoice", "my card"]))
        ).to_dict()
    ],
    "extract": [
        entity.word
        for entity in api.extract(
            client.ExtractRequest(inputs=client.ExtractInputs("Anna in Paris"))
        ).to_dict()
    ],
    "answer": api.answer(client.AnswerRequest.from_dict({"inputs": question})).to_dict()["answer"],
    "ask a classifier": ask("tiny-classification", "my invoice")[0][0].label,
    "ask an extractor": [entity.word for entity in ask("tiny-extraction", "Anna in Paris")],
    "ask for an answer": ask("tiny-qa", question)["answer"],
    "an error": error_of("none"),
    "model": api.get_model("tiny-qa").name,
    "models": sorted(each.name for each in api.list_models().models),
    "livez": api.livez()["status"],
    "readyz": api.readyz()["status"],
    "metrics": api.metrics().startswith("# HELP"),
    "openapi": api.openapi()["openapi"],
    "page": api.page().startswith("<!doctype html>"),
}
print(json.dumps(found))
