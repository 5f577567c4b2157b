"""Cascades: a small model answers first, and the whole model where the small one is not sure."""

from .joining import Cascade, cascade, check_first

__all__ = ["Cascade", "cascade", "check_first"]
