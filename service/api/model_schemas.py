"""JSON Schemas of requests, narrowed to what the loaded models accept."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from ..models import ServedModel
from .tasks import ServiceTask

__all__ = ["model_schema_name", "narrowed", "portable"]

Json = dict[str, Any]


def model_schema_name(kind: type[BaseModel]) -> str:
    """The name of a request's schema where the path names the model: no field ``model``."""
    return f"{kind.__name__.removesuffix('Request')}ModelRequest"


def portable(schemas: Json) -> Json:
    """The same schemas, by name, in a form that generators of clients accept.

    A generator names a class by a schema's title, so that ``inputs`` of each request has a title of
    its own, and no other field has one. It copies a pattern into the client's language, whose
    regular expressions may not have Unicode classes: Python's do not.
    """
    found = deepcopy(schemas)
    for name, schema in found.items():
        for field, each in schema.get("properties", {}).items():
            each.pop("title", None)
            _drop_patterns(each)
            if field == "inputs":
                each["title"] = f"{name.removesuffix('Request')}Inputs"
    return found


def _drop_patterns(schema: Json) -> None:
    schema.pop("pattern", None)
    for form in schema.get("oneOf", []):
        _drop_patterns(form)


def narrowed(
    schemas: Json, task: ServiceTask[Any, Any, Any], models: Sequence[ServedModel]
) -> Json:
    """The schemas of a request, of its parameters, and of the request to a named model.

    Args:
        schemas: pydantic's, by name; they are not changed.
        task: the task of the request.
        models: the loaded models of the task that the caller may ask.
    """
    request = task.request
    kinds = (request, type(request.model_fields["parameters"].default))
    body, parameters = (deepcopy(schemas[kind.__name__]) for kind in kinds)
    if len(models) == 1:
        _limit(body["properties"]["inputs"], models[0], request.limited_fields, schemas)
    settings = (served.model.bundle.manifest.task for served in models)
    functions = sorted({function for each in settings if (function := task.function(each))})
    if functions:
        named = parameters["properties"]["function_to_apply"]
        named["anyOf"][0] = {"enum": functions, "type": "string"}
    of_a_model = _without_model(body, model_schema_name(request))
    _name_models(body, [served.name for served in models])
    return {
        kinds[0].__name__: body,
        kinds[1].__name__: parameters,
        of_a_model["title"]: of_a_model,
    }


def _without_model(body: Json, title: str) -> Json:
    """The request to ``/models/{name}``. Its title is its own: generators name classes by it."""
    found = deepcopy({**body, "title": title})
    del found["properties"]["model"]
    found["properties"]["inputs"]["title"] = f"{title.removesuffix('Request')}Inputs"
    return found


def _name_models(body: Json, names: Sequence[str]) -> None:
    if names:
        body["properties"]["model"]["anyOf"][0] = {"enum": list(names), "type": "string"}
    if len(names) > 1:  # which one is meant must be said
        del body["properties"]["model"]["default"]
        body["properties"]["model"]["anyOf"].pop()
        body["required"].append("model")


def _limit(inputs: Json, served: ServedModel, fields: Sequence[str], schemas: Json) -> None:
    """The bundle's own limits, where they are tighter than the service's."""
    limits = served.model.bundle.manifest.limits
    alone, several = inputs["oneOf"]
    several["maxItems"] = min(several["maxItems"], limits.max_inputs)
    inputs["oneOf"][0] = _shortened(alone, limits.max_characters, fields, schemas)
    several["items"] = _shortened(several["items"], limits.max_characters, fields, schemas)


def _shortened(item: Json, most: int, fields: Sequence[str], schemas: Json) -> Json:
    if "$ref" not in item:
        return {**item, "maxLength": min(item["maxLength"], most)}
    found: Json = deepcopy(schemas[item["$ref"].rpartition("/")[2]])
    properties = found["properties"]
    longer = [field for field in fields if most < properties[field]["maxLength"]]
    for field in longer:
        properties[field]["maxLength"] = most
    if not longer:
        return item
    # A second class of one name would be dropped by generators of clients.
    del found["title"]
    return found
