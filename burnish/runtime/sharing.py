"""Parts that several loaded bundles have in common are held once.

Two versions of a model often differ in a threshold or a card alone: equal graphs share a session,
equal tokenizers an encoder. Found by digest, forgotten with their last user.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

__all__ = ["Shared"]

PartT = TypeVar("PartT")


class Shared(Generic[PartT]):
    """Parts by key, each made once while anybody holds it."""

    def __init__(self) -> None:
        self._parts: WeakValueDictionary[Hashable, PartT] = WeakValueDictionary()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], PartT]) -> PartT:
        """The part of a key, made where there is none."""
        with self._lock:
            part = self._parts.get(key)
            if part is None:
                part = self._parts[key] = make()
            return part

    def __contains__(self, key: Hashable) -> bool:
        return key in self._parts
