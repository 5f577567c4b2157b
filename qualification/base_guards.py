"""Guards of base models."""

from __future__ import annotations

from typing import Any

from qualification.guards import guard, replaced

__all__: list[str] = []


@guard
def trusted_base() -> None:
    """What an index names is loaded by whatever loads it, and links are followed."""
    from burnish.torch_models import base, vetting
    from burnish.torch_models.weights import Weights

    def unread(*_: Any, **__: Any) -> Weights:
        return Weights("0" * 64, {"anything": (10**12,)})

    replaced(base, "read_weights", unread)
    replaced(vetting, "check_links", lambda *_, **__: None)
