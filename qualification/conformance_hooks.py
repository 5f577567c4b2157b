"""Loaded by schemathesis: its claim that a request breaks the description is looked into.

schemathesis turns a pattern's ``\\p{L}`` into the letters of a few Latin ranges before it draws
requests, and so takes a Thai text for one that breaks the pattern. jsonschema-rs, the engine that
it validates replies with, knows Unicode's classes: where it finds the body that was sent to fit the
description, nothing wrong was accepted. Such claims are left in the file that ``REFUTED`` names.

The description leaves out what generators of clients cannot read, and what would tie a client to
the models of one day. Both are put back here, so that requests reach the models: a lone text has a
visible character, and a path names a loaded model.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema_rs
import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection as claim

__all__ = ["fits", "negative_data_rejection"]

REFUTED = "REFUTED"
"""Of the environment: a file that gets a line a claim, the request's operation."""
_JSON = "application/json"


def negative_data_rejection(ctx: Any, response: Any, case: Any) -> bool | None:
    """The check of that name, less its wrong claims."""
    try:
        found: bool | None = claim(ctx, response, case)
    except AcceptedNegativeData:
        if not _is_refuted(response, case):
            raise
        with Path(os.environ[REFUTED]).open("a", encoding="utf-8") as file:
            file.write(f"{case.operation.label}\n")
        return None
    return found


def _is_refuted(response: Any, case: Any) -> bool:
    """Whether the body alone was meant to be wrong, and is not."""
    wrong = [place for place in ParameterLocation if case.meta.is_negative_at(place)]
    if wrong != [ParameterLocation.BODY] or case.media_type != _JSON:
        return False
    spec = case.operation.schema.raw_schema
    return fits(response.request.body, spec, case.operation.path, case.operation.method)


def fits(body: bytes | str | None, spec: dict[str, Any], path: str, method: str) -> bool:
    """Whether a JSON body is one that an OpenAPI document (3.1) describes for a route."""
    schema = spec["paths"][path][method.lower()]["requestBody"]["content"][_JSON]["schema"]
    validator = jsonschema_rs.validator_for({"components": spec["components"], **schema})
    try:
        return validator.is_valid(json.loads(body or b""))
    except (ValueError, RecursionError):  # no JSON, or lone surrogates
        return False


VISIBLE = r"[\p{L}\p{N}\p{P}\p{S}]"
"""The pattern of `burnish.service.api.requests.Text`."""


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Put back what the document leaves out."""
    del context
    for schema in raw_schema["components"]["schemas"].values():
        _ask_for_the_visible(schema)
    for operation in raw_schema["paths"]["/models/{name}"].values():
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                parameter["schema"]["enum"] = list(parameter.pop("examples"))


def _ask_for_the_visible(schema: dict[str, Any]) -> None:
    """A text that may not be empty may not be invisible."""
    for field in schema.get("properties", {}).values():
        for form in [field, *field.get("oneOf", [])]:
            if form.get("minLength") and "maxLength" in form and "anyOf" not in form:
                form["pattern"] = VISIBLE


CHECKS.register(negative_data_rejection)
