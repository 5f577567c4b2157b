"""``burnish keys``: the keys of a server's callers, and those that sign bundles."""

from __future__ import annotations

import argparse
import os
import re
import stat
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burnish.cli.command import Action
from burnish.cli.numbers import positive_int
from burnish.cli.signing import SIGNING_ACTIONS
from burnish.cli.terminal import Terminal
from burnish.errors import UsageError

if TYPE_CHECKING:
    from burnish.service.access import NewKey, StoredKey

__all__ = ["ACTIONS", "EXAMPLE"]

EXAMPLE = """\
burnish keys create --keys keys.json --name ward-7
burnish keys list --keys keys.json
burnish keys revoke k7m2x9qa --keys keys.json
burnish keys sign bundles/tickets --key release.key"""

_SCOPES = ("infer", "admin", "metrics")
_SPAN = re.compile(r"([1-9][0-9]{0,4})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_COLUMNS = ("id", "name", "state", "scopes", "models", "created", "expires", "requests", "tokens")


def _file(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--keys", type=Path, required=True, metavar="FILE", help=what)


def _declare_create(parser: argparse.ArgumentParser) -> None:
    _file(parser, "the key file; created if it does not exist")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write the key to this new file (mode 0600) instead of printing",
    )
    parser.add_argument("--name", required=True, help="who uses the key; shown in lists")
    parser.add_argument(
        "--scope",
        nargs="+",
        action="extend",
        choices=_SCOPES,
        help="what the key allows: infer, admin, metrics (infer)",
    )
    parser.add_argument(
        "--model",
        nargs="+",
        action="extend",
        metavar="NAME",
        help="models that it may use (all)",
    )
    parser.add_argument(
        "--expires", metavar="90d|DATE", help="when it expires: 90d, 12h, 2027-01-31 (never)"
    )
    parser.add_argument(
        "--requests-per-minute", type=positive_int, metavar="N", help="rate limit (none)"
    )
    parser.add_argument(
        "--tokens-per-minute", type=positive_int, metavar="N", help="rate limit (none)"
    )


def _create(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the new key, or write it to a file: it is never shown again."""
    from burnish.service.access import new_private

    now = datetime.now(UTC)
    if arguments.out is None:
        new = _new(arguments, now)
        _warn_of_open_output(terminal)
        terminal.note(f"{_added(arguments, new)}; {_ONCE}, keep it where only its user can read it")
        terminal.result(new.key)
        terminal.document({"key": new.key, **_document(new.stored, now)})
        return 0
    with new_private(arguments.out) as write:
        new = _new(arguments, now)
        write(f"{new.key}\n".encode("ascii"))
    terminal.result(f"{_added(arguments, new)}; it is in {arguments.out} alone (mode 0600)")
    terminal.document({"out": str(arguments.out), **_document(new.stored, now)})
    return 0


_ONCE = "it is shown only this once"


def _new(arguments: argparse.Namespace, now: datetime) -> NewKey:
    from burnish.service.access import create_key

    return create_key(
        arguments.keys,
        name=arguments.name,
        scopes=arguments.scope or ["infer"],
        models=arguments.model,
        expires=None if arguments.expires is None else _moment(arguments.expires, now),
        requests_per_minute=arguments.requests_per_minute,
        tokens_per_minute=arguments.tokens_per_minute,
        now=now,
    )


def _added(arguments: argparse.Namespace, new: NewKey) -> str:
    ends = "" if new.stored.expires is None else f", valid until {_shown_time(new.stored.expires)}"
    return f"key {new.stored.id} added to {arguments.keys}{ends}"


def _warn_of_open_output(terminal: Terminal) -> None:
    """A shell makes the file of ``> FILE`` readable to every user of the machine."""
    try:
        descriptor = terminal.out.fileno()
        status = os.fstat(descriptor)
    except (OSError, ValueError):  # no file of the system
        return
    if not stat.S_ISREG(status.st_mode) or not status.st_mode & 0o077:
        return
    try:
        place = str(Path(f"/proc/self/fd/{descriptor}").readlink())
    except OSError:
        place = "FILE"
    mode = stat.S_IMODE(status.st_mode)
    terminal.note(
        f"warning: other users may read the file that the key goes to (mode {mode:04o}): "
        f"chmod 600 {place}, or use --out FILE next time"
    )


def _list(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print every key's identifier, state and limits; the keys themselves are not in the file."""
    from burnish.service.access import read_keys

    now = datetime.now(UTC)
    keys = read_keys(arguments.keys).keys
    terminal.table(_COLUMNS, [_row(key, now) for key in keys])
    terminal.document({"keys": [_document(key, now) for key in keys]})
    return 0


def _declare_revoke(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the key's identifier, as keys list shows it")
    _file(parser, "the key file")


def _revoke(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Close a key for good; servers that follow the file take it no more."""
    from burnish.service.access import revoke_key

    now = datetime.now(UTC)
    key = revoke_key(arguments.keys, arguments.id, now=now)
    again = key.revoked is not None and key.revoked < now
    moment = "" if key.revoked is None else f" since {_shown_time(key.revoked)}" if again else ""
    terminal.result(f"key {key.id} is revoked{moment}")
    terminal.document(_document(key, now))
    return 0


def _moment(text: str, now: datetime) -> datetime:
    """The end that a person names: a span from now, or a date by ISO 8601, in UTC."""
    if span := _SPAN.fullmatch(text):
        return now + timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--expires: {text!r} is neither a duration nor a date",
            "give 90d, 12h, 30m, 2027-01-31 (its beginning, UTC) or 2027-01-31T18:00+01:00",
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment <= now:
        raise UsageError(f"--expires: {text} has passed already", "give a time in the future")
    return moment.astimezone(UTC)


def _shown_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")


def _row(key: StoredKey, now: datetime) -> tuple[str, ...]:
    return (
        key.id,
        key.name,
        key.state(now),
        ",".join(key.scopes),
        "all" if key.models is None else ",".join(key.models),
        key.created.astimezone(UTC).date().isoformat(),
        "never" if key.expires is None else _shown_time(key.expires),
        *(
            "no limit" if limit is None else f"{limit}/min"
            for limit in (key.requests_per_minute, key.tokens_per_minute)
        ),
    )


def _document(key: StoredKey, now: datetime) -> dict[str, Any]:
    return {"state": key.state(now), **key.model_dump(mode="json", exclude={"sha256"})}


ACTIONS = {
    "create": Action(
        "create a key and print it once",
        "burnish keys create --keys keys.json --name ward-7 --expires 90d --out ward-7.key\n"
        "burnish keys create --keys keys.json --name triage --model tickets "
        "--requests-per-minute 600\n"
        "burnish keys create --keys keys.json --name prometheus --scope metrics --out prom.key",
        add_arguments=_declare_create,
        run=_create,
    ),
    "list": Action(
        "show every key's identifier, state and limits",
        "burnish keys list --keys keys.json\nburnish keys list --keys keys.json --json",
        add_arguments=partial(_file, what="the key file"),
        run=_list,
    ),
    "revoke": Action(
        "revoke a key for good; servers notice within a second",
        "burnish keys revoke k7m2x9qa --keys keys.json",
        add_arguments=_declare_revoke,
        run=_revoke,
    ),
    **SIGNING_ACTIONS,
}
"""What ``burnish keys`` does."""
