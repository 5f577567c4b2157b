"""The file of a search's trials: what may be wrong with it, said so that it can be put right.

Optuna keeps a study in an SQLite file. Whatever else lies in its place (a folder, another
program's database, a file that lost its end) is refused before anything is written, and left as
it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shlex import quote

from burnish.errors import BurnishError, RunError

__all__ = ["STUDY", "check_study_file", "telling_of_study_file"]

STUDY = "search"
"""The name of the study in its file."""

_ELSEWHERE = "search in another directory (-o)"
_PATIENCE_S = 2.0
"""Another search's process that ends just now still has the file."""


def check_study_file(path: Path) -> None:
    """Refuse a file that is not a search's, or cannot be read and written.

    Args:
        path: where the trials are, or will be.

    Raises:
        RunError: it is damaged, locked, something else, or may not be written.
    """
    if not path.exists():
        return
    if not path.is_file():
        raise RunError(
            f"{path} is not a file, and the trials belong there", f"move it away, or {_ELSEWHERE}"
        )
    with telling_of_study_file(path), closing(_opened(path)) as database:
        (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise _damaged(path)
        if not _is_study(database):
            raise RunError(
                f"{path} is a database of something else, and was left as it is",
                f"move it away, or {_ELSEWHERE}",
            )
        # Only a change, which is taken back, asks the system for the rights and the journal.
        database.execute("BEGIN IMMEDIATE")
        database.execute("PRAGMA user_version = 1")
        database.execute("ROLLBACK")


def _opened(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"  # which creates nothing
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S, isolation_level=None)


def _is_study(database: sqlite3.Connection) -> bool:
    """Whether the database is a search's, or empty, as a process that was killed leaves it."""
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    if "studies" not in tables:
        return tables <= {"version_info"}
    columns = {row[1] for row in database.execute("PRAGMA table_info(studies)")}
    if "study_name" not in columns:
        return False
    return {name for (name,) in database.execute("SELECT study_name FROM studies")} <= {STUDY}


@contextmanager
def telling_of_study_file(path: Path) -> Iterator[None]:
    """Say what to do where the database of the trials fails.

    Raises:
        RunError: instead of the error of SQLite, SQLAlchemy or Optuna.
    """
    try:
        yield
    except BurnishError:
        raise
    except Exception as error:
        cause = _of_sqlite(error)
        if cause is None:
            raise
        raise _told(path, cause) from error


def _of_sqlite(error: BaseException | None) -> sqlite3.Error | None:
    """The database's own error, which SQLAlchemy and Optuna wrap."""
    while error is not None:
        if isinstance(error, sqlite3.Error):
            return error
        error = getattr(error, "orig", None) or error.__cause__
    return None


def _told(path: Path, error: sqlite3.Error) -> RunError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # without its details
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return RunError(
            f"another program has locked {path}",
            "close it, then run the same command again: the search goes on where it was",
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY):
        return RunError(
            f"{path} cannot be read and written: {error}",
            f"allow it (chmod u+rw {quote(str(path))}; its directory must be writable too), or "
            f"{_ELSEWHERE}",
        )
    if code == sqlite3.SQLITE_FULL:
        return RunError(
            f"there is no room for {path}",
            "free some space, then run the same command again: the search goes on where it was",
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path)
    return RunError(
        f"{path} cannot be used: {error}", f"look at the disk and its directory, or {_ELSEWHERE}"
    )


def _damaged(path: Path) -> RunError:
    return RunError(
        f"{path} is damaged, or not the file of a search; it was left as it is",
        f"restore it from a copy, or {_ELSEWHERE}",
    )
