"""What only the extra ``train`` can do."""

from __future__ import annotations

from contextlib import AbstractContextManager

__all__ = ["needs_train"]


def needs_train() -> AbstractContextManager[None]:
    """Turn a missing import inside the block into an error that names the extra."""
    from burnish.cli.extras import needs_extra

    return needs_extra("train")
