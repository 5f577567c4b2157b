"""Export: a run directory in, a verified bundle out.

The public function ``burnish.export(run, output)`` has the name of this room. Importing the room
makes it an attribute of the package, so the room itself can be called: it calls the function.
"""

import sys
from types import ModuleType
from typing import Any

import burnish

from .gates import GATES, Budgets
from .pipeline import Precision, export_run
from .serving_cost import served_share

__all__ = ["GATES", "Budgets", "Precision", "export_run", "served_share"]


class _CallableRoom(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> Any:
        return burnish.public("export")(*args, **options)


sys.modules[__name__].__class__ = _CallableRoom
