"""Rows of translations: a source with its target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from burnish.data.columns import Columns
from burnish.tasks.written import rows

__all__ = ["ROWS"]


def _settings(columns: Columns) -> Mapping[str, Any]:
    return {} if columns.languages is None else {"languages": columns.languages}


ROWS = replace(rows.ROWS, settings=_settings)
