"""The error tree. Every message says what happened, where, and how to fix it.

::

    BurnishError             a user can fix it; the CLI prints message and hint, exit 1
    ├── UsageError           wrong command line, exit 2
    │   └── ConfigError      wrong recipe, exit 2
    ├── MissingExtraError    an optional dependency is not installed
    ├── DataError            a rows file: names file and line
    ├── BaseModelError       a pre-trained model that is refused or not supported
    ├── RunError             a run directory, or a training that cannot go on
    │   └── DivergedError    the loss of a training is not a number
    ├── StoppedError         a signal ended long work; exit 128 + its number
    ├── BundleError          a bundle directory: changed, incomplete, of another version
    │   ├── SignatureError   not signed by a key that is trusted
    │   └── ContractError    callers expect another task or labels (in burnish.service.models)
    ├── GateError            a check failed its threshold
    ├── DeadlineError        an answer was not ready in time
    ├── AccessError          a key file or an audit log is refused
    └── InputError           one text given to a model cannot be answered
        ├── TextTooLongError       a text that every window holds leaves too little room
        │   └── QuestionTooLongError   it is the question
        └── ModelFaultError        the model is at fault, not the text (in burnish.runtime)
"""

from __future__ import annotations

from pathlib import Path
from signal import Signals
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burnish.gates.record import Gate

__all__ = [
    "AccessError",
    "BaseModelError",
    "BundleError",
    "BurnishError",
    "ConfigError",
    "DataError",
    "DeadlineError",
    "DivergedError",
    "GateError",
    "InputError",
    "MissingExtraError",
    "QuestionTooLongError",
    "RunError",
    "SignatureError",
    "StoppedError",
    "TextTooLongError",
    "UsageError",
]


class BurnishError(Exception):
    """A failure that the user can fix. ``hint`` says how."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(BurnishError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class ConfigError(UsageError):
    """The recipe is wrong."""


class MissingExtraError(BurnishError):
    """An optional dependency is missing; ``extra`` is the extra that brings it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"this needs the package {package!r}, which is not installed",
            f"pip install 'burnish[{extra}]'",
        )
        self.extra = extra


class DataError(BurnishError):
    """A rows file cannot be read as asked.

    If one row is wrong, ``row`` is its id and ``kind`` says what is wrong with it. ``reason`` is
    the message without its place. ``place`` says where in the file, if there is no line number.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        file: Path | None = None,
        line: int | None = None,
        place: str = "",
        row: str = "",
        kind: str = "",
    ) -> None:
        where = "" if file is None else f"{file}:{line}: " if line is not None else f"{file}: "
        super().__init__(f"{where}{place}: {message}" if place else where + message, hint)
        self.reason = message
        self.place = place
        self.file = file
        self.line = line
        self.row = row
        self.kind = kind


class BaseModelError(BurnishError):
    """A pre-trained model is refused, damaged, or of a family that is not supported."""


class RunError(BurnishError):
    """A run directory is not what it should be, or a training cannot go on."""


class DivergedError(RunError):
    """The loss of a training is not a number any more."""


class StoppedError(BurnishError):
    """A signal ended work that can go on later; ``hint`` says how."""

    def __init__(self, signal: Signals, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.signal = signal
        self.exit_code = 128 + signal


class BundleError(BurnishError):
    """A bundle directory is changed, incomplete, or of another version."""


class SignatureError(BundleError):
    """A bundle is not signed by a key that is trusted, or a signature is damaged."""


class GateError(BurnishError):
    """A gate failed. ``gates`` are all gates so far, with the failed one."""

    def __init__(self, message: str, hint: str = "", *, gates: tuple[Gate, ...] = ()) -> None:
        super().__init__(message, hint)
        self.gates = gates


class DeadlineError(BurnishError):
    """An answer was not ready in time; the part of its work that had not begun was dropped."""


class AccessError(BurnishError):
    """A key file or an audit log is refused, damaged or in use."""


class InputError(BurnishError):
    """One input cannot be answered. Holds no text of the input."""


class TextTooLongError(InputError):
    """A text that every window has to hold leaves less than half a window to the other."""


class QuestionTooLongError(TextTooLongError):
    """A question leaves less than half a window to its context."""
