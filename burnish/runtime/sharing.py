"""Several loaded bundles share equal parts, which are in memory once.

Two versions of a model often differ only in a threshold or a card. Bundles with equal graphs share
a session, and those with equal tokenizers an encoder. A part is forgotten with its last user.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

__all__ = ["Shared"]

PartT = TypeVar("PartT")


class Shared(Generic[PartT]):
    """Parts by key. Each is made once, and kept as long as somebody uses it."""

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
