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

from ..access import Caller, Rates
from ..api.parsing import explain_item
from ..api.requests import TaskRequest, WrongItem
from ..api.responses import reply_of
from ..api.tasks import SERVICE_TASKS, ServiceTask
from ..call import Call, Reply, json_reply
from ..errors import RefusalError, stopping
from ..metrics import Metrics
from ..models import ServedModel
from .admission import Admission
from .completions import Completions
from .memory_budget import Hold, MemoryBudget, trim_heap

__all__ = ["ClientGoneError", "Inference"]

_LARGE_CHARACTERS = 4096
"""From here on, tokenizing would hold up other requests."""
_MANY_WINDOWS = 64
"""Likewise for writing a reply."""
_SURE = 0.5
"""Of the cost that a text's characters let expect: what is refused before it is tokenized."""
_TOKENS_A_CHARACTER = 0.25
_TRIMMED_BYTES = 8 * 2**20
"""A request that held more is worth a walk over the heap."""
_TRIM_AFTER_S = 0.05
"""Until what the request held is let go of."""
_RATIO_SHARE = 0.02

ResultT = TypeVar("ResultT")


class ClientGoneError(Exception):
    """The client left before its answer was there."""


class Inference:
    """Answers requests with models. Used by one event loop."""

    def __init__(
        self,
        *,
        admission: Admission,
        memory: MemoryBudget,
        rates: Rates,
        metrics: Metrics,
        timeout_s: float,
    ) -> None:
        self._admission = admission
        self._memory = memory
        self._rates = rates
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
            RefusalError: 429.
        """
        self._admission.check_room(workers, caller.key_id)

    async def awaited(self, call: Call, answer: Awaitable[Reply]) -> Reply:
        """The answer to a call, given up at its deadline, or when its client leaves.

        Raises:
            RefusalError: 504, or it is not answered.
            ClientGoneError: nobody waits for the answer any more.
        """
        gone = False

        def leave() -> None:
            nonlocal gone
            gone = True
            with suppress(RuntimeError):  # it has ended by itself
                waiting.reschedule(asyncio.get_running_loop().time())

        try:
            async with asyncio.timeout(call.deadline_s - time.monotonic()) as waiting:
                call.leaving(leave)
                return await answer
        except TimeoutError:
            if gone:
                raise ClientGoneError from None
            raise _late(call, self._timeout_s) from None

    async def answer(
        self,
        call: Call,
        asked: TaskRequest,
        served: ServedModel,
        workers: Workers,
        *,
        nested: bool = False,
    ) -> Reply:
        """Answer what was asked.

        Raises:
            RefusalError: it is not answered.
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
            self._answer, call, asked, served, workers, inputs, characters, faults, nested=nested
        )
        if characters <= _LARGE_CHARACTERS:
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
        call: Call,
        asked: TaskRequest,
        served: ServedModel,
        workers: Workers,
        inputs: list[Input],
        characters: int,
        faults: dict[int, RefusalError],
        *,
        hold: Hold | None,
        nested: bool,
    ) -> Reply:
        model = _abstaining(asked, served.model)
        prepared = await self._prepare(call, model, inputs, characters, workers, hold)
        if hold is not None:
            hold.resize(model.answering_bytes(prepared))
        self._admit(call, prepared, workers)
        results = await self._compute(call, model, prepared, workers)

        def write() -> Reply:
            self._metrics.answered(served, prepared, results)
            settings = served.model.bundle.manifest.task
            told = [faults.get(number, result) for number, result in enumerate(results)]
            task = SERVICE_TASKS[served.task]
            return json_reply(reply_of(asked, told, task, settings, nested=nested))

        many = prepared.windows > _MANY_WINDOWS
        reply = await self._run_aside(write, hold) if many else write()
        reply.headers = (
            (b"x-burnish-model", served.digest.encode("ascii")),
            (b"x-burnish-tokens", b"%d" % prepared.tokens),
            (b"x-burnish-windows", b"%d" % prepared.windows),
        )
        reply.model, reply.items, reply.tokens = served.digest, len(inputs), prepared.tokens
        return reply

    async def _prepare(
        self,
        call: Call,
        model: Model,
        inputs: list[Input],
        characters: int,
        workers: Workers,
        hold: Hold | None,
    ) -> Prepared:
        """Tokenize; a large request is weighed by its characters first."""
        if characters <= _LARGE_CHARACTERS:
            return model.prepare(inputs)
        window = model.bundle.manifest.task.max_length
        expected = characters * self._tokens_a_character / window * model.costs.window_ms(window)
        flow = call.caller.key_id
        self._admission.check(workers, flow, _SURE * expected, patience_ms=call.patience_ms)
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

    def _admit(self, call: Call, prepared: Prepared, workers: Workers) -> None:
        caller = call.caller
        patience_ms = call.patience_ms
        if patience_ms is not None:
            patience_ms = min(patience_ms, 1e3 * (call.deadline_s - time.monotonic()))
        self._admission.check(workers, caller.key_id, prepared.cost_ms, patience_ms=patience_ms)
        if caller.tokens_per_minute is not None:
            wait_s = self._rates.take_tokens(caller, prepared.tokens, time.monotonic())
            if wait_s > 0:
                raise self._admission.refuse_rate(wait_s)

    async def _compute(
        self, call: Call, model: Model, prepared: Prepared, workers: Workers
    ) -> Results:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Results] = loop.create_future()

        job: Job[Input] = model.start(
            prepared,
            done=self._completions.teller(loop, outcome),
            flow=call.caller.key_id,
            deadline_s=call.deadline_s,
        )
        try:
            return await outcome
        except DeadlineError:
            raise _late(call, self._timeout_s) from None
        except BurnishError:  # the workers are closed
            raise stopping() from None
        finally:
            if not outcome.done() or outcome.cancelled():
                workers.drop(job, BurnishError("the request has ended"))


def _late(call: Call, timeout_s: float) -> RefusalError:
    if call.patience_ms is not None and call.patience_ms < 1e3 * timeout_s:
        return RefusalError(
            "deadline",
            "X-Burnish-Deadline-Ms: the answer was not ready in time; its work was dropped",
        )
    return RefusalError(
        "deadline",
        f"no answer within {timeout_s:g} seconds, the work was dropped; send less text per request",
    )


def _faults(
    asked: TaskRequest, model: Model, task: ServiceTask[Any, Any, Any]
) -> dict[int, RefusalError]:
    """What is wrong with inputs of a list, by their place; each fails alone.

    Raises:
        RefusalError: the only input is longer, or there are more, than the bundle's own limits
            allow, where they are tighter than the service's.
    """
    limits = model.bundle.manifest.limits
    if len(asked.items) > limits.max_inputs:
        raise RefusalError("validation", f"inputs: at most {limits.max_inputs} for this model")
    too_long = RefusalError(
        "validation",
        f"inputs: a text has at most {limits.max_characters} characters for this model",
    )
    faults: dict[int, RefusalError] = {}
    for number, item in enumerate(asked.items):
        if isinstance(item, WrongItem):
            faults[number] = explain_item(item, number, type(asked))
        elif task.longest(item) > limits.max_characters:
            faults[number] = too_long
    if faults and not asked.several:
        raise too_long
    return faults


def _abstaining(asked: TaskRequest, model: Model) -> Model:
    """The model, marking what this request asks for."""
    wish = asked.parameters.abstain
    if wish is None:
        return model
    try:
        return model.abstaining(score=wish.score, reject=wish.reject)
    except InputError as error:
        message = f"parameters.abstain: {error.message}; {error.hint}"
        raise RefusalError("validation", message) from None
