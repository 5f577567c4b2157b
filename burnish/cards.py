"""Cards: Markdown that others will render, without a tag of anybody's making."""

from __future__ import annotations

import re

__all__ = ["without_html"]

_OPENS = re.compile(r"<(?=[A-Za-z/!?])")


def without_html(markdown: str) -> str:
    """The same text, in which no ``<`` opens a tag: names of labels and models are not ours."""
    return _OPENS.sub("&lt;", markdown)
