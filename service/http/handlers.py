"""The endpoints: a call to a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..access import Caller
from ..api.model_info import model_details, model_summary
from ..api.parsing import Kinds, parse_request
from ..api.requests import TaskRequest
from ..api.tasks import SERVICE_TASKS, ServiceTask, tasks_at
from ..call import Call, Reply, json_reply
from ..documents import Documents
from ..errors import RefusalError
from ..metrics import Metrics
from ..models import Registry, ServedModel, check_caller
from ..page import PAGE_HEADERS, page
from ..routes import TASK_PATHS, Route, model_name
from ..scheduling.inference import Inference

__all__ = ["Handlers"]

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

AnyTask = ServiceTask[Any, Any, Any]
Endpoint = Callable[[Call], Awaitable[Reply]]


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
            **dict.fromkeys(TASK_PATHS.values(), self._by_task),
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
        answer = self._endpoints[call.route.template](call)
        return await (self._inference.awaited(call, answer) if call.method == "POST" else answer)

    def check_room(self, route: Route, path: str, caller: Caller) -> None:
        """Refuse what is posted while the queue is full, before a body is parsed.

        Raises:
            RefusalError: 429, or it is not answered anyway.
        """
        workers = self._registry.workers  # not ready: say so before anything is parsed
        if route.template not in TASK_PATHS.values():
            check_caller(caller, self._registry.named(model_name(path)))
        self._inference.check_room(caller, workers)

    async def _by_task(self, call: Call) -> Reply:
        self.check_room(call.route, call.path, call.caller)
        tasks = tasks_at(call.route.template)
        asked = await _parse(call.body, lambda named: self._kinds(named, tasks, call.caller))
        names = [name for name, task in tasks.items() if isinstance(asked, task.request)]
        served = self._registry.for_task(names, asked.model, call.caller)
        return await self._inference.answer(call, asked, served, self._registry.workers)

    def _kinds(
        self, named: object, tasks: Mapping[str, AnyTask], caller: Caller
    ) -> list[type[TaskRequest]]:
        """What a body may be: a request to the model that it names, or to any that may be asked."""
        models = [each for each in self._registry.models if caller.may_ask(each.name)]
        found = {each.task for each in models if named in (None, each.name)}
        kinds = [task.request for name, task in tasks.items() if name in found]
        return kinds or [task.request for task in tasks.values()]

    async def _model(self, call: Call) -> Reply:
        served = self._registry.named(model_name(call.path))
        check_caller(call.caller, served)
        if call.method != "POST":
            return json_reply(model_details(served))
        self._inference.check_room(call.caller, workers := self._registry.workers)
        asked = await _parse(call.body, lambda _: [SERVICE_TASKS[served.task].request])
        if asked.model not in (None, served.name):
            raise RefusalError("validation", "model: the path names another one; leave it out")
        return await self._inference.answer(call, asked, served, workers, nested=True)

    def _of(self, call: Call) -> list[ServedModel]:
        """The models that a caller may ask."""
        return [each for each in self._registry.models if call.caller.may_ask(each.name)]

    async def _models(self, call: Call) -> Reply:
        return json_reply({"models": [model_summary(each) for each in self._of(call)]})

    async def _livez(self, _: Call) -> Reply:
        return json_reply({"status": "alive"})

    async def _readyz(self, _: Call) -> Reply:
        return json_reply({"status": "ready", "models": len(self._registry.models)})

    async def _figures(self, _: Call) -> Reply:
        return Reply(self._metrics.page(), media=self._metrics.content_type)

    async def _openapi(self, call: Call) -> Reply:
        models = self._of(call) if self._registry.ready else []
        return Reply(await self._documents.of(models))

    async def _page(self, _: Call) -> Reply:
        return Reply(page(), media=_PAGE_MEDIA, headers=_PAGE_HEADERS)


async def _parse(body: bytes, kinds: Kinds) -> TaskRequest:
    if len(body) <= _LARGE_BODY_BYTES:
        return parse_request(body, kinds)
    try:
        return await asyncio.to_thread(parse_request, body, kinds)
    except RefusalError:
        await asyncio.sleep(_LATE_S)
        raise
