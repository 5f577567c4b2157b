"""The destination: a file that does not exist yet, or may be replaced, written all at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from burnish.batch.journal import Journal, part_of, unwritable
from burnish.batch.sinks import SINKS, Sink, find_sink
from burnish.digest import file_sha256
from burnish.directory import sync
from burnish.errors import UsageError

__all__ = ["Destination"]

_ANEW = "choose another output, or use --replace to replace it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the rows with their answers go."""

    path: Path
    sink: Sink
    resume: bool
    """Go on with what an interrupted process left."""
    replace: bool
    """Drop what is there."""
    mode: int
    """The file's permissions, before the umask."""

    @classmethod
    def checked(
        cls,
        output: Path,
        *,
        source: Path,
        resume: bool,
        replace: bool,
        sinks: Mapping[str, str] = SINKS,
    ) -> Destination:
        """A destination that may be written, before a model is loaded.

        Args:
            output: the file.
            source: what is read; whoever may not read it may not read the output either.
            resume: as the attribute.
            replace: as the attribute.
            sinks: what may write it, as the table of sinks.

        Raises:
            UsageError: it may not be written; the hint says what to do.
            MissingExtraError: its format needs a library that is not installed.
        """
        sink, final = find_sink(output, sinks), Path(os.path.realpath(output))
        _check_place(output, final, source)
        part = part_of(final)
        if part.exists() and not (resume or replace):
            raise UsageError(
                f"{output}: an interrupted run has left answers for this output ({part.name})",
                "use --resume to go on with it, or --replace to start again",
            )
        if final.exists() and not replace and not (resume and part.exists()):
            left = ", and there is nothing to resume" if resume else ""
            raise UsageError(f"{output} exists already{left}", _ANEW)
        mode = source.stat().st_mode & 0o666
        return cls(path=final, sink=sink, resume=resume, replace=replace, mode=mode)

    @contextmanager
    def opened(self, head: Mapping[str, object], *, rows: int) -> Iterator[Journal]:
        """The journal of this destination, of a source with so many rows.

        Raises:
            UsageError: the journal is about something else, or an output that may not be replaced
                appeared meanwhile.
            BurnishError: another process writes it.
        """
        with Journal(self.path, head, fresh=not self.resume) as journal:
            if journal.rows < rows:
                self._check_absent()
            yield journal

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """A path to write to; what is there afterwards becomes the output.

        Raises:
            UsageError: another output has appeared meanwhile.
            BurnishError: the disk is full.
        """
        aside = self.path.with_name(f".{self.path.name}.partial")
        shutil.rmtree(aside, ignore_errors=True)  # of a killed process
        try:
            aside.mkdir(mode=0o700)
            fresh = aside / self.path.name
            yield fresh
            fresh.chmod(self.mode & ~_umask())
            sync(fresh)
            if not (self.path.exists() and file_sha256(self.path) == file_sha256(fresh)):
                self._check_absent()
                os.replace(fresh, self.path)
            sync(self.path.parent)
        except OSError as error:
            raise unwritable(self.path, error) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _check_absent(self) -> None:
        if self.path.exists() and not self.replace:
            raise UsageError(f"{self.path} exists already", _ANEW)


def _check_place(output: Path, final: Path, source: Path) -> None:
    if final.is_dir():
        raise UsageError(f"{output} is a directory", "name a file")
    if not final.parent.is_dir():
        make = f"create it first: mkdir -p {quote(str(output.parent))}"
        raise UsageError(f"{output.parent} is not a directory", make)
    if final.exists() and final.samefile(source):
        raise UsageError(f"{output} is the input itself", "choose another output")


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
