"""The loaded models: read and verified in a thread of their own, then found by name or task."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Literal

from burnish.errors import BundleError
from burnish.runtime import Model, Workers, load_model

from .refusals import RefusalError
from .settings import Settings

__all__ = ["Registry", "TaskName"]

TaskName = Literal["classification", "extraction", "qa"]


class Registry:
    """The models of one server, all sharing its worker threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._models: dict[str, Model] = {}
        self._workers: Workers | None = None
        self.loaded: Future[None] = Future()
        """Done when every bundle is loaded; its exception says which one cannot be."""

    def start(self) -> None:
        """Begin to load the bundles."""
        threading.Thread(target=self._load, name="burnish-load", daemon=True).start()

    def close(self) -> None:
        """End the worker threads."""
        if self._workers is not None:
            self._workers.close()

    @property
    def ready(self) -> bool:
        """Whether every bundle is loaded."""
        return self.loaded.done() and self.loaded.exception() is None

    @property
    def models(self) -> list[Model]:
        """Every model, by name.

        Raises:
            RefusalError: they are still being loaded.
        """
        if not self.ready:
            raise RefusalError(
                "not_ready",
                "the models are still being loaded, ask again in a second; GET /readyz tells",
                headers={"Retry-After": "1"},
            )
        return list(self._models.values())

    def named(self, name: str) -> Model:
        """The model of a name.

        Raises:
            RefusalError: there is none.
        """
        for model in self.models:
            if model.name == name:
                return model
        raise RefusalError("not_found", "no model of this name is loaded; GET /models lists them")

    def for_task(self, task: TaskName, name: str | None) -> Model:
        """The model for a task: the one that is named, or the only one.

        Raises:
            RefusalError: there is none, it has another task, or several could be meant.
        """
        if name is not None:
            model = self.named(name)
            if model.task != task:
                raise RefusalError(
                    "validation",
                    f"model: it is for {model.task}, the route for {task}; GET /models lists all",
                )
            return model
        candidates = [model for model in self.models if model.task == task]
        if not candidates:
            raise RefusalError("not_found", f"no model for {task} is loaded; GET /models lists all")
        if len(candidates) > 1:
            names = ", ".join(model.name for model in candidates)
            raise RefusalError("validation", f"model: say which one is meant, of {names}")
        return candidates[0]

    def _load(self) -> None:
        try:
            self._workers = Workers(self._settings.threads)
            models: dict[str, Model] = {}
            for path in self._settings.bundles:
                model = load_model(path, workers=self._workers)
                if model.name in models:
                    raise BundleError(
                        f"{path}: another bundle is called {model.name!r} too",
                        "export one of them with another --name",
                    )
                models[model.name] = model
        except BaseException as error:  # noqa: BLE001  whoever waits for `loaded` raises it
            self.loaded.set_exception(error)
        else:
            self._models = dict(sorted(models.items()))
            self.loaded.set_result(None)
