"""The models of one server: found by name or task, and exchanged while they answer.

One immutable mapping holds all models in service. A new version is loaded and checked while the old
one answers; then one assignment replaces the mapping. A request that has taken the old version
keeps it to its end, and the last such request frees its memory.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from burnish.bundle import Manifest, read_bundle, read_manifest
from burnish.errors import BundleError
from burnish.runtime import Workers
from burnish.signing.trust import Trust

from ..errors import HTTPError
from .loading import load_served, reason_of
from .promises import check_former, check_reloaded, check_started, promised
from .served import Outcome, ServedModel
from .sources import Candidate, Source, find_sources

if TYPE_CHECKING:
    from ..access import Caller
    from ..settings import Settings

__all__ = ["Registry", "check_caller"]

logger = logging.getLogger("burnish.service.models")

_TOLD = {
    "added": logging.INFO,
    "switched": logging.INFO,
    "refused": logging.WARNING,
    "gone": logging.WARNING,
}


class Registry:
    """The models of one server, all sharing its worker threads."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is loaded yet.

        Raises:
            AccessError: a file of trusted keys holds no public key.
        """
        self._settings = settings
        self._trust = Trust.read(settings.trust) if settings.trust else None
        self._served: Mapping[str, ServedModel] = MappingProxyType({})
        self._workers: Workers | None = None
        self._closed = False
        self._turn = threading.Lock()
        self.loaded: Future[None] = Future()
        """Done when every bundle is loaded; its exception says which bundle cannot be loaded."""

    def start(self) -> None:
        """Begin to load the bundles."""
        threading.Thread(target=self._load, name="burnish-load", daemon=True).start()

    def close(self) -> None:
        """End the worker threads."""
        self._closed = True
        if self._workers is not None:
            self._workers.close()

    @property
    def ready(self) -> bool:
        """Whether every bundle is loaded."""
        return self.loaded.done() and self.loaded.exception() is None

    @property
    def workers(self) -> Workers:
        """The worker threads.

        Raises:
            HTTPError: the models are still being loaded.
        """
        _ = self.models
        assert self._workers is not None  # noqa: S101  for the type checker
        return self._workers

    @property
    def models(self) -> list[ServedModel]:
        """Every model, by name.

        Raises:
            HTTPError: they are still being loaded.
        """
        if not self.ready:
            raise HTTPError(
                "not_ready",
                "the models are still being loaded, try again in a second; GET /readyz tells",
                headers={"Retry-After": "1"},
            )
        return list(self._served.values())

    def named(self, name: str) -> ServedModel:
        """The model with this name.

        Raises:
            HTTPError: there is none.
        """
        for served in self.models:
            if served.name == name:
                return served
        raise _no_such_model()

    def for_task(self, tasks: Sequence[str], name: str | None, caller: Caller) -> ServedModel:
        """The model for these tasks: the named one, or the only one that the caller may ask.

        Raises:
            HTTPError: there is none, it is not for the caller, it has another task, or several
                could be meant.
        """
        wanted = " or ".join(tasks)
        if name is not None:
            served = self.named(name)
            check_caller(caller, served)
            if served.task not in tasks:
                raise HTTPError(
                    "validation",
                    f"model: it is for {served.task}, the route for {wanted}; "
                    "GET /models lists all",
                )
            return served
        loaded = [served for served in self.models if served.task in tasks]
        candidates = [served for served in loaded if caller.may_ask(served.name)]
        if not candidates:
            raise HTTPError(
                "not_found",
                f"no model for {wanted}, or this key may not use one; GET /models lists your own",
            )
        if len(candidates) > 1:
            names = ", ".join(served.name for served in candidates)
            raise HTTPError("validation", f"model: choose one of {names}")
        return candidates[0]

    def reload(self) -> list[Outcome]:
        """Read the paths again, and serve what has changed; refuse what cannot be served.

        Loads in the calling thread, which must not be an event loop's; several calls take turns.
        Every refusal is logged with name, version and reason, and the old version stays in service.

        Returns:
            one outcome per name, and one per path that holds no bundle.
        """
        with self._turn:
            if self._closed or not self.ready:
                return []
            outcomes: list[Outcome] = []
            # The bundle in service comes first: a second one with its name is the one refused.
            for source in sorted(self._sources(outcomes), key=self._is_newcomer):
                outcomes.append(self._renew(source, taken={each.name for each in outcomes}))
            seen = {each.name for each in outcomes}
            outcomes += [_gone(each) for each in self._served.values() if each.name not in seen]
        for outcome in outcomes:
            _tell(outcome)
        return outcomes

    def _sources(self, outcomes: list[Outcome]) -> list[Source]:
        found: list[Source] = []
        for path in self._settings.bundles:
            try:
                found += find_sources([path])
            except (BundleError, OSError) as error:
                outcomes.append(Outcome("", "", "refused", reason=reason_of(error)))
        return found

    def _renew(self, source: Source, *, taken: set[str]) -> Outcome:
        name, version = source.name, ""
        try:
            candidate = source.active()
            version = candidate.version
            manifest, digest = read_manifest(candidate.path, trust=self._trust)
            name = name or manifest.name
            _check_free(name, candidate, taken)
            old = self._served.get(name)
            if old is not None and old.digest == digest:
                read_bundle(candidate.path, digest=digest)  # the files may be damaged all the same
                if (old.version, old.path) != (version, candidate.path):
                    self._put(replace(old, version=version, path=candidate.path))
                return Outcome(name, version, "kept", digest)
            if old is not None:
                now = old.model.bundle.manifest
                check_reloaded(source, candidate, manifest, served=now, name=name)
            self._put(new := self._load_one(source, candidate, self._served, digest=digest))
        except Exception as error:  # noqa: BLE001  whatever it is, the old one goes on
            name = name or self._name_at(source)
            going_on = self._served.get(name)
            digest = going_on.digest if going_on else ""
            return Outcome(name, version, "refused", digest, reason_of(error))
        return Outcome(name, version, "added" if old is None else "switched", new.digest)

    def _is_newcomer(self, source: Source) -> bool:
        """Whether its name is served from another path, or not at all."""
        try:
            name = source.name or read_manifest(source.path)[0].name
        except (BundleError, OSError):
            name = self._name_at(source)
        served = self._served.get(name)
        return served is None or source.path not in (served.path, served.path.parent)

    def _name_at(self, source: Source) -> str:
        """The name that is served from a path whose manifest can no longer be read."""
        return next((s.name for s in self._served.values() if s.path == source.path), "")

    def _load(self) -> None:
        with self._turn:
            try:
                self._workers = Workers(self._settings.threads, express=True)
                served: dict[str, ServedModel] = {}
                for source in find_sources(self._settings.bundles):
                    model = self._first(source, served)
                    served[model.name] = model
            except BaseException as error:  # noqa: BLE001  whoever waits for `loaded` raises it
                self.loaded.set_exception(error)
            else:
                self._served = MappingProxyType(dict(sorted(served.items())))
                self.loaded.set_result(None)

    def _first(self, source: Source, served: Mapping[str, ServedModel]) -> ServedModel:
        """Load the active version or, if it is refused, the one that was active before it."""
        active = source.active()
        try:
            check = partial(check_started, source, active, name=source.name)
            return self._load_first(source, active, served, check=check)
        except Exception as error:
            former = source.former()
            if not former:
                raise
            _tell(Outcome(source.name, active.version, "refused", reason=reason_of(error)))
            wanted = promised(source.path, active.choice)
            for candidate in former:
                try:
                    check = partial(check_former, source, candidate, wanted)
                    found = self._load_first(source, candidate, served, check=check)
                except Exception as again:  # noqa: BLE001  the next one may be whole
                    refused = candidate.version
                    _tell(Outcome(source.name, refused, "refused", reason=reason_of(again)))
                else:
                    _warn_of_former(source.name, active.version, candidate.version)
                    return found
            raise

    def _load_first(
        self,
        source: Source,
        candidate: Candidate,
        served: Mapping[str, ServedModel],
        *,
        check: Callable[[Manifest], None],
    ) -> ServedModel:
        manifest, digest = read_manifest(candidate.path, trust=self._trust)
        check(manifest)
        _check_free(source.name or manifest.name, candidate, set(served))
        return self._load_one(source, candidate, served, digest=digest)

    def _load_one(
        self,
        source: Source,
        candidate: Candidate,
        beside: Mapping[str, ServedModel],
        *,
        digest: str,
    ) -> ServedModel:
        assert self._workers is not None  # noqa: S101  for the type checker
        return load_served(
            source,
            candidate,
            workers=self._workers,
            limit=self._settings.max_memory_bytes,
            timeout_s=self._settings.load_timeout_s,
            beside=beside.values(),
            trust=self._trust,
            digest=digest,
        )

    def _put(self, served: ServedModel) -> None:
        changed = {**self._served, served.name: served}
        self._served = MappingProxyType(dict(sorted(changed.items())))


def check_caller(caller: Caller, served: ServedModel) -> None:
    """Refuse a caller whose key is for other models, as if this model did not exist.

    Raises:
        HTTPError: 404.
    """
    if not caller.may_ask(served.name):
        raise _no_such_model()


def _no_such_model() -> HTTPError:
    """The same answer to an unknown name and to one that is not for this key."""
    return HTTPError(
        "not_found", "no model of this name, or this key may not use it; GET /models lists your own"
    )


def _check_free(name: str, candidate: Candidate, taken: set[str]) -> None:
    if name in taken:
        raise BundleError(
            f"{candidate.path}: another bundle is called {name!r} too",
            "export one of them with another --name",
        )


def _gone(served: ServedModel) -> Outcome:
    return Outcome(
        served.name,
        served.version,
        "gone",
        served.digest,
        f"{served.path} is gone; its model is served until the server restarts",
    )


def _tell(outcome: Outcome) -> None:
    if level := _TOLD.get(outcome.change):
        fields = {
            "model": outcome.name,
            "version": outcome.version,
            "change": outcome.change,
            "reason": outcome.reason,
        }
        shown = f"{outcome.name} {outcome.version}".strip() or "a path"
        logger.log(level, "model %s: %s %s", shown, outcome.change, outcome.reason, extra=fields)


def _warn_of_former(name: str, active: str, served: str) -> None:
    logger.warning(
        "model %s: VERSION %s IS SERVED, the active version %s was refused: fix it, or run "
        "burnish models rollback",
        name,
        served,
        active,
        extra={"model": name, "version": served, "change": "former", "reason": active},
    )
