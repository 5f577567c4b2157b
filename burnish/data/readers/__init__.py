"""Readers: one file a format. Each gives a file's rows as records in the native form."""

from __future__ import annotations

from burnish.data.readers.formats import FORMATS, Format, choose_format

__all__ = ["FORMATS", "Format", "choose_format"]
