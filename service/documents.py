"""OpenAPI documents, each built once: they change only with the models that they describe."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from pydantic_core import to_json

from .api.openapi import openapi_document
from .models import ServedModel

__all__ = ["Documents"]

_KEPT = 16
"""How many documents are kept, one per set of models that callers may use. Chosen."""


class Documents:
    """The documents of one server. Used by one event loop."""

    def __init__(self, *, keyed: bool, label_studio: bool = False) -> None:
        self._keyed = keyed
        self._label_studio = label_studio
        self._built: OrderedDict[tuple[tuple[str, str], ...], asyncio.Future[bytes]] = OrderedDict()

    async def of(self, models: Sequence[ServedModel]) -> bytes:
        """The document on these models, as JSON.

        It is built once, on a thread, however many callers ask for it meanwhile.
        """
        name = tuple((served.name, served.digest) for served in models)
        building = self._built.get(name)
        if building is None or (building.done() and (building.cancelled() or building.exception())):
            building = asyncio.ensure_future(asyncio.to_thread(self._build, models))
            self._built[name] = building
        self._built.move_to_end(name)
        while len(self._built) > _KEPT:
            self._built.popitem(last=False)
        return await asyncio.shield(building)  # who leaves takes it from nobody

    def _build(self, models: Sequence[ServedModel]) -> bytes:
        return to_json(openapi_document(models, keyed=self._keyed, label_studio=self._label_studio))
