"""Choose the command, run it, and turn a failure into a message and an exit code.

Exit codes: 0 done; 1 a gate or the data said no; 2 wrong usage or recipe; 130 interrupted;
141 the reader of the output went away; 143 a training or a batch was told to stop (SIGTERM).
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from burnish import __version__
from burnish.cli.command import COMMANDS, HELP_FORMAT, RENAMED, command_parser, load_command
from burnish.cli.flags import flags_of, in_flags
from burnish.cli.gates import format_gates, gate_document
from burnish.cli.terminal import Terminal
from burnish.cli.usage import Parser
from burnish.errors import BurnishError, StoppedError
from burnish.escapes import escape_streams

__all__ = ["main", "top_parser"]

_USAGE = 2
_INTERRUPTED = 130
_BROKEN_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    escape_streams()
    with _interruption() as interrupted:
        try:
            return _run(list(sys.argv[1:] if argv is None else argv), interrupted)
        except KeyboardInterrupt:
            return _told_of_interrupt()


@contextmanager
def _interruption() -> Iterator[Callable[[], bool]]:
    """Whether SIGINT came: libraries that are being imported make another error of it."""
    came: list[int] = []
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: False  # ignored by a shell, or taken by whoever calls main
        return

    def interrupt(number: int, _: FrameType | None) -> None:
        came.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield lambda: bool(came)
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _told_of_interrupt() -> int:
    print("interrupted", file=sys.stderr, flush=True)
    return _INTERRUPTED


def _run(given: list[str], interrupted: Callable[[], bool]) -> int:
    if not given:
        top_parser().print_help(sys.stderr)
        return _USAGE
    given = [_renamed(given[0]), *given[1:]]
    name = top_parser().parse_args(given[:1]).command
    try:
        parser = command_parser(name, load_command(name))
    except Exception:
        if interrupted():
            return _told_of_interrupt()
        raise
    # Intermixed, so that `train RECIPE --replace train.epochs=3` reads as it looks.
    arguments = parser.parse_intermixed_args(given[1:])
    terminal = Terminal(as_json=arguments.json)
    # Read when torch is imported: threads that wait by spinning made a training twenty times
    # slower on a machine that had other work to do.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        code: int = arguments.command(arguments, terminal)
        return code
    except BrokenPipeError:
        # Python flushes standard output at exit, and would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except Exception as error:
        if interrupted():
            return _told_of_interrupt()
        if arguments.debug:
            raise
        return _report(error, terminal, flags_of(arguments))


def _renamed(name: str) -> str:
    """The command's name of today; a notice where an older one was given."""
    if name not in RENAMED:
        return name
    new = RENAMED[name]
    print(f"note: burnish {name} is now burnish {new}; 0.3 drops the old name", file=sys.stderr)
    return new


def top_parser() -> Parser:
    """The parser of the first word; it knows the commands' names and imports none of them."""
    width = max(map(len, COMMANDS))
    parser = Parser(
        prog="burnish",
        usage="burnish COMMAND ...",
        description="Labelled text in, a verified model behind an HTTP API out.",
        epilog="commands:\n"
        + "\n".join(f"  {name:{width}}  {summary}" for name, summary in COMMANDS.items())
        + "\n\nexample:\n  burnish demo\n  burnish train --help",
        formatter_class=HELP_FORMAT,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"burnish {__version__}")
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help=argparse.SUPPRESS)
    return parser


def _report(error: Exception, terminal: Terminal, flags: Collection[str]) -> int:
    if isinstance(error, BurnishError):
        message, hint, code = error.message, error.hint, error.exit_code
    elif isinstance(error, OSError) and error.strerror:
        message = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        hint, code = "", 1
    else:
        message = f"{type(error).__name__}: {error}"
        hint, code = "this is a bug in burnish: run again with --debug, and report it", 1
    message, hint = in_flags(message, flags), in_flags(hint, flags)
    if isinstance(error, StoppedError):
        terminal.note(f"{message}; {hint}" if hint else message)
    else:
        terminal.note(f"{terminal.paint('error', 'red', stream=terminal.notes)}: {message}")
        if hint:
            terminal.note(f"  {hint}")
    document: dict[str, Any] = {"error": message, "hint": hint}
    if gates := getattr(error, "gates", ()):
        terminal.note(format_gates(gates))
        document["gates"] = [gate_document(gate) for gate in gates]
    terminal.document(document)
    return code
