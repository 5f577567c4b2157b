"""The endpoints: a call to a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ..access import Caller
from ..api.model_info import model_details, model_summary
from ..api.parsing import parse_request
from ..api.requests import AnswerRequest, ClassifyRequest, ExtractRequest
from ..api.responses import TaskRequest
from ..documents import Documents
from ..errors import HTTPError
from ..metrics import Metrics
from ..models import Registry, ServedModel, TaskName, check_caller
from ..page import PAGE_HEADERS, page
from ..request_context import RequestContext, Response, json_response
from ..routes import Route, model_name
from ..scheduling.inference import Inference

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
_LATE_S = 0.1
"""For a large body that is refused: who sends one after the other takes no more than a small part
of a processor."""

_PAGE_MEDIA = PAGE_HEADERS["Content-Type"].encode("ascii")
_PAGE_HEADERS = tuple(
    (name.lower().encode("ascii"), value.encode("ascii"))
    for name, value in PAGE_HEADERS.items()
    if name != "Content-Type"
)

Endpoint = Callable[[RequestContext], Awaitable[Response]]


class Handlers:
    """The endpoints of one server."""

    def __init__(
        self, registry: Registry, *, inference: Inference, metrics: Metrics, keyed: bool
    ) -> None:
        self._registry = registry
        self._inference = inference
        self._metrics = metrics
        self._documents = Documents(keyed=keyed)
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

    async def answer(self, request: RequestContext) -> Response:
        """Answer a call of any route.

        Raises:
            HTTPError: it is not answered.
            ClientGoneError: nobody waits for the answer any more.
        """
        answer = self._endpoints[request.route.template](request)
        return await (
            self._inference.awaited(request, answer) if request.method == "POST" else answer
        )

    def check_room(self, route: Route, path: str, caller: Caller) -> None:
        """Refuse what is posted while the queue is full, before a body is parsed.

        Raises:
            HTTPError: 429, or it is not answered anyway.
        """
        workers = self._registry.workers  # not ready: say so before anything is parsed
        if route.template not in _TASK_OF:
            check_caller(caller, self._registry.named(model_name(path)))
        self._inference.check_room(caller, workers)

    async def _by_task(self, request: RequestContext) -> Response:
        task = _TASK_OF[request.route.template]
        self.check_room(request.route, request.path, request.caller)
        asked = await _parse(request.body, _REQUESTS[task])
        served = self._registry.for_task(task, asked.model, request.caller)
        return await self._inference.answer(request, asked, served, self._registry.workers)

    async def _model(self, request: RequestContext) -> Response:
        served = self._registry.named(model_name(request.path))
        check_caller(request.caller, served)
        if request.method != "POST":
            return json_response(model_details(served))
        self._inference.check_room(request.caller, workers := self._registry.workers)
        asked = await _parse(request.body, _REQUESTS[served.task])
        if asked.model not in (None, served.name):
            raise HTTPError("validation", "model: the path names another one; leave it out")
        return await self._inference.answer(request, asked, served, workers, nested=True)

    def _of(self, request: RequestContext) -> list[ServedModel]:
        """The models that a caller may ask."""
        return [each for each in self._registry.models if request.caller.may_ask(each.name)]

    async def _models(self, request: RequestContext) -> Response:
        return json_response({"models": [model_summary(each) for each in self._of(request)]})

    async def _livez(self, _: RequestContext) -> Response:
        return json_response({"status": "alive"})

    async def _readyz(self, _: RequestContext) -> Response:
        return json_response({"status": "ready", "models": len(self._registry.models)})

    async def _figures(self, _: RequestContext) -> Response:
        return Response(self._metrics.page(), media=self._metrics.content_type)

    async def _openapi(self, request: RequestContext) -> Response:
        models = self._of(request) if self._registry.ready else []
        return Response(await self._documents.of(models))

    async def _page(self, _: RequestContext) -> Response:
        return Response(page(), media=_PAGE_MEDIA, headers=_PAGE_HEADERS)


async def _parse(body: bytes, kind: type[TaskRequest]) -> TaskRequest:
    if len(body) <= _LARGE_BODY_BYTES:
        return parse_request(body, kind)
    try:
        return await asyncio.to_thread(parse_request, body, kind)
    except HTTPError:
        await asyncio.sleep(_LATE_S)
        raise
