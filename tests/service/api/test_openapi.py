import re

import pytest

from burnish.service.api.openapi import openapi_document
from burnish.service.api.tasks.classification import ClassifyRequest
from burnish.service.errors import ERROR_TYPES, STATUS_OF
from burnish.service.routes import KEYLESS_ROUTES, ROUTES
from tests.tiny_onnx import tiny_bundle


def references(node) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(value) for value in node))
    return set()


def schema_of(document, path: str) -> list[dict]:
    body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    names = [each["$ref"].rpartition("/")[2] for each in body.get("anyOf", [body])]
    return [document["components"]["schemas"][name] for name in names]


def titles(node) -> list[str]:
    if isinstance(node, dict):
        own = [node["title"]] if isinstance(node.get("title"), str) else []
        return own + [title for value in node.values() for title in titles(value)]
    if isinstance(node, list):
        return [title for value in node for title in titles(value)]
    return []


def test_the_document_holds_every_route_and_no_other(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert {path: set(item) for path, item in paths.items()} == {
        route.template: {method.lower() for method in route.methods} - {"head"} for route in ROUTES
    }


def test_a_models_path_takes_the_bodies_of_the_loaded_tasks(client, local, bundles):
    document = client.get("/openapi.json").json()
    assert [body["title"] for body in schema_of(document, "/models/{name}")] == [
        "ClassifyModelRequest",
        "ExtractModelRequest",
        "AnswerModelRequest",
    ]
    alone = local(folder=bundles / "qa").get("/openapi.json").json()
    (body,) = schema_of(alone, "/models/{name}")
    assert set(body["properties"]) == {"inputs", "parameters"}
    assert body["required"] == ["inputs"]


def test_the_names_of_loaded_models_are_examples(client):
    operation = client.get("/openapi.json").json()["paths"]["/models/{name}"]["post"]
    (name,) = (each for each in operation["parameters"] if each["in"] == "path")
    assert set(name["examples"]) == {"tiny-classification", "tiny-extraction", "tiny-qa"}
    assert "enum" not in name["schema"]


def test_every_title_is_used_once(client, local, tmp_path):
    """Generators name classes by titles, and leave out what has the name of another."""
    tiny_bundle(tmp_path / "short", "qa", limits={"max_characters": 100})
    for document in (
        client.get("/openapi.json").json(),
        local(folder=tmp_path / "short").get("/openapi.json").json(),
    ):
        found = titles(document["components"]["schemas"])
        assert sorted(found) == sorted(set(found))


def test_the_clients_deadline_is_told_of_where_a_body_is(client):
    for path in client.get("/openapi.json").json()["paths"].values():
        for verb, operation in path.items():
            names = [parameter["name"] for parameter in operation.get("parameters", [])]
            assert ("X-Burnish-Deadline-Ms" in names) == (verb == "post")


def test_every_reference_leads_somewhere(client):
    document = client.get("/openapi.json").json()
    found = references(document)
    assert found
    for reference in found:
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_the_request_models_are_the_schemas():
    schema = openapi_document(keyed=False)["components"]["schemas"]["ClassifyRequest"]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(ClassifyRequest.model_fields)


def test_what_hugging_face_clients_send_is_told_with_the_values_that_are_true():
    schemas = openapi_document(keyed=False)["components"]["schemas"]
    function = schemas["ClassifyParameters"]["properties"]["function_to_apply"]
    assert function["anyOf"][0]["enum"] == ["softmax", "sigmoid"]
    strategy = schemas["ExtractParameters"]["properties"]["aggregation_strategy"]
    assert strategy["anyOf"][0]["const"] == "simple"
    assert "max_answer_len" not in schemas["AnswerParameters"]["properties"]


def test_every_error_has_the_envelope():
    for path in openapi_document(keyed=True)["paths"].values():
        for verb, operation in path.items():
            if verb == "parameters":
                continue
            for status, reply in operation["responses"].items():
                assert "X-Request-ID" in reply["headers"]
                if status != "200":
                    schema = reply["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorReply"}


@pytest.mark.parametrize("keyed", [True, False])
def test_the_key_is_told_of_where_it_is_needed(keyed):
    document = openapi_document(keyed=keyed)
    for template, path in document["paths"].items():
        for verb, operation in path.items():
            if verb != "parameters":
                assert ("security" in operation) == (keyed and template not in KEYLESS_ROUTES)


def test_error_types_are_a_closed_list():
    schema = openapi_document(keyed=False)["components"]["schemas"]["ErrorReply"]
    assert schema["properties"]["error_type"]["enum"] == list(ERROR_TYPES)
    assert set(STATUS_OF) == set(ERROR_TYPES)
    assert all(re.fullmatch(r"[a-z_]+", error) for error in ERROR_TYPES)
