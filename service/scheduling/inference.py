"""A model's answer to a request: tokenize, weigh, admit, compute, and write the reply."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from burnish.errors import BurnishError, DeadlineError, InputError
from burnish.runtime import Job, Model, Prepared, Results, Workers
from burnish.tasks import Input

from ..access import Caller, RateLimiter
from ..api.parsing import explain_item
from ..api.requests import TaskRequest, WrongItem
from ..api.responses import Told
from ..api.tasks import SERVICE_TASKS, ServiceTask
from ..errors import HTTPError, stopping
from ..metrics import Metrics
from ..models import ServedModel
from ..request_context import RequestContext, Response, json_response
from .admission import Admission
from .completions import Completions
from .memory_budget import Hold, MemoryBudget, trim_heap

__all__ = ["ClientGoneError", "Inference", "Reply"]

_LARGE_CHARACTERS = 4096
"""From here on, tokenizing would hold up other requests, and runs on a thread. Chosen."""
_MANY_WINDOWS = 64
"""From here on, writing the response runs on the thread too. Chosen, after long responses had held
the event loop for 250 ms."""
_SURE = 0.5
"""The share of the cost expected from a text's length that must find room before it is tokenized.
Chosen: the expectation may be twice too high."""
_TOKENS_A_CHARACTER = 0.25
"""The ratio at the start; then the average of what is served. Chosen, for English text."""
_TRIMMED_BYTES = 8 * 2**20
"""A request that held more is followed by a walk over the heap (`trim_heap`). Chosen."""
_TRIM_AFTER_S = 0.05
"""How long after the request, so that what it held has been freed. Chosen."""
_RATIO_SHARE = 0.02
"""The weight of one large text in the average tokens per character. Chosen: about 50 count."""

ResultT = TypeVar("ResultT")
Reply = Callable[[Told], Any]
"""Writes the JSON of a request's results."""


class ClientGoneError(Exception):
    """The client left before its answer was there."""


class Inference:
    """Answers requests with models. Used by one event loop."""

    def __init__(
        self,
        *,
        admission: Admission,
        memory: MemoryBudget,
        rate_limiter: RateLimiter,
        metrics: Metrics,
        timeout_s: float,
    ) -> None:
        self._admission = admission
        self._memory = memory
        self._rate_limiter = rate_limiter
        self._metrics = metrics
        self._timeout_s = timeout_s
        self._tokens_a_character = _TOKENS_A_CHARACTER
        self._completions = Completions()
        self._trim_waits = False
        # Large texts are tokenized aside, few at a time: the workers need the processors.
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="burnish-aside")

    def close(self) -> None:
        """End the thread."""
        self._aside.shutdown(wait=False, cancel_futures=True)

    def check_room(self, caller: Caller, workers: Workers) -> None:
        """Refuse while the queue is full, before a body is parsed: a flood must cost little.

        Raises:
            HTTPError: 429.
        """
        self._admission.check_room(workers, caller.key_id)

    async def awaited(self, request: RequestContext, answer: Awaitable[Response]) -> Response:
        """The answer to a request, given up at its deadline, or when its client leaves.

        Raises:
            HTTPError: 504, or it is not answered.
            ClientGoneError: nobody waits for the answer any more.
        """
        gone = False

        def leave() -> None:
            nonlocal gone
            gone = True
            with suppress(RuntimeError):  # it has ended by itself
                waiting.reschedule(asyncio.get_running_loop().time())

        try:
            async with asyncio.timeout(request.deadline_s - time.monotonic()) as waiting:
                request.on_disconnect(leave)
                return await answer
        except TimeoutError:
            if gone:
                raise ClientGoneError from None
            raise _late(request, self._timeout_s) from None

    async def answer(
        self,
        request: RequestContext,
        asked: TaskRequest,
        served: ServedModel,
        workers: Workers,
        *,
        reply: Reply,
    ) -> Response:
        """Answer what was asked.

        Raises:
            HTTPError: it is not answered.
        """
        task = SERVICE_TASKS[served.task]
        faults = _faults(asked, served.model, task)
        task.check(asked.parameters, served.model.bundle.manifest.task)
        inputs = [
            task.nothing if number in faults else task.input(item)
            for number, item in enumerate(asked.items)
        ]
        characters = sum(
            len(text)
            for number, item in enumerate(asked.items)
            if number not in faults
            for text in task.texts(item)
        )
        answer = partial(
            self._answer, request, asked, served, workers, inputs, characters, faults, reply=reply
        )
        if characters <= _LARGE_CHARACTERS and not served.model.writes:
            return await answer(hold=None)
        wanted = served.model.tokenizing_bytes(inputs)
        try:
            hold = self._memory.hold(wanted)
            try:
                return await answer(hold=hold)
            finally:
                hold.let_go()
        finally:
            if wanted > _TRIMMED_BYTES:  # also where it is refused: its body has been parsed
                self._trim_later()

    def _trim_later(self) -> None:
        asyncio.get_running_loop().call_later(_TRIM_AFTER_S, self._trim)

    def _trim(self) -> None:
        """Aside: it walks over the heap. What waits for its turn already trims for all."""
        if not self._trim_waits:
            self._trim_waits = True
            with suppress(RuntimeError):  # the thread has ended
                self._aside.submit(self._trim_aside)

    def _trim_aside(self) -> None:
        self._trim_waits = False
        trim_heap()

    async def _answer(
        self,
        request: RequestContext,
        asked: TaskRequest,
        served: ServedModel,
        workers: Workers,
        inputs: list[Input],
        characters: int,
        faults: dict[int, HTTPError],
        *,
        hold: Hold | None,
        reply: Reply,
    ) -> Response:
        model = _asked(asked, served.model, SERVICE_TASKS[served.task])
        prepared = await self._prepare(request, model, inputs, characters, workers, hold)
        if hold is not None:
            hold.resize(model.answering_bytes(prepared))
        self._admit(request, prepared, workers)
        results = await self._compute(request, model, prepared, workers)

        def write() -> Response:
            self._metrics.answered(served, prepared, results)
            return json_response(
                reply([faults.get(number, result) for number, result in enumerate(results)])
            )

        many = prepared.windows > _MANY_WINDOWS
        response = await self._run_aside(write, hold) if many else write()
        response.headers = (
            (b"x-burnish-model", served.digest.encode("ascii")),
            (b"x-burnish-tokens", b"%d" % prepared.tokens),
            (b"x-burnish-windows", b"%d" % prepared.windows),
        )
        response.model, response.items, response.tokens = (
            served.digest,
            len(inputs),
            prepared.tokens,
        )
        return response

    async def _prepare(
        self,
        request: RequestContext,
        model: Model,
        inputs: list[Input],
        characters: int,
        workers: Workers,
        hold: Hold | None,
    ) -> Prepared:
        """Tokenize; a large request is weighed by its characters first."""
        if characters <= _LARGE_CHARACTERS:
            return model.prepare(inputs)
        expected = model.expected_ms(characters * self._tokens_a_character)
        self._admission.check_possible(workers, _SURE * expected, limit_s=self._timeout_s)
        flow = request.caller.key_id
        self._admission.check(
            workers, flow, _SURE * expected, client_deadline_ms=request.client_deadline_ms
        )
        with workers.expecting(flow, expected):
            prepared = await self._run_aside(lambda: model.prepare(inputs), hold)
        ratio = prepared.tokens / characters
        self._tokens_a_character += _RATIO_SHARE * (ratio - self._tokens_a_character)
        return prepared

    async def _run_aside(self, function: Callable[[], ResultT], hold: Hold | None) -> ResultT:
        """A function's result, computed aside; what it holds is held until it has ended.

        Its client may leave before: then it is not waited for, and goes on.
        """
        future = self._aside.submit(function)
        if hold is not None:
            hold.claim()
            future.add_done_callback(lambda _: hold.let_go())
        return await asyncio.wrap_future(future)

    def _admit(self, request: RequestContext, prepared: Prepared, workers: Workers) -> None:
        caller = request.caller
        self._admission.check_possible(workers, prepared.cost_ms, limit_s=self._timeout_s)
        client_deadline_ms = request.client_deadline_ms
        if client_deadline_ms is not None:
            client_deadline_ms = min(
                client_deadline_ms, 1e3 * (request.deadline_s - time.monotonic())
            )
        self._admission.check(
            workers, caller.key_id, prepared.cost_ms, client_deadline_ms=client_deadline_ms
        )
        if caller.tokens_per_minute is not None:
            wait_s = self._rate_limiter.take_tokens(caller, prepared.tokens, time.monotonic())
            if wait_s > 0:
                raise self._admission.refuse_rate(wait_s)

    async def _compute(
        self, request: RequestContext, model: Model, prepared: Prepared, workers: Workers
    ) -> Results:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Results] = loop.create_future()

        job: Job[Input] = model.start(
            prepared,
            done=self._completions.teller(loop, outcome),
            flow=request.caller.key_id,
            deadline_s=request.deadline_s,
        )
        try:
            return await outcome
        except DeadlineError:
            raise _late(request, self._timeout_s) from None
        except BurnishError:  # the workers are closed
            raise stopping() from None
        finally:
            if not outcome.done() or outcome.cancelled():
                workers.drop(job, BurnishError("the request has ended"))


def _late(request: RequestContext, timeout_s: float) -> HTTPError:
    if request.client_deadline_ms is not None and request.client_deadline_ms < 1e3 * timeout_s:
        return HTTPError(
            "deadline",
            "X-Burnish-Deadline-Ms: the answer was not ready in time; its work was dropped",
        )
    return HTTPError(
        "deadline",
        f"no answer within {timeout_s:g} seconds, the work was dropped; send less text per request",
    )


def _faults(
    asked: TaskRequest, model: Model, task: ServiceTask[Any, Any, Any]
) -> dict[int, HTTPError]:
    """What is wrong with inputs of a list, by their place; each fails alone.

    Raises:
        HTTPError: the only input is longer, or there are more, than the bundle's own limits
            allow, where they are tighter than the service's.
    """
    limits = model.bundle.manifest.limits
    if len(asked.items) > limits.max_inputs:
        raise HTTPError("validation", f"inputs: at most {limits.max_inputs} for this model")
    too_long = HTTPError(
        "validation",
        f"inputs: a text has at most {limits.max_characters} characters for this model",
    )
    faults: dict[int, HTTPError] = {}
    for number, item in enumerate(asked.items):
        if isinstance(item, WrongItem):
            faults[number] = explain_item(item, number, type(asked))
        elif task.longest(item) > limits.max_characters:
            faults[number] = too_long
    if faults and not asked.several:
        raise too_long
    return faults


def _asked(asked: TaskRequest, model: Model, task: ServiceTask[Any, Any, Any]) -> Model:
    """The model with this request's settings, marking what it asks for."""
    own = model.bundle.manifest.task
    changed = task.asked_of(asked.parameters, own)
    model = model if changed is own else model.deciding(changed)
    wish = asked.parameters.abstain
    if wish is None:
        return model
    try:
        return model.abstaining(score=wish.score, reject=wish.reject)
    except InputError as error:
        message = f"parameters.abstain: {error.message}; {error.hint}"
        raise HTTPError("validation", message) from None
