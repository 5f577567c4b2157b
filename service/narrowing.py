"""What the loaded models take, as JSON Schemas: a request's schema, made as narrow as they are."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from burnish.tasks import ClassificationTask

from .models import ServedModel

__all__ = ["function_of", "narrowed", "schema_name"]

Json = dict[str, Any]


def schema_name(kind: type[BaseModel], own: ServedModel | None = None) -> str:
    """A schema's name: of a task's route, or of a model's own."""
    return kind.__name__ if own is None else f"{kind.__name__}-{own.name}"


def function_of(served: ServedModel) -> str | None:
    """What a classifier's scores are: the one ``function_to_apply`` that it takes."""
    task = served.model.bundle.manifest.task
    if not isinstance(task, ClassificationTask):
        return None
    return "sigmoid" if task.multi_label else "softmax"


def narrowed(
    schemas: Json, request: type[BaseModel], models: Sequence[ServedModel], *, own: bool = False
) -> Json:
    """The schemas of a request and of its parameters, by name.

    Args:
        schemas: pydantic's, by name; they are not changed.
        request: the model of the body.
        models: the loaded ones that may be asked so.
        own: the path names the model, the only one.
    """
    kinds = (request, type(request.model_fields["parameters"].default))
    body, parameters = (deepcopy(schemas[kind.__name__]) for kind in kinds)
    names = [schema_name(kind, models[0] if own else None) for kind in kinds]
    body["properties"]["parameters"]["$ref"] = f"#/components/schemas/{names[1]}"
    _name_models(body, [served.name for served in models], own=own)
    if len(models) == 1:
        _limit(body["properties"]["inputs"], models[0], schemas)
    functions = sorted({function for served in models if (function := function_of(served))})
    if functions:
        named = parameters["properties"]["function_to_apply"]
        named["anyOf"][0] = {"enum": functions, "type": "string"}
    return {names[0]: body, names[1]: parameters}


def _name_models(body: Json, names: Sequence[str], *, own: bool) -> None:
    if own:
        body["properties"]["model"]["description"] = "The path names it; leave this out."
    if names:
        body["properties"]["model"]["anyOf"][0] = {"enum": list(names), "type": "string"}
    if len(names) > 1:  # which one is meant must be said
        del body["properties"]["model"]["default"]
        body["properties"]["model"]["anyOf"].pop()
        body["required"].append("model")


def _limit(inputs: Json, served: ServedModel, schemas: Json) -> None:
    """The bundle's own limits, where they are tighter than the service's."""
    limits = served.model.bundle.manifest.limits
    alone, several = inputs["oneOf"]
    several["maxItems"] = min(several["maxItems"], limits.max_inputs)
    inputs["oneOf"][0] = _shortened(alone, limits.max_characters, schemas)
    several["items"] = _shortened(several["items"], limits.max_characters, schemas)


def _shortened(item: Json, most: int, schemas: Json) -> Json:
    if "$ref" not in item:
        return {**item, "maxLength": min(item["maxLength"], most)}
    question: Json = deepcopy(schemas[item["$ref"].rpartition("/")[2]])
    properties = question["properties"]
    properties["context"] = _shortened(properties["context"], most, schemas)
    return question
