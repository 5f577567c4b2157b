"""The page at ``GET /`` to try models in a browser: one document without external references.

Its source files are in this folder, with a script per task in ``tasks/``. They are joined when the
module is imported, so there is no build step. The page's security policy allows its own script and
style, by their digests, and nothing else: no other script, no other site, no frame.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

__all__ = ["PAGE_HEADERS", "page"]

_FOLDER = Path(__file__).parent


def page() -> bytes:
    """The whole document, UTF-8."""
    return _DOCUMENT


def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _digest(source: str) -> str:
    """A source expression of CSP, for exactly the text between an element's tags."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _policy(style: str, script: str) -> str:
    rules = {
        "default-src": "'none'",
        "script-src": _digest(script),
        "style-src": _digest(style),
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        # No string ever becomes markup, even if a line of the script tried to.
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


_STYLE = "\n" + _source("page.css")
_TASKS = "\n".join(path.read_text("utf-8") for path in sorted((_FOLDER / "tasks").glob("*.js")))
_SCRIPT = "\n" + _source("page.js").replace("/* tasks */\n", _TASKS, 1)
_DOCUMENT: Final = (
    _source("page.html")
    .replace("\n/* page.css */\n", _STYLE, 1)
    .replace("\n/* page.js */\n", _SCRIPT, 1)
    .encode("utf-8")
)

PAGE_HEADERS: Final = {
    "Content-Security-Policy": _policy(_STYLE, _SCRIPT),
    "Content-Type": "text/html; charset=utf-8",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
}
"""What the page is sent with; the edge adds what every reply carries."""
