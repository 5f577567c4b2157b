"""Memory, rate and resumption of ``burnish predict -o`` over files of up to a million rows.

``python -m benchmarks.predict_files BUNDLE [--rows 10000 100000 1000000] [--ending csv]``
answers a file of each size and prints the most memory and the rate. ``--kills 20`` then kills the
command that answers the last of them at random points, with ``--resume`` in between: while it
answers, while it writes the output, once the output is written and not renamed, and once it is
renamed. The output must have the bytes of the run that nobody killed. Prints one line of JSON at
the end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from burnish.batch.journal import part_of
from burnish.digest import file_sha256

WORDS = "my card parcel courier invoice hello where is the and was not delivered refund twice"
SEED = 7
WRITING, WHOLE, RENAMED = 0.25, 0.1, 0.05
"""Shares of the kills that are aimed at the writing, the end of it, and the renaming."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run took, and how large its files were."""

    rows: int
    seconds: float
    mib: float
    journal: int
    output: int


@dataclass(frozen=True, slots=True)
class Point:
    """Where a run is killed: at a share of its journal, or of its output."""

    phase: str
    share: float


@dataclass(slots=True)
class Command:
    """``burnish predict`` of a file."""

    bundle: Path
    rows: Path
    out: Path

    def start(self) -> subprocess.Popen[bytes]:
        words = ["predict", str(self.bundle), str(self.rows), "-o", str(self.out), "--resume"]
        return subprocess.Popen(
            [sys.executable, "-m", "burnish", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def fresh(self) -> Path:
        """The output while it is written."""
        return self.out.with_name(f".{self.out.name}.partial") / self.out.name


def write_rows(path: Path, count: int) -> Path:
    """Rows of which every hundredth has no text."""
    chance, words = random.Random(SEED), WORDS.split()
    with path.open("w", encoding="utf-8") as stream:
        stream.write("id,text\n")
        for number in range(count):
            text = "" if number % 100 == 99 else " ".join(chance.choices(words, k=8))
            stream.write(f"{number},{text}\n")
    return path


def whole(command: Command, count: int) -> Run:
    """A run that nobody kills."""
    begun, process, journal = time.perf_counter(), command.start(), 0
    while not (done := os.wait4(process.pid, os.WNOHANG))[0]:
        journal = max(journal, _size(part_of(command.out)))
        time.sleep(0.05)
    seconds = time.perf_counter() - begun
    assert os.waitstatus_to_exitcode(done[1]) in (0, 1), "the command did not end by itself"
    return Run(count, seconds, done[2].ru_maxrss / 1024, journal, _size(command.out))


def points(kills: int) -> list[Point]:
    """Where to kill: in the order in which a run that goes on and on gets there."""
    chance = random.Random(SEED)
    ends = ["whole"] * round(WHOLE * kills) + ["renamed"] * max(1, round(RENAMED * kills))
    writing = [Point("writing", chance.random()) for _ in range(round(WRITING * kills))]
    count = kills - len(writing) - len(ends)
    answering = [Point("answering", chance.random()) for _ in range(count)]
    answering.sort(key=lambda point: point.share)
    return [*answering, *writing, *(Point(end, 1.0) for end in ends)]


def killed(command: Command, like: Run, kills: int) -> Iterator[str]:
    """The phases in which runs were killed, until one ends by itself."""
    for point in points(kills):
        since, process = time.time_ns(), command.start()
        while process.poll() is None and not _reached(command, point, like, since=since):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if process.returncode != -signal.SIGKILL:
            return
        yield _phase(command, like)
    if part_of(command.out).exists():
        command.start().wait()


def _reached(command: Command, point: Point, like: Run, *, since: int) -> bool:
    if point.phase == "answering":
        return _size(part_of(command.out)) >= max(1, point.share * like.journal)
    if point.phase == "renamed":
        return command.out.exists()
    return _size(command.fresh, since=since) >= max(1, point.share * like.output)


def _phase(command: Command, like: Run) -> str:
    """What a killed run had left: how far it was."""
    if command.out.exists():
        return "renamed" if part_of(command.out).exists() else "ended"
    if (written := _size(command.fresh)) >= like.output:
        return "whole"
    if written:
        return "writing"
    return "answering" if _size(part_of(command.out)) < like.journal else "answered"


def _size(path: Path, *, since: int = 0) -> int:
    """A file's size; 0 where an earlier process left it."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0
    return found.st_size if found.st_mtime_ns > since else 0


def main(words: list[str]) -> int:
    """Run what the command line asks for."""
    given = _parser().parse_args(words)
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        folder, runs, phases, same = Path(place), list[Run](), list[str](), None
        for count in given.rows:
            rows = write_rows(folder / f"{count}.csv", count)
            command = Command(given.bundle, rows, folder / f"{count}-out.{given.ending}")
            runs.append(run := whole(command, count))
            rate = count / run.seconds
            print(f"{count:>9,} rows  {run.mib:6.1f} MiB  {rate:7.0f} rows/s", flush=True)
        if given.kills:
            again = Command(given.bundle, rows, folder / f"again.{given.ending}")
            for phase in killed(again, run, given.kills):
                phases.append(phase)
                print(f"kill {len(phases):>2}: {phase}", flush=True)
            same = file_sha256(again.out) == file_sha256(command.out)
            print("the same bytes" if same else "OTHER BYTES", flush=True)
    document = {"runs": [asdict(run) for run in runs], "kills": phases, "same_bytes": same}
    print(json.dumps(document))
    return int(same is False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.predict_files", description=__doc__)
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--ending", default="csv", choices=("csv", "jsonl", "parquet", "xlsx"))
    parser.add_argument("--kills", type=int, default=0, metavar="N")
    parser.add_argument("--folder", type=Path, help="where the files go (the temporary directory)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
