"""Guards of the service."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from qualification.guards import guard, replaced

FOR_EVER_S = 1e6


def setting(**values: Any) -> None:
    """Change defaults of the service's settings."""
    from burnish.service.settings import Settings

    defaults: dict[str, Any] = Settings.__init__.__kwdefaults__ or {}
    for name, value in values.items():
        defaults[name]  # there is such a setting
        defaults[name] = value


@guard
def hasty() -> None:
    """No guard less: deadlines of 1 and 2 seconds, for quick runs."""
    setting(header_timeout_s=1.0, body_timeout_s=2.0)


@guard
def no_deadlines() -> None:
    """Headers and bodies may take for ever."""
    setting(header_timeout_s=FOR_EVER_S, body_timeout_s=FOR_EVER_S)


@guard
def endless_drain() -> None:
    """A stopping server waits for every client."""
    from burnish.service import server

    replaced(server, "_DRAIN_S", int(FOR_EVER_S))


@guard
def no_drain() -> None:
    """A stopping server drops what it is answering."""
    from burnish.service import server

    replaced(server, "_DRAIN_S", 0)


@guard
def no_body_limit() -> None:
    """Bodies of any size."""
    setting(max_body_bytes=1 << 40)


@guard
def no_depth_limit() -> None:
    """The parser alone decides how deep JSON may be."""
    import json

    from burnish.service.api import parsing

    replaced(parsing, "parse_json", lambda body, *_: json.loads(body))


@guard
def other_envelope() -> None:
    """Errors have another shape than the one that is documented."""
    import json

    from burnish.service.http import raw_response

    replaced(raw_response, "envelope", lambda _, message: json.dumps({"detail": message}).encode())


@guard
def split_graphemes() -> None:
    """Offsets as the tokenizer has them."""
    from burnish.tasks.extraction import settings as extraction
    from burnish.tasks.qa import stretches

    for module in (extraction, stretches):
        replaced(module, "snap_to_graphemes", lambda text, start, end: (start, end))


@guard
def on_the_loop() -> None:
    """Long parsing and writing hold up every other request."""
    import asyncio

    from burnish.service.scheduling import inference

    async def at_once(function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        return function(*arguments, **named)

    async def aside(_: Any, function: Callable[[], Any], __: Any = None) -> Any:
        return function()

    replaced(asyncio, "to_thread", at_once)
    replaced(inference.Inference, "_run_aside", aside)


@guard
def no_admission() -> None:
    """Whatever comes is queued."""
    from burnish.service.scheduling import admission

    replaced(admission.Admission, "check", lambda *_, **__: None)


@guard
def first_come() -> None:
    """Work is done in the order in which it came, and no worker is kept for what is short."""
    _ordered(lambda works: works[0])


@guard
def last_come_first() -> None:
    """The newest work is done before all that waits."""
    _ordered(lambda works: works[-1])


def _ordered(choose: Callable[[list[Any]], Any]) -> None:
    from burnish.runtime import fairness, workers

    kept: list[Any] = []

    def take(_: Any, *, long: bool) -> Any:
        del long
        kept[:] = [work for work in kept if work.waiting]
        return choose(kept) if kept else None

    replaced(fairness.FairQueue, "put", lambda _, work: kept.append(work))
    replaced(fairness.FairQueue, "take", take)
    replaced(fairness.FairQueue, "clear", lambda _: kept)
    replaced(workers.Workers, "_reserved_s", lambda _: 0.0)


@guard
def one_queue() -> None:
    """Nobody looks at whose a request is."""
    from burnish.runtime import workers

    backlog, submit = workers.Workers.backlog, workers.Workers.submit

    def of_all(self: Any, _: str = "", cost_ms: float = 0.0) -> Any:
        return backlog(self, "", cost_ms)

    def without_flow(self: Any, job: Any) -> None:
        job.flow = ""
        submit(self, job)

    replaced(workers.Workers, "backlog", of_all)
    replaced(workers.Workers, "submit", without_flow)


@guard
def fails_together() -> None:
    """An item that cannot be answered fails its request."""
    from burnish.errors import InputError
    from burnish.runtime import job

    put = job.Job._put

    def all_or_none(self: Any, number: int, result: Any) -> None:
        if isinstance(result, InputError):
            self.settle(result)
        else:
            put(self, number, result)

    replaced(job.Job, "_put", all_or_none)


@guard
def ignores_leaving() -> None:
    """Work is done for clients that have gone."""
    from burnish.service.http import protocol

    replaced(protocol.Connection, "_set_on_disconnect", lambda *_: None)


@guard
def keys_for_ever() -> None:
    """An expired key opens as before."""
    from burnish.service.access import keyring

    entry = keyring._entry

    def endless(key: Any) -> Any:
        return entry(key.model_copy(update={"expires": None}))

    replaced(keyring, "_entry", endless)


@guard
def no_digests() -> None:
    """Files of a bundle are not held against its manifest."""
    from burnish import bundle

    entries: dict[str, Any] = {}
    parse = bundle._parse

    def parsed(directory: Any, content: bytes) -> Any:
        manifest = parse(directory, content)
        entries.clear()
        entries.update(manifest.files)
        return manifest

    replaced(bundle, "_parse", parsed)
    entry = bundle._entry  # of a file that is being written, whose digest nobody has recorded
    replaced(bundle, "_entry", lambda path: entries.get(path.name) or entry(path))
    replaced(bundle, "_is_entry", lambda *_: True)


@guard
def no_names() -> None:
    """Whatever stands in a bundle's directory may stand there."""
    from burnish import bundle

    replaced(bundle, "_check_names", lambda *_, **__: None)


@guard
def late_digest() -> None:
    """An answer carries the digest of whatever is served when it goes out."""
    import asyncio

    from burnish.service import models
    from burnish.service.scheduling import inference

    registries: list[Any] = []
    begin = models.Registry.start

    def started(self: Any) -> None:
        registries.append(self)
        begin(self)

    answer = inference.Inference.answer

    async def late(self: Any, call: Any, asked: Any, served: Any, *rest: Any, **named: Any) -> Any:
        reply = await answer(self, call, asked, served, *rest, **named)
        await asyncio.sleep(0.05)
        now = registries[0].named(served.name).digest.encode()
        reply.headers = tuple((k, now if k == b"x-burnish-model" else v) for k, v in reply.headers)
        return reply

    replaced(models.Registry, "start", started)
    replaced(inference.Inference, "answer", late)


@guard
def logs_bodies() -> None:
    """A line of the log holds what was sent."""
    import logging

    handlers: Any = import_module("burnish.service.http.handlers")
    parse = handlers.parse_request

    def logged(body: bytes, kind: Any) -> Any:
        logging.getLogger("burnish.service").warning("asked: %r", body[:2000])
        return parse(body, kind)

    replaced(handlers, "parse_request", logged)


@guard
def raw_log() -> None:
    """A line of the log holds the path as it was sent."""
    from burnish.service.http import edge

    exchange = edge.Edge.__call__

    async def logged(self: Any, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            print("asked", scope["path"], file=sys.stderr, flush=True)
        await exchange(self, scope, receive, send)

    replaced(edge.Edge, "__call__", logged)


@guard
def orphan() -> None:
    """A child of the server holds its port, and outlives it."""
    import os
    import time

    from burnish.service import server

    configure = server._uvicorn_config

    def forking(*arguments: Any, **named: Any) -> Any:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        return configure(*arguments, **named)

    replaced(server, "_uvicorn_config", forking)


@guard
def calls_home() -> None:
    """The server tells somebody that it has started."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as caller:
        caller.settimeout(0.2)
        with contextlib.suppress(OSError):
            caller.connect(("192.0.2.1", 443))


@guard
def leaks() -> None:
    """Every body stays in memory."""
    handlers: Any = import_module("burnish.service.http.handlers")
    parse = handlers.parse_request
    kept: list[bytes] = []

    def keeping(body: bytes, kind: Any) -> Any:
        kept.append(body + bytes(4096))
        return parse(body, kind)

    replaced(handlers, "parse_request", keeping)
