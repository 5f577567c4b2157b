"""Guards of keys, audit log, strangers, and of what `bentoml serve` opens."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Any

from qualification.guards import guard, replaced


@guard
def looks_once() -> None:
    """A version of the key file that cannot be read is not looked at again."""
    from burnish.service.access import AccessError, keyring

    def follow(self: Any) -> None:
        path = self._path
        self._next_check = self._monotonic() + 1.0
        try:
            signature = keyring._signature(os.stat(path))  # noqa: PTH116
        except OSError:
            signature = (0, 0, 0, 0)
        if signature == self._signature:
            return
        try:
            self._read(path)
        except AccessError:
            self._signature = signature

    replaced(keyring.Keyring, "_follow", follow)


@guard
def strangers_at_will() -> None:
    """Whoever shows no known key is answered at once, and each time with a line."""
    from burnish.service.access import Strangers, Verdict

    replaced(Strangers, "take", lambda *_, **__: Verdict(recorded=True, limited=False))


@guard
def blind_readiness() -> None:
    """Readiness is about the models alone."""
    from burnish.service import trail

    replaced(trail.AuditTrail, "check_ready", lambda _: None)


@guard
def blind_log() -> None:
    """Nobody looks what others do to the audit log."""
    from burnish.service.access import chain

    replaced(chain, "change_of", lambda *_: None)


@guard
def panics() -> None:
    """No guard less: the tokenizer panics at a text of the row's own."""
    from burnish import runtime
    from qualification.access import PANICS
    from tests.service.panics import panic

    prepare = runtime.Model.prepare

    def prepared(self: Any, inputs: Any) -> Any:
        if PANICS in inputs:
            panic()
        return prepare(self, inputs)

    replaced(runtime.Model, "prepare", prepared)


@guard
def panics_pass() -> None:
    """What is no `Exception` leaves the edge, and what a library prints the process."""
    from burnish.service import server
    from burnish.service.http import edge

    failure = edge._Exchange._failure

    def passing(self: Any, error: BaseException) -> Any:
        if not isinstance(error, Exception):
            raise error
        return failure(self, error)

    @contextmanager
    def open_output() -> Any:
        yield

    replaced(edge._Exchange, "_failure", passing)
    replaced(server, "withheld_native_output", open_output)


@guard
def open_control_socket() -> None:
    """BentoML's arbiter listens where BentoML has it listen."""
    from bentoml._internal.utils import circus

    from burnish.service.control_socket import close_control_socket

    assert callable(close_control_socket)
    begin, create = circus.Arbiter.__init__, circus.create_standalone_arbiter

    def opened(*arguments: Any, **named: Any) -> Any:
        replaced(circus.Arbiter, "__init__", begin)
        return create(*arguments, **named)

    replaced(circus, "create_standalone_arbiter", opened)
