"""Optional installs: a missing package becomes the pip command that brings it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from burnish.errors import MissingExtraError

__all__ = ["needs_extra"]


@contextmanager
def needs_extra(extra: Literal["train", "serve"]) -> Iterator[None]:
    """Around an import: a package that is not there is the extra's.

    Raises:
        MissingExtraError: names the package and the extra.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "burnish"):
            raise  # a defect of ours, or of the installation
        raise MissingExtraError(package, extra) from error
