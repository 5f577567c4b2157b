"""Loading one bundle: a check for memory, a trial in another process, its self-test, a warm-up."""

from __future__ import annotations

import threading
from collections.abc import Collection
from concurrent.futures import Future, wait

from burnish.bundle import read_bundle
from burnish.errors import BundleError, BurnishError
from burnish.runtime import Model, Workers, open_model
from burnish.self_test.replay import check_bundle
from burnish.self_test.trial import deadline_for, try_bundle
from burnish.signing.trust import Trust

from .memory import check_room, memory_need
from .served import ServedModel
from .sources import Candidate, Source

__all__ = ["load_served", "reason_of"]

_END_WITHIN_S = 10.0
_TRIED: set[str] = set()
"""Digests of bundles that a trial has found to load."""


def load_served(
    source: Source,
    candidate: Candidate,
    *,
    workers: Workers,
    limit: int | None,
    timeout_s: float | None,
    beside: Collection[ServedModel],
    trust: Trust | None,
    digest: str,
) -> ServedModel:
    """Load a bundle and check all of it, without a change to the models in service.

    Args:
        source: has the name.
        candidate: the bundle.
        workers: compute for every model.
        limit: the most memory that the process may hold, in bytes.
        timeout_s: for the trial, and again for loading here; None: by the bundle's size.
        beside: the models that are loaded; equal parts are shared with them.
        trust: whose signature the bundle must have.
        digest: the bundle's, by which it was chosen: what is in its place by now is refused.

    Raises:
        SignatureError: it is not signed by a trusted key.
        BundleError: it is damaged, answers otherwise than at export, or is not ready in time.
        MemoryLimitError: there is no room for it.
    """
    if limit is not None:
        loaded = {digest for each in beside for digest in _digests(each.model)}
        need = memory_need(candidate.path, threads=workers.threads, loaded=loaded)
        check_room(candidate.path, need, limit=limit)
    timeout_s = deadline_for(candidate.path) if timeout_s is None else timeout_s
    bundle = read_bundle(candidate.path, trust=trust, digest=digest)  # damage costs no process
    if bundle.digest not in _TRIED:
        try_bundle(candidate.path, digest=bundle.digest, deadline_s=timeout_s)
        _TRIED.add(bundle.digest)
    model = open_model(bundle, workers=workers, probe=False)  # what was tried, or nothing
    _check_in_time(model, timeout_s=timeout_s)
    name = source.name or bundle.manifest.name
    return ServedModel(name, candidate.version, model, bundle.digest, candidate.path, bundle.card)


def _check_in_time(model: Model, *, timeout_s: float) -> None:
    """Run a model's self-test here too: a graph that ended in the trial may be random."""
    checked: Future[None] = Future()

    def check() -> None:
        try:
            model.probe()
            check_bundle(model)
        except BaseException as error:  # noqa: BLE001  raised where it is waited for
            checked.set_exception(error)
        else:
            checked.set_result(None)

    threading.Thread(target=check, name="burnish-check", daemon=True).start()
    try:
        checked.result(timeout_s)
    except TimeoutError:
        with model.ended():
            wait([checked], _END_WITHIN_S)
        raise BundleError(
            f"{model.bundle.path}: it did not finish its self-test within {timeout_s:.0f} seconds, "
            "although it did in a trial: its graph does not always end",
            "export the run again: burnish export RUN -o BUNDLE",
        ) from None


def reason_of(error: BaseException) -> str:
    """An error with its hint, on one line, for a log in which no text may begin a line."""
    known = isinstance(error, BurnishError)
    text = str(error) if known else f"{type(error).__name__}: {error}"
    one_line = " ".join(text.split())
    return "".join(each if each.isprintable() else "?" for each in one_line)


def _digests(model: Model) -> set[str]:
    tokenizer = model.bundle.manifest.files["tokenizer.json"]
    return {*model.bundle.graph_digests, tokenizer.sha256}
