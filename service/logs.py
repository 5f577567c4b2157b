"""The server's log: one JSON object a line on standard error, of typed fields alone.

A line holds no text of a request and no path. Whatever a message holds, a line end in it is
escaped: no line can be forged.
"""

from __future__ import annotations

import json
import logging
import sys

from .access.records import now_text

__all__ = ["JsonLines", "configure_logs"]

_LOGGERS = ("burnish", "uvicorn.error")


class JsonLines(logging.Formatter):
    """A record as a JSON object: time, level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. A traceback is left out: it may quote what was sent."""
        return json.dumps(
            {
                "time": now_text(record.created),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": record.getMessage(),
            }
        )


def configure_logs() -> None:
    """Have the loggers of the server write JSON, warnings and worse."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
