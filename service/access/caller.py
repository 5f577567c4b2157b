"""Callers: who sent a request, and what they may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

__all__ = ["LOCAL", "ONE_FOR_ALL", "SCOPES", "Caller", "Scope"]

Scope = Literal["infer", "admin", "metrics"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a key."""

    key_id: str
    """Public: logs and metrics may name it."""
    scopes: frozenset[Scope]
    models: frozenset[str] | None = None
    """Names of the models that may be asked; None: all."""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    def may(self, scope: Scope) -> bool:
        """Whether a route of this scope may be asked for."""
        return scope in self.scopes

    def may_ask(self, model: str) -> bool:
        """Whether this model may be asked."""
        return self.models is None or model in self.models


LOCAL: Final = Caller("local", frozenset(SCOPES))
"""Everybody, where the server asks for no key."""

ONE_FOR_ALL: Final = Caller("api-key", frozenset(SCOPES))
"""Whoever holds the one key of a server that has one for all."""
