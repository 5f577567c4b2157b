"""The server's log: one JSON object a line on standard error, of typed fields alone.

A line holds no text of a request and no path. Whatever a message holds, a line end in it is
escaped: no line can be forged.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback

from .access.records import now_text

__all__ = ["JsonLines", "configure_logs", "log_failure"]

logger = logging.getLogger("burnish.service")

_LEVELS = {"burnish": logging.INFO, "uvicorn.error": logging.WARNING}
_FIELDS = ("model", "version", "change", "reason")
"""Of a record about a model; no other attribute of a record is written."""


class JsonLines(logging.Formatter):
    """A record as a JSON object: time, level, logger, message, and what it says of a model."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. A traceback is left out: it may quote what was sent."""
        return json.dumps(
            {
                "time": now_text(record.created),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": record.getMessage(),
                **{name: getattr(record, name) for name in _FIELDS if hasattr(record, name)},
            }
        )


def configure_logs() -> None:
    """Have the loggers of the server write JSON: warnings, and which models come and go."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, level in _LEVELS.items():
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.handlers[:] = [handler]
        logger.propagate = False


def log_failure(error: BaseException, request_id: bytes) -> None:
    """Log why a request failed. Type and place alone: an exception's message may quote a text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    logger.error(
        "request %s failed: %s at %s", request_id.decode("ascii"), type(error).__name__, place
    )
