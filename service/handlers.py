"""The endpoints: a call to a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .cards import model_details, model_summary
from .exchange import Call, Reply, json_reply
from .inference import Inference
from .metrics import Metrics
from .models import Registry, ServedModel, TaskName
from .openapi import openapi_document
from .page import PAGE_HEADERS, page
from .parsing import parse_request
from .refusals import RefusalError
from .replies import TaskRequest
from .requests import AnswerRequest, ClassifyRequest, ExtractRequest

__all__ = ["Handlers"]

_REQUESTS: dict[TaskName, type[TaskRequest]] = {
    "classification": ClassifyRequest,
    "extraction": ExtractRequest,
    "qa": AnswerRequest,
}
_TASK_OF: dict[str, TaskName] = {
    "/classify": "classification",
    "/extract": "extraction",
    "/answer": "qa",
}
_LARGE_BODY_BYTES = 64 * 1024
"""From here on, parsing would hold up other requests."""

_PAGE_MEDIA = PAGE_HEADERS["Content-Type"].encode("ascii")
_PAGE_HEADERS = tuple(
    (name.lower().encode("ascii"), value.encode("ascii"))
    for name, value in PAGE_HEADERS.items()
    if name != "Content-Type"
)

Endpoint = Callable[[Call], Awaitable[Reply]]


class Handlers:
    """The endpoints of one server."""

    def __init__(
        self, registry: Registry, *, inference: Inference, metrics: Metrics, keyed: bool
    ) -> None:
        self._registry = registry
        self._inference = inference
        self._metrics = metrics
        self._keyed = keyed
        self._endpoints: dict[str, Endpoint] = {
            "/": self._page,
            "/classify": self._by_task,
            "/extract": self._by_task,
            "/answer": self._by_task,
            "/models": self._models,
            "/models/{name}": self._model,
            "/livez": self._livez,
            "/readyz": self._readyz,
            "/metrics": self._figures,
            "/openapi.json": self._openapi,
        }

    async def answer(self, call: Call) -> Reply:
        """Answer a call of any route.

        Raises:
            RefusalError: it is not answered.
            ClientGoneError: nobody waits for the answer any more.
        """
        return await self._endpoints[call.route.template](call)

    async def _by_task(self, call: Call) -> Reply:
        task = _TASK_OF[call.route.template]
        workers = self._registry.workers  # not ready: say so before anything is parsed
        self._inference.check_room(call, workers)
        asked = await _parse(call.body, _REQUESTS[task])
        served = self._registry.for_task(task, asked.model)
        _check_caller(call, served)
        return await self._inference.answer(call, asked, served, workers)

    async def _model(self, call: Call) -> Reply:
        served = self._registry.named(call.path.removeprefix("/models/"))
        _check_caller(call, served)
        if call.method != "POST":
            return json_reply(model_details(served))
        workers = self._registry.workers
        self._inference.check_room(call, workers)
        asked = await _parse(call.body, _REQUESTS[served.task])
        if asked.model not in (None, served.name):
            raise RefusalError("validation", "model: the path names another one; leave it out")
        return await self._inference.answer(call, asked, served, workers, nested=True)

    async def _models(self, call: Call) -> Reply:
        found = [each for each in self._registry.models if call.caller.may_ask(each.name)]
        return json_reply({"models": [model_summary(each) for each in found]})

    async def _livez(self, _: Call) -> Reply:
        return json_reply({"status": "alive"})

    async def _readyz(self, _: Call) -> Reply:
        return json_reply({"status": "ready", "models": len(self._registry.models)})

    async def _figures(self, _: Call) -> Reply:
        return Reply(self._metrics.page(), media=self._metrics.content_type)

    async def _openapi(self, _: Call) -> Reply:
        return json_reply(openapi_document(keyed=self._keyed))

    async def _page(self, _: Call) -> Reply:
        return Reply(page(), media=_PAGE_MEDIA, headers=_PAGE_HEADERS)


async def _parse(body: bytes, kind: type[TaskRequest]) -> TaskRequest:
    if len(body) > _LARGE_BODY_BYTES:
        return await asyncio.to_thread(parse_request, body, kind)
    return parse_request(body, kind)


def _check_caller(call: Call, served: ServedModel) -> None:
    if not call.caller.may_ask(served.name):
        raise RefusalError("forbidden", "key: it is not for this model; GET /models lists its own")
