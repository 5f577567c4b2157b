"""The endpoints: from a request to its response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from ..access import Caller
from ..api.aside import parsed
from ..api.model_info import model_details, model_summary
from ..api.parsing import Kinds, parse_request
from ..api.requests import TaskRequest
from ..api.responses import reply_of
from ..api.tasks import SERVICE_TASKS, ServiceTask, tasks_at
from ..documents import Documents
from ..errors import HTTPError
from ..label_studio import LabelStudio
from ..metrics import Metrics
from ..models import Registry, ServedModel, check_caller
from ..page import PAGE_HEADERS, page
from ..request_context import RequestContext, Response, json_response
from ..routes import MODEL_ROUTE, TASK_PATHS, Route, model_name
from ..scheduling.inference import Inference, Reply

__all__ = ["Handlers"]

_PAGE_MEDIA = PAGE_HEADERS["Content-Type"].encode("ascii")
_PAGE_HEADERS = tuple(
    (name.lower().encode("ascii"), value.encode("ascii"))
    for name, value in PAGE_HEADERS.items()
    if name != "Content-Type"
)

AnyTask = ServiceTask[Any, Any, Any]
Endpoint = Callable[[RequestContext], Awaitable[Response]]


class Handlers:
    """The endpoints of one server."""

    def __init__(
        self,
        registry: Registry,
        *,
        inference: Inference,
        metrics: Metrics,
        keyed: bool,
        label_studio: bool = False,
    ) -> None:
        self._registry = registry
        self._inference = inference
        self._metrics = metrics
        self._documents = Documents(keyed=keyed, label_studio=label_studio)
        self._endpoints: dict[str, Endpoint] = {
            "/": self._page,
            **dict.fromkeys(TASK_PATHS.values(), self._by_task),
            "/models": self._models,
            "/models/{name}": self._model,
            "/livez": self._livez,
            "/readyz": self._readyz,
            "/metrics": self._figures,
            "/openapi.json": self._openapi,
            **(LabelStudio(registry, inference).endpoints if label_studio else {}),
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
        if not route.computes:
            return
        workers = self._registry.workers  # not ready: say so before anything is parsed
        if route is MODEL_ROUTE:
            check_caller(caller, self._registry.named(model_name(path)))
        self._inference.check_room(caller, workers)

    async def _by_task(self, request: RequestContext) -> Response:
        self.check_room(request.route, request.path, request.caller)
        tasks = tasks_at(request.route.template)
        asked = await _asked(request.body, lambda named: self._kinds(named, tasks, request))
        names = [name for name, task in tasks.items() if isinstance(asked, task.request)]
        served = self._registry.for_task(names, asked.model, request.caller)
        return await self._inference.answer(
            request, asked, served, self._registry.workers, reply=_reply(asked, served)
        )

    def _kinds(
        self, named: object, tasks: Mapping[str, AnyTask], request: RequestContext
    ) -> list[type[TaskRequest]]:
        """What a body may be: a request to the model that it names, or to any that may be asked."""
        models = self._of(request)
        found = {each.task for each in models if each.name == named} & tasks.keys()
        found = found or {each.task for each in models}
        kinds = [task.request for name, task in tasks.items() if name in found]
        return kinds or [task.request for task in tasks.values()]

    async def _model(self, request: RequestContext) -> Response:
        served = self._registry.named(model_name(request.path))
        check_caller(request.caller, served)
        if request.method != "POST":
            return json_response(model_details(served))
        self._inference.check_room(request.caller, workers := self._registry.workers)
        asked = await _asked(request.body, lambda _: [SERVICE_TASKS[served.task].request])
        if asked.model not in (None, served.name):
            raise HTTPError("validation", "model: the path names another one; leave it out")
        return await self._inference.answer(
            request, asked, served, workers, reply=_reply(asked, served, nested=True)
        )

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


async def _asked(body: bytes, kinds: Kinds) -> TaskRequest:
    return await parsed(body, partial(parse_request, kinds=kinds))


def _reply(asked: TaskRequest, served: ServedModel, *, nested: bool = False) -> Reply:
    """What writes the reply to a request of a model's own route."""
    task, settings = SERVICE_TASKS[served.task], served.model.bundle.manifest.task
    return lambda told: reply_of(asked, told, task, settings, nested=nested)
