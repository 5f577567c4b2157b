"""Export: a run directory in, a verified bundle out.

The public function ``burnish.export(run, output)`` has the name of this room. Importing the room
makes it an attribute of the package, so the room itself can be called: it calls `export_run`, or
what `call_as` was given.
"""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .gates import GATES, Budgets
from .pipeline import Precision, export_run

__all__ = ["GATES", "Budgets", "Precision", "call_as", "export_run"]


class _CallableRoom(ModuleType):
    called: Callable[..., Any] = staticmethod(export_run)

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self.called(*args, **options)


def call_as(function: Callable[..., Any]) -> None:
    """Let the room, when it is called, call the public function of its name."""
    _CallableRoom.called = staticmethod(function)


sys.modules[__name__].__class__ = _CallableRoom
