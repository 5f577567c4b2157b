"""``/openapi.json``: written from the request and reply models, so it cannot fall behind them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import burnish

from .cards import ModelDetails, ModelsReply
from .refusals import STATUS_OF, ErrorType
from .replies import AnswerReply, EntityReply, ErrorReply, LabelReply
from .requests import AnswerRequest, ClassifyRequest, ExtractRequest
from .routes import KEYLESS_ROUTES

__all__ = ["openapi_document"]

Json = dict[str, Any]

_DESCRIPTION = (
    "Classification, extraction and question answering. Offsets are Unicode code points. A text "
    "longer than a model's window is read whole, in overlapping windows. A body has at most 1 MiB."
)
_MODELS: tuple[type[BaseModel], ...] = (
    ClassifyRequest,
    ExtractRequest,
    AnswerRequest,
    LabelReply,
    EntityReply,
    AnswerReply,
    ErrorReply,
    ModelsReply,
    ModelDetails,
)
_ANYWHERE: tuple[ErrorType, ...] = ("malformed", "forbidden", "method_not_allowed", "internal")
_POSTED: tuple[ErrorType, ...] = (
    "not_found",
    "timeout",
    "too_large",
    "unsupported_media_type",
    "validation",
    "overloaded",
    "not_ready",
    "deadline",
)
_NAME = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}
_HEADERS: Json = {
    "X-Request-ID": {
        "description": "The caller's own where it is 1 to 64 letters, digits or hyphens.",
        "schema": {"type": "string"},
    },
    "X-Burnish-Model": {
        "description": "Digest of the model that answered.",
        "schema": {"type": "string"},
    },
    "X-Burnish-Tokens": {
        "description": "Tokens read: all that the inputs have, summed over the inputs.",
        "schema": {"type": "integer"},
    },
    "X-Burnish-Windows": {
        "description": "Windows in which they were read, summed over the inputs.",
        "schema": {"type": "integer"},
    },
}


@lru_cache(maxsize=2)
def openapi_document(*, keyed: bool) -> Json:
    """The OpenAPI 3.1 document.

    Args:
        keyed: whether callers need the API key.
    """
    paths = {**_inference_paths(), **_reading_paths()}
    components: Json = {"schemas": _schemas(), "headers": _HEADERS}
    if keyed:
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        _ask_for_key(paths)
    info = {"title": "burnish", "version": burnish.__version__, "description": _DESCRIPTION}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": components}


def _inference_paths() -> Json:
    labels = _array(_ref(LabelReply))
    entities = _array(_ref(EntityReply))
    answer = {"oneOf": [_ref(AnswerReply), _array(_ref(AnswerReply))]}
    by_task: list[tuple[str, str, type[BaseModel], Json]] = [
        ("/classify", "Labels of a text, best first.", ClassifyRequest, labels),
        ("/extract", "Entities of a text, by start.", ExtractRequest, entities),
        ("/answer", "The stretch of a context that answers.", AnswerRequest, answer),
    ]
    return {
        path: {"post": _post(path.strip("/"), summary, _ref(request), _one_or_many(reply))}
        for path, summary, request, reply in by_task
    }


def _reading_paths() -> Json:
    kinds: tuple[type[BaseModel], ...] = (ClassifyRequest, ExtractRequest, AnswerRequest)
    requests = {"anyOf": [_ref(kind) for kind in kinds]}
    page = {"type": "object"}
    return {
        "/models": {
            "get": _get("listModels", "Every loaded model.", _ref(ModelsReply), ["not_ready"])
        },
        "/models/{name}": {
            "parameters": [{"name": "name", "in": "path", "required": True, "schema": _NAME}],
            "get": _get(
                "getModel",
                "A model, its figures and its card.",
                _ref(ModelDetails),
                ["not_found", "not_ready"],
            ),
            "post": _post(
                "askModel",
                "Takes and replies what the model's task does, as InferenceClient of "
                "huggingface_hub has it: the labels of a single text stand in a list.",
                requests,
                {"type": ["array", "object"]},
            ),
        },
        "/": {
            "get": _get("page", "A page to try models on.", {"type": "string"}, media="text/html")
        },
        "/livez": {"get": _get("livez", "The process answers.", page)},
        "/readyz": {"get": _get("readyz", "The models are loaded.", page, ["not_ready"])},
        "/metrics": {
            "get": _get(
                "metrics", "Figures for Prometheus.", {"type": "string"}, media="text/plain"
            )
        },
        "/openapi.json": {"get": _get("openapi", "This document.", page)},
    }


def _post(name: str, summary: str, request: Json, reply: Json) -> Json:
    body = {"required": True, "content": {"application/json": {"schema": request}}}
    responses = _responses(reply, [*_ANYWHERE, *_POSTED], headers=list(_HEADERS))
    return {
        "operationId": name,
        "summary": summary,
        "requestBody": body,
        "responses": responses,
    }


def _get(
    name: str,
    summary: str,
    reply: Json,
    errors: Sequence[ErrorType] = (),
    *,
    media: str = "application/json",
) -> Json:
    responses = _responses(reply, [*_ANYWHERE, *errors], headers=["X-Request-ID"], media=media)
    return {"operationId": name, "summary": summary, "responses": responses}


def _responses(
    reply: Json,
    errors: Sequence[ErrorType],
    *,
    headers: Sequence[str],
    media: str = "application/json",
) -> Json:
    good = {
        "description": "The answer.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {media: {"schema": reply}},
    }
    return {"200": good, **{str(STATUS_OF[error]): _error(error) for error in errors}}


def _error(error: ErrorType) -> Json:
    return {
        "description": HTTPStatus(STATUS_OF[error]).phrase,
        "headers": {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}},
        "content": {"application/json": {"schema": _ref(ErrorReply)}},
    }


def _ask_for_key(paths: Json) -> None:
    for template, path in paths.items():
        for verb, operation in path.items():
            if verb != "parameters" and template not in KEYLESS_ROUTES:
                operation["security"] = [{"key": []}]
                operation["responses"]["401"] = _error("unauthorized")


def _one_or_many(reply: Json) -> Json:
    """One input's reply, or a list of them; there, an error stands where an input has none."""
    return {"anyOf": [reply, _array({"anyOf": [reply, _ref(ErrorReply)]})]}


def _schemas() -> Json:
    _, document = models_json_schema(
        [(model, "validation") for model in _MODELS],
        ref_template="#/components/schemas/{model}",
    )
    schemas: Json = document["$defs"]
    return schemas


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _array(items: Json) -> Json:
    return {"type": "array", "items": items}
