"""Callers: who sent a request, and what they may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

__all__ = ["KEY_SCOPES", "LOCAL", "ONE_FOR_ALL", "Caller", "KeyScope"]

KeyScope = Literal["infer", "admin", "metrics"]
KEY_SCOPES: Final[tuple[KeyScope, ...]] = get_args(KeyScope)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a key."""

    key_id: str
    """Public: logs and metrics may name it."""
    scopes: frozenset[KeyScope]
    models: frozenset[str] | None = None
    """Names of the models that may be asked; None: all."""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    def may(self, scope: KeyScope) -> bool:
        """Whether the caller may use a route with this scope."""
        return scope in self.scopes

    def may_ask(self, model: str) -> bool:
        """Whether the caller may ask this model."""
        return self.models is None or model in self.models


LOCAL: Final = Caller("local", frozenset(KEY_SCOPES))
"""Everybody, if the server asks for no key."""

ONE_FOR_ALL: Final = Caller("api-key", frozenset(KEY_SCOPES))
"""Whoever holds the single key of a server that has one key for everybody."""
