"""``/openapi.json``: written from the request and reply models, so it cannot fall behind them.

It tells of the models that are loaded: each has a path of its own, with what its task takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import burnish

from .cards import ModelDetails, ModelsReply
from .models import ServedModel, TaskName
from .narrowing import narrowed, schema_name
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
_DEADLINE: Json = {
    "name": "X-Burnish-Deadline-Ms",
    "in": "header",
    "required": False,
    "description": "How long the client waits, in milliseconds. What cannot be answered in that "
    "time is refused at once, and what was not, when it is over, is dropped: 504.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
}
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


def openapi_document(models: Sequence[ServedModel] = (), *, keyed: bool) -> Json:
    """The OpenAPI 3.1 document.

    Args:
        models: the loaded ones, as far as the caller may ask them.
        keyed: whether callers need the API key.
    """
    paths = {**_inference_paths(), **_model_paths(models), **_reading_paths()}
    components: Json = {"schemas": _schemas(models), "headers": _HEADERS}
    if keyed:
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        _ask_for_key(paths)
    info = {"title": "burnish", "version": burnish.__version__, "description": _DESCRIPTION}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": components}


def _inference_paths() -> Json:
    return {
        task.path: {
            "post": _post(
                task.path.strip("/"),
                task.summary,
                _ref(schema_name(task.request)),
                _one_or_many(task.reply),
            )
        }
        for task in _TASKS.values()
    }


def _model_paths(models: Sequence[ServedModel]) -> Json:
    """A path a model: one path for all could not tell which task's body each takes."""
    return {f"/models/{served.name}": _model_path(served) for served in models}


def _model_path(served: ServedModel) -> Json:
    task = _TASKS[served.task]
    # As InferenceClient of huggingface_hub has it: a single text's labels stand in a list.
    single = _array(task.reply) if served.task == "classification" else task.reply
    many = _array({"anyOf": [task.reply, _ref(ErrorReply.__name__)]})
    summary = f"{task.summary} As InferenceClient of huggingface_hub asks."
    details = _ref(ModelDetails.__name__)
    return {
        "get": _get(
            f"get-{served.name}",
            "A model, its figures and its card.",
            details,
            ["not_found", "not_ready"],
        ),
        "post": _post(
            f"ask-{served.name}",
            summary,
            _ref(schema_name(task.request, served)),
            {"anyOf": [single, many]},
        ),
    }


def _reading_paths() -> Json:
    page = {"type": "object"}
    models = _ref(ModelsReply.__name__)
    return {
        "/models": {"get": _get("listModels", "Every loaded model.", models, ["not_ready"])},
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
        "parameters": [_DEADLINE],
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
        "content": {"application/json": {"schema": _ref(ErrorReply.__name__)}},
    }


def _ask_for_key(paths: Json) -> None:
    for template, path in paths.items():
        for verb, operation in path.items():
            if verb != "parameters" and template not in KEYLESS_ROUTES:
                operation["security"] = [{"key": []}]
                operation["responses"]["401"] = _error("unauthorized")


def _one_or_many(reply: Json) -> Json:
    """One input's reply, or a list of them; there, an error stands where an input has none."""
    return {"anyOf": [reply, _array({"anyOf": [reply, _ref(ErrorReply.__name__)]})]}


def _schemas(models: Sequence[ServedModel]) -> Json:
    _, document = models_json_schema(
        [(model, "validation") for model in _MODELS],
        ref_template="#/components/schemas/{model}",
    )
    schemas: Json = document["$defs"]
    found = dict(schemas)
    for name, task in _TASKS.items():
        own = [served for served in models if served.task == name]
        found |= narrowed(schemas, task.request, own)
        for served in own:
            found |= narrowed(schemas, task.request, [served], own=True)
    return found


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _array(items: Json) -> Json:
    return {"type": "array", "items": items}


@dataclass(frozen=True, slots=True)
class _Task:
    """A task's route, and what it takes and replies for one input."""

    path: str
    summary: str
    request: type[BaseModel]
    reply: Json


_ANSWER = _ref(AnswerReply.__name__)
_TASKS: dict[TaskName, _Task] = {
    "classification": _Task(
        "/classify",
        "Labels of a text, best first.",
        ClassifyRequest,
        _array(_ref(LabelReply.__name__)),
    ),
    "extraction": _Task(
        "/extract",
        "Entities of a text, by start.",
        ExtractRequest,
        _array(_ref(EntityReply.__name__)),
    ),
    "qa": _Task(
        "/answer",
        "The stretch of a context that answers.",
        AnswerRequest,
        {"oneOf": [_ANSWER, _array(_ANSWER)]},
    ),
}
