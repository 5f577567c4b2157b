"""The models of a server: found, checked, loaded, switched and rolled back.

The command line imports it as well: it needs no server.
"""

from .memory import MemoryLimitError
from .registry import Registry, check_caller
from .served import Outcome, ServedModel
from .sources import Source, find_sources

__all__ = [
    "MemoryLimitError",
    "Outcome",
    "Registry",
    "ServedModel",
    "Source",
    "check_caller",
    "find_sources",
]
