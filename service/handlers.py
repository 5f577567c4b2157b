"""The endpoints: a body to a request, a request to a model, its predictions to a reply."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from burnish.errors import InputError
from burnish.runtime import Model
from burnish.tasks import ClassificationTask, Input, Prediction, Question

from .cards import model_details, model_summary
from .metrics import Metrics
from .openapi import openapi_document
from .parsing import parse_request
from .refusals import RefusalError
from .registry import Registry, TaskName
from .replies import TaskRequest, reply_of, seen
from .requests import AnswerRequest, ClassifyRequest, ExtractRequest, QuestionInput
from .routes import ROUTES
from .settings import Settings

__all__ = ["Handlers"]

_REQUESTS: dict[TaskName, type[TaskRequest]] = {
    "classification": ClassifyRequest,
    "extraction": ExtractRequest,
    "qa": AnswerRequest,
}
_LARGE_BODY_BYTES = 64 * 1024  # from here on, parsing would hold up other requests
_MANY_WINDOWS = 64  # likewise for writing a reply


class Handlers:
    """The endpoints of one server."""

    def __init__(self, registry: Registry, *, settings: Settings, metrics: Metrics) -> None:
        self._registry = registry
        self._settings = settings
        self._metrics = metrics
        self._in_flight = 0

    def routes(self) -> list[StarletteRoute]:
        """Every route of the table, with its endpoint."""
        endpoints = {
            "/classify": self.classify,
            "/extract": self.extract,
            "/answer": self.answer,
            "/models": self.models,
            "/models/{name}": self.model,
            "/livez": self.livez,
            "/readyz": self.readyz,
            "/metrics": self.metrics,
            "/openapi.json": self.openapi,
        }
        return [
            StarletteRoute(route.template, endpoints[route.template], methods=list(route.methods))
            for route in ROUTES
        ]

    async def classify(self, request: Request) -> Response:
        """``POST /classify``."""
        return await self._by_task(request, "classification")

    async def extract(self, request: Request) -> Response:
        """``POST /extract``."""
        return await self._by_task(request, "extraction")

    async def answer(self, request: Request) -> Response:
        """``POST /answer``."""
        return await self._by_task(request, "qa")

    async def model(self, request: Request) -> Response:
        """``GET`` and ``POST /models/{name}``."""
        model = self._registry.named(request.path_params["name"])
        if request.method != "POST":
            return _json(model_details(model))
        with self._slot():
            asked = await _parse(await request.body(), _REQUESTS[model.task])
            if asked.model not in (None, model.name):
                raise RefusalError("validation", "model: the path names another one; leave it out")
            return await self._infer(asked, model, nested=True)

    async def models(self, _: Request) -> Response:
        """``GET /models``."""
        return _json({"models": [model_summary(model) for model in self._registry.models]})

    async def livez(self, _: Request) -> Response:
        """``GET /livez``: the process answers."""
        return _json({"status": "alive"})

    async def readyz(self, _: Request) -> Response:
        """``GET /readyz``: the models are loaded."""
        return _json({"status": "ready", "models": len(self._registry.models)})

    async def metrics(self, _: Request) -> Response:
        """``GET /metrics``."""
        return Response(self._metrics.page(), headers={"Content-Type": self._metrics.content_type})

    async def openapi(self, _: Request) -> Response:
        """``GET /openapi.json``."""
        return _json(openapi_document(keyed=self._settings.api_key is not None))

    async def _by_task(self, request: Request, task: TaskName) -> Response:
        _ = self._registry.models  # not ready: say so before anything is parsed
        with self._slot():
            asked = await _parse(await request.body(), _REQUESTS[task])
            return await self._infer(asked, self._registry.for_task(task, asked.model))

    async def _infer(self, asked: TaskRequest, model: Model, *, nested: bool = False) -> Response:
        _check_limits(asked, model)
        _check_function(asked, model)
        results = await self._results(model, [_input(item) for item in asked.items])
        amount = seen(results)
        self._metrics.read(model.name, amount)
        headers = {
            "X-Burnish-Model": model.bundle.digest,
            "X-Burnish-Tokens": str(amount.tokens),
            "X-Burnish-Windows": str(amount.windows),
        }

        def write() -> Response:
            task = model.bundle.manifest.task
            return _json(reply_of(asked, results, task, nested=nested), headers)

        return await asyncio.to_thread(write) if amount.windows > _MANY_WINDOWS else write()

    async def _results(self, model: Model, inputs: list[Input]) -> list[Prediction | InputError]:
        future = model.submit(inputs)
        try:
            async with asyncio.timeout(self._settings.request_timeout_s):
                return await asyncio.wrap_future(future)
        except TimeoutError:  # the future is cancelled, and with it the work that has not begun
            raise RefusalError(
                "deadline",
                f"no answer within {self._settings.request_timeout_s:g} seconds, the work was "
                "dropped; send less text a request",
            ) from None

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """One of the places for requests being answered.

        Raises:
            RefusalError: all are taken.
        """
        if self._in_flight >= self._settings.max_requests:
            raise RefusalError(
                "overloaded",
                f"{self._settings.max_requests} requests are being answered, ask again later",
                headers={"Retry-After": "1"},
            )
        self._in_flight += 1
        self._metrics.in_flight.set(self._in_flight)
        try:
            yield
        finally:
            self._in_flight -= 1
            self._metrics.in_flight.set(self._in_flight)


async def _parse(body: bytes, kind: type[TaskRequest]) -> TaskRequest:
    if len(body) > _LARGE_BODY_BYTES:
        return await asyncio.to_thread(parse_request, body, kind)
    return parse_request(body, kind)


def _check_limits(asked: TaskRequest, model: Model) -> None:
    """The bundle's own limits, where they are tighter than the service's."""
    limits = model.bundle.manifest.limits
    if len(asked.items) > limits.max_inputs:
        raise RefusalError("validation", f"inputs: at most {limits.max_inputs} for this model")
    for item in asked.items:
        text = item.context if isinstance(item, QuestionInput) else item
        if len(text) > limits.max_characters:
            raise RefusalError(
                "validation",
                f"inputs: a text has at most {limits.max_characters} characters for this model",
            )


def _check_function(asked: TaskRequest, model: Model) -> None:
    """Scores are what the model was trained for; a caller may name that and nothing else."""
    task = model.bundle.manifest.task
    if isinstance(asked, ClassifyRequest) and isinstance(task, ClassificationTask):
        own = "sigmoid" if task.multi_label else "softmax"
        if asked.parameters.function_to_apply not in (None, own):
            raise RefusalError(
                "validation", f"parameters.function_to_apply: this model has {own}; leave it out"
            )


def _input(item: str | QuestionInput) -> Input:
    return item if isinstance(item, str) else Question(item.question, item.context)


def _json(content: Any, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body.encode("utf-8"), media_type="application/json", headers=headers)
