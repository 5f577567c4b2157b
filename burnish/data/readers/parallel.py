"""Parallel files: two texts that are the same line by line, in two languages.

The corpora of OPUS and the tools around Moses have this form: ``train.en`` and ``train.sw``. Line 7
of the one translates line 7 of the other. One of the two is named as the rows' file;
``data.languages: [en, sw]`` says which language is the source's and leads to the other file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Item, Record, Skip
from burnish.data.source import bounded_lines, open_source, read_lines_and_faults
from burnish.errors import DataError
from burnish.plural import plural

__all__ = ["may_be_parallel", "parallel_files", "read_parallel"]

_CODE = re.compile(r"\.[a-z]{2}(?:[_-][a-z]{2,4})?")
"""A suffix that looks like the code of a language: ``.en``, ``.pt_br``, ``.zh-hans``."""


def may_be_parallel(suffix: str, languages: Sequence[str] | None) -> bool:
    """Whether a file's suffix names one of two languages, or looks as if it named some language.

    Args:
        suffix: of the file, with its dot, in lower case.
        languages: their codes, where they are known.
    """
    if languages is not None and suffix[1:] in (code.lower() for code in languages):
        return True
    return _CODE.fullmatch(suffix) is not None


def parallel_files(path: Path, languages: Sequence[str] | None) -> tuple[Path, Path] | None:
    """The files of the source and of the target, by the name of one of them.

    The last part of the name that is a code is replaced: ``corpus.en-sw.en`` belongs to
    ``corpus.en-sw.sw``, ``train.en.gz`` to ``train.sw.gz``.

    Args:
        path: one of the two files.
        languages: the codes of source and target.

    Returns:
        None where the codes are not known, or the name has neither of them.
    """
    if languages is None:
        return None
    parts = path.name.split(".")
    codes = [code.lower() for code in languages]
    place = next((n for n in reversed(range(1, len(parts))) if parts[n].lower() in codes), None)
    if place is None:
        return None
    named = codes.index(parts[place].lower())
    other = [*parts[:place], languages[1 - named], *parts[place + 1 :]]
    pair = path, path.with_name(".".join(other))
    return pair if named == 0 else pair[::-1]


def read_parallel(path: Path, columns: Columns) -> Iterator[Item]:
    """The rows of two parallel files; a row's id is ``name of the named file:line``.

    Raises:
        DataError: the other file is not known or not there, or one has more lines than the other.
    """
    source, target = _both(path, columns.languages)
    counts = [_lines(each) for each in (source, target)]
    if counts[0] != counts[1]:
        raise DataError(
            f"{source.name} has {plural(counts[0], '# [line|lines]')} and {target.name} has "
            f"{plural(counts[1], '# [line|lines]')}, so their lines do not belong together",
            "write each text on one line, in both files in the same order, and an empty line where "
            "a text is missing",
            file=path,
        )
    lines = zip(read_lines_and_faults(source), read_lines_and_faults(target), strict=True)
    for (number, one), (_, other) in lines:
        if isinstance(one, DataError):
            yield one
        elif isinstance(other, DataError):
            yield other
        elif not one.strip() and not other.strip():
            yield Skip(id=f"{path.name}:{number}", reason="blank line")
        else:
            yield Record(
                path=path,
                line=number,
                position=str(number),
                fields={columns.source: one.strip(), columns.target: other.strip()},
            )


def _both(path: Path, languages: tuple[str, str] | None) -> tuple[Path, Path]:
    """The two files. Raises DataError: the other one is not known, or is not there."""
    pair = parallel_files(path, languages)
    if pair is None:
        beside = (each.suffix[1:] for each in sorted(path.parent.glob("*.*")) if _fits(each, path))
        other = next(beside, "sw")
        raise DataError(
            "seems to be one of two parallel files, and the languages are not named",
            "name the source's and the target's, as the files' suffixes: data.languages: "
            f"[{path.suffix[1:]}, {other}] reads {path.name} with {path.stem}.{other}",
            file=path,
        )
    missing = next((each for each in pair if not each.is_file()), None)
    if missing is not None:
        raise DataError(
            f"is one of two parallel files, and there is no {missing.name} beside it",
            "put it there, or name the right languages: data.languages",
            file=path,
        )
    return pair


def _fits(other: Path, path: Path) -> bool:
    """Whether a file may be the other one of two."""
    is_code = _CODE.fullmatch(other.suffix.lower()) is not None
    return is_code and other.stem == path.stem and other != path


def _lines(path: Path) -> int:
    with open_source(path) as stream:
        return sum(1 for _ in bounded_lines(stream))
