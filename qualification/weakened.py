"""`burnish` with guards taken away: ``python -m qualification.weakened GUARD[,GUARD] serve …``.

A negative control runs its row against such a server, and must fail it. Each guard is one function
in a ``*_guards.py`` of this folder; where burnish has no longer what a guard takes away, it raises,
and the row is told not to be proven. ``--check`` tries them all.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from qualification.guards import GUARDS

__all__ = ["GUARDS", "weaken"]

for _file in sorted(Path(__file__).parent.glob("*_guards.py")):
    import_module(f"qualification.{_file.stem}")  # which registers its guards


def weaken(names: list[str]) -> None:
    """Take guards away.

    Raises:
        KeyError, AttributeError: there is no such guard, or the server has it no longer.
    """
    for name in names:
        GUARDS[name]()


def _check() -> None:
    for name in GUARDS:
        if name != "calls-home":
            weaken([name])
            print(name)


def main(arguments: list[str]) -> int:
    """Weaken this process, and run burnish in it."""
    if arguments == ["--check"]:
        _check()
        return 0
    from burnish.cli import main as burnish

    weaken(arguments[0].split(","))
    return burnish(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
