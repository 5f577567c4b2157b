"""``/openapi.json``: written from the request and reply models, so it cannot fall behind them.

It names the models that are loaded. Every model is asked on one path with its name as a parameter:
a path for each model would give generated clients a function for each model, and none for the
model that is loaded tomorrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import burnish

from ..errors import STATUS_OF, ErrorType
from ..models import ServedModel
from ..routes import KEYLESS_ROUTES, LABEL_STUDIO_ROUTES, NAME_PATTERN, TASK_PATHS
from .model_info import ModelDetails, ModelsReply
from .model_schemas import model_schema_name, narrowed, portable
from .replies import ErrorReply
from .tasks import SERVICE_TASKS, ServiceTask, array_of, schema_ref, tasks_at

__all__ = ["openapi_document"]

Json = dict[str, Any]
AnyTask = ServiceTask[Any, Any, Any]

_DESCRIPTION = (
    "Classification, extraction and question answering. Offsets are Unicode code points. A text "
    "longer than a model's window is read whole, in overlapping windows. A body has at most 1 MiB."
)
_MODELS: tuple[type[BaseModel], ...] = (
    *dict.fromkeys(task.request for task in SERVICE_TASKS.values()),
    *dict.fromkeys(reply for task in SERVICE_TASKS.values() for reply in task.replies),
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
    "description": "How long the client waits, in milliseconds. A request that cannot be answered "
    "in that time is refused at once; one that was not is then dropped: 504.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
}
_HEADERS: Json = {
    "X-Request-ID": {
        "description": "The caller's own, if it is 1 to 64 letters, digits or hyphens.",
        "schema": {"type": "string"},
    },
    "X-Burnish-Model": {
        "description": "Digest of the model that answered.",
        "schema": {"type": "string"},
    },
    "X-Burnish-Tokens": {
        "description": "Tokens read, summed over the inputs.",
        "schema": {"type": "integer"},
    },
    "X-Burnish-Windows": {
        "description": "Windows of these tokens, summed over the inputs.",
        "schema": {"type": "integer"},
    },
}


def openapi_document(
    models: Sequence[ServedModel] = (), *, keyed: bool, label_studio: bool = False
) -> Json:
    """The OpenAPI 3.1 document.

    Args:
        models: the loaded ones, as far as the caller may ask them.
        keyed: whether callers need the API key.
        label_studio: whether Label Studio's routes are served.
    """
    paths = {
        **_inference_paths(models),
        "/models/{name}": _model_path(models),
        **_reading_paths(),
        **(_label_studio_paths() if label_studio else {}),
    }
    components: Json = {"schemas": _schemas(models), "headers": _HEADERS}
    if keyed:
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        _ask_for_key(paths)
    info = {"title": "burnish", "version": burnish.__version__, "description": _DESCRIPTION}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": components}


def _inference_paths(models: Sequence[ServedModel]) -> Json:
    return {path: {"post": _inference(path, models)} for path in TASK_PATHS.values()}


def _inference(path: str, models: Sequence[ServedModel]) -> Json:
    """The path of some tasks: those of loaded models, or all of them where none is loaded."""
    found = tasks_at(path)
    tasks = _loaded(found, models) or list(found.values())
    summary = " ".join(task.summary for task in tasks)
    replies = [form for task in tasks for form in (task.reply, array_of(task.reply), _many(task))]
    request = _any_of([schema_ref(task.request) for task in tasks])
    return _post(path.strip("/"), summary, request, _any_of(replies))


def _loaded(tasks: Mapping[str, AnyTask], models: Sequence[ServedModel]) -> list[AnyTask]:
    return [task for name, task in tasks.items() if any(each.task == name for each in models)]


def _model_path(models: Sequence[ServedModel]) -> Json:
    """The path of a model; its body is that of a loaded model's task, of any task where none is."""
    tasks = _loaded(SERVICE_TASKS, models) or list(SERVICE_TASKS.values())
    request = _any_of([schema_ref(model_schema_name(task.request)) for task in tasks])
    reply = _any_of(
        [
            *(task.single for task in tasks),
            *(array_of(task.reply) for task in tasks if not task.nested),
            *(_many(task) for task in tasks),
        ]
    )
    summary = "Ask a model by its name, as InferenceClient of huggingface_hub does."
    details = schema_ref(ModelDetails)
    get = _get(
        "getModel", "A model, its figures and its card.", details, ["not_found", "not_ready"]
    )
    item = {"get": get, "post": _post("askModel", summary, request, reply)}
    for operation in item.values():
        operation["parameters"] = [_name_of(models), *operation.get("parameters", [])]
    return item


def _name_of(models: Sequence[ServedModel]) -> Json:
    """The path's parameter: the loaded names are examples, since others may be loaded tomorrow."""
    parameter: Json = {
        "name": "name",
        "in": "path",
        "required": True,
        "description": "A model's name, as GET /models lists it.",
        "schema": {"type": "string", "pattern": f"^{NAME_PATTERN}$"},
    }
    if models:
        parameter["examples"] = {served.name: {"value": served.name} for served in models}
    return parameter


def _reading_paths() -> Json:
    page = {"type": "object"}
    models = schema_ref(ModelsReply)
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


def _label_studio_paths() -> Json:
    """What Label Studio asks; its own documents describe the bodies."""
    said = {"type": "object"}
    found: Json = {}
    for route in LABEL_STUDIO_ROUTES:
        name = f"labelStudio{route.template.strip('/').title()}"
        item: Json = {}
        found[route.template] = item
        if "GET" in route.methods:
            item["get"] = _get(name, "Asked by Label Studio.", said, ["not_ready"])
        if "POST" in route.methods:
            name = f"{name}Post" if item else name
            item["post"] = _post(name, "Sent by Label Studio.", said, said)
    return found


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
        "content": {"application/json": {"schema": schema_ref(ErrorReply)}},
    }


def _ask_for_key(paths: Json) -> None:
    for template, path in paths.items():
        for verb, operation in path.items():
            if verb != "parameters" and template not in KEYLESS_ROUTES:
                operation["security"] = [{"key": []}]
                operation["responses"]["401"] = _error("unauthorized")


def _many(task: AnyTask) -> Json:
    """The replies to a list, with an error for each input that has no answer.

    It would cover a list without errors too. The document describes that one separately, since
    generated clients take the first form that fits, and some cannot read a mixed list.
    """
    found: Json = array_of({"anyOf": [task.reply, schema_ref(ErrorReply)]})
    return found


def _any_of(schemas: Sequence[Json]) -> Json:
    """Any of these schemas, each once: tasks of one path may have the same reply."""
    once = [schema for place, schema in enumerate(schemas) if schema not in schemas[:place]]
    return once[0] if len(once) == 1 else {"anyOf": once}


def _schemas(models: Sequence[ServedModel]) -> Json:
    _, document = models_json_schema(
        [(model, "validation") for model in _MODELS],
        ref_template="#/components/schemas/{model}",
    )
    schemas: Json = portable(document["$defs"])
    found = dict(schemas)
    for name, task in SERVICE_TASKS.items():
        own = [served for served in models if served.task == name]
        found |= narrowed(schemas, task, own)
    return found
