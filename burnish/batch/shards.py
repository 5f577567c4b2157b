"""Shards: the files of a large input, each answered into a file of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from burnish.batch.journal import part_of
from burnish.batch.sources import ENDINGS, FORMATS, Format, form_of
from burnish.errors import UsageError
from burnish.plural import plural

__all__ = ["Shard", "check_outputs", "find_shards", "record_of"]

_PACKED = (".gz", ".bz2", ".zip")


@dataclass(frozen=True, slots=True)
class Shard:
    """A file, and where its rows go with their answers."""

    source: Path
    form: Format
    output: Path


def find_shards(
    given: Sequence[Path], output: Path, *, ending: str, form: Format | None = None
) -> list[Shard]:
    """The shards that files and folders name, in order.

    Files in a folder keep their place below it. Those whose names begin with a dot or an
    underscore are none: programs that write shards keep notes in them.

    Args:
        given: files and folders.
        output: the directory of the outputs.
        ending: of the outputs' names, which says their format.
        form: the shards' format; None where their endings say it.

    Raises:
        UsageError: there are no shards, a file's ending does not name its format, or two shards
            would have one output.
        DataError: a packed file holds not one file.
    """
    shards: dict[Path, Shard] = {}
    for path in given:
        if path.is_dir() and output.resolve().is_relative_to(path.resolve()):
            raise UsageError(
                f"{output} lies in the folder of the shards, {path}", "choose another directory"
            )
        files = _files(path) if path.is_dir() else {path: Path(path.name)}
        for file, place in files.items():
            target = output / _renamed(place, ending)
            shard = Shard(file, form or form_of(file), target)
            if (other := shards.setdefault(target, shard)) is not shard:
                raise UsageError(
                    f"{other.source} and {file} would both be written to {target}",
                    "rename one of them, or name another -o for it in a second command",
                )
    if not shards:
        listed = ", ".join(map(str, given)) or "no file is named"
        raise UsageError(
            f"there are no shards: {listed}",
            f"name files ({', '.join(f'.{name}' for name in FORMATS)}) or a folder of them",
        )
    return list(shards.values())


def _files(folder: Path) -> dict[Path, Path]:
    """The files below a folder, and their place in it."""
    found = ((path, path.relative_to(folder)) for path in sorted(folder.rglob("*")))
    return {
        path: place
        for path, place in found
        if path.is_file() and not any(part.startswith((".", "_")) for part in place.parts)
    }


def _renamed(place: Path, ending: str) -> Path:
    """``mails/05.csv.gz`` is ``mails/05.jsonl``."""
    for known in (_PACKED, ENDINGS):
        if place.suffix.lower() in known:
            place = place.with_suffix("")
    return place.with_name(f"{place.name}{ending}")


def check_outputs(shards: Iterable[Shard], *, resume: bool, replace: bool) -> None:
    """Before any work, see that nothing is lost.

    Raises:
        UsageError: outputs exist, and are neither to be replaced nor left by an earlier run that
            is to be resumed.
    """
    if replace:
        return
    there = [each.output for each in shards if each.output.exists() or _is_ours(each.output)]
    lost = [path for path in there if not (resume and _is_ours(path))]
    if lost:
        count = plural(len(lost), "# [output exists|outputs exist] already")
        foreign = "choose another directory, or use --replace to replace them"
        ours = "use --resume to go on, --replace to start again, or choose another directory"
        raise UsageError(f"{count}: {lost[0]}", ours if _is_ours(lost[0]) else foreign)


def _is_ours(output: Path) -> bool:
    """Whether an earlier run has written or begun an output."""
    return record_of(output).exists() or part_of(output).exists()


def record_of(output: Path) -> Path:
    """The file that says what an output was made of."""
    return output.with_name(f".{output.name}.done")
