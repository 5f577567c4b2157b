"""Whatever ends a process, the same command with --resume leaves the same bytes."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import burnish
from burnish.batch import journal
from burnish.batch.destination import Destination
from burnish.batch.fields import Fields
from burnish.batch.job import Job, Outcome
from burnish.batch.journal import part_of
from burnish.batch.source import Source
from burnish.batch.sources import form_of
from burnish.cli import main
from burnish.errors import BurnishError, StoppedError, UsageError
from burnish.interruption import Interruption
from tests.tiny_onnx import tiny_bundle

ROOT = Path(__file__).parents[3]
START = f"import sys; from {__name__} import often; sys.exit(often(sys.argv[1:]))"
WORDS = ("invoice", "parcel", "hello", "card")
ENDINGS = ("csv", "xlsx", "jsonl", "parquet")


@pytest.fixture(scope="module")
def model() -> Iterator[burnish.Model]:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder, burnish.load(tiny_bundle(Path(folder) / "b")) as loaded:
        yield loaded


def write_rows(path: Path, count: int) -> Path:
    """Rows of which every tenth cannot be answered."""
    texts = ("" if number % 10 == 3 else f"my {WORDS[number % 4]} 😀" for number in range(count))
    lines = (f'{number},"{text}"\n' for number, text in enumerate(texts))
    path.write_text("id,text\n" + "".join(lines), encoding="utf-8")
    return path


def often(words: list[str]) -> int:
    """The command, with its answers on the disk every hundredth of a second."""
    journal._SYNC_S = 0.01
    return main(words)


Do = Callable[..., Outcome]


@pytest.fixture
def do(model: burnish.Model, tmp_path: Path) -> Do:
    """Answer ``rows.csv`` into a file, as the command does."""
    write_rows(tmp_path / "rows.csv", 30)

    def run(
        name: str = "out.csv", *, resume=False, replace=False, after: int | None = None, **options
    ) -> Outcome:
        source = tmp_path / "rows.csv"
        destination = Destination.checked(
            tmp_path / name, source=source, resume=resume, replace=replace
        )
        job = Job(
            model=model,
            source=Source(path=source, form=form_of(source), fields=Fields(task="classification")),
            destination=destination,
            options=options,
        )

        def watch(items, total, before):
            for number, item in enumerate(items):
                if number == after:
                    os.kill(os.getpid(), signal.SIGTERM)
                yield item

        return job.run(stop=Interruption("use --resume"), watch=watch)

    return run


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_stopped_run_goes_on_to_the_same_bytes(do: Do, tmp_path: Path, ending: str) -> None:
    whole = do(f"whole.{ending}")
    assert (whole.rows, whole.failed) == (30, 3)
    for after in (3, 9):
        with pytest.raises(StoppedError, match="stopped by SIGTERM"):
            do(f"out.{ending}", resume=True, after=after)
    assert not (tmp_path / f"out.{ending}").exists()
    assert do(f"out.{ending}", resume=True) == whole
    one, other = (tmp_path / f"{name}.{ending}" for name in ("whole", "out"))
    assert one.read_bytes() == other.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["rows.csv", one.name, other.name]
    )


def test_a_journal_that_ends_anywhere_goes_on(do: Do, tmp_path: Path) -> None:
    do("whole.csv")
    with pytest.raises(StoppedError):
        do(after=12)
    part = part_of(tmp_path / "out.csv")
    content = part.read_bytes()
    assert content.count(b"\n") == 14
    ends = [*range(0, len(content), 37), len(content) - 1]
    tails = [content[:end] for end in ends]
    torn = [content[:-4] + b"\0\0\0\0", content + b'[99,null,"x"]\n', content + b"\0" * 5000]
    for left in [*tails, *torn]:
        part.write_bytes(left)
        do(resume=True)
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
        (tmp_path / "out.csv").unlink()


def test_a_kill_between_the_rename_and_the_journals_end_does_no_harm(do: Do, tmp_path) -> None:
    with pytest.raises(StoppedError):
        do(after=29)
    out, part = tmp_path / "out.csv", part_of(tmp_path / "out.csv")
    left = part.read_bytes()
    done = do(resume=True)
    written = out.stat().st_mtime_ns
    part.write_bytes(left)
    assert do(resume=True) == done
    assert out.stat().st_mtime_ns == written
    assert not part.exists()


@pytest.mark.parametrize("after", [20, 29])
def test_another_output_is_replaced_only_if_asked(do: Do, tmp_path: Path, after: int) -> None:
    with pytest.raises(StoppedError):
        do(after=after)
    out = tmp_path / "out.csv"
    out.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        do(resume=True)
    assert out.read_text() == "mine"
    do(resume=True, replace=True)
    assert out.read_text() != "mine"


def test_what_is_there_is_not_lost_unasked(do: Do, tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        do(after=5)
    with pytest.raises(UsageError) as caught:
        do()
    assert "--resume" in caught.value.hint
    assert "--replace" in caught.value.hint
    do(replace=True)
    for flags in ({}, {"resume": True}):
        with pytest.raises(UsageError, match="exists already"):
            do(**flags)
    do(replace=True)


@pytest.mark.parametrize("change", ["input", "options", "bundle"])
def test_what_was_begun_with_something_else_is_refused(
    do: Do, tmp_path: Path, model: burnish.Model, change: str, monkeypatch
) -> None:
    with pytest.raises(StoppedError):
        do(after=5, **{"--top-k": 1})
    options = {"--top-k": 3 if change == "options" else 1}
    if change == "input":
        (tmp_path / "rows.csv").write_text("id,text\n1,my card\n")
    if change == "bundle":
        bundle = tiny_bundle(tmp_path / "other", name="other")
        monkeypatch.setattr(model, "bundle", burnish.load(bundle).bundle)
    with pytest.raises(UsageError) as caught:
        do(resume=True, **options)
    said = "--top-k (1 then, 3 now)" if change == "options" else change
    assert caught.value.message.endswith(f"has changed since: {said}")


def test_an_input_that_changes_meanwhile_is_noticed(do: Do, tmp_path: Path, monkeypatch) -> None:
    rows = tmp_path / "rows.csv"
    write, content = Job._write, rows.read_text()

    def touched(job: Job, *arguments: Any) -> None:
        rows.write_text(content.replace("card", "cord"))
        write(job, *arguments)

    monkeypatch.setattr(Job, "_write", touched)
    with pytest.raises(BurnishError, match="the file changed while it was answered"):
        do()
    assert not (tmp_path / "out.csv").exists()


def test_two_processes_do_not_write_one_output(do: Do, tmp_path: Path) -> None:
    import fcntl

    part = part_of(tmp_path / "out.csv")
    with part.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BurnishError, match="another process is writing this output"):
            do(resume=True)


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    write_rows(tmp_path / "rows.csv", 1500)
    bundle, rows, out = tiny_bundle(tmp_path / "b"), tmp_path / "rows.csv", tmp_path / "out.csv"
    words = ["predict", str(bundle), str(rows), "-o", str(out), "--resume"]
    return [sys.executable, "-c", START, *words]


def test_twenty_kills_lose_no_row(command: list[str], tmp_path: Path) -> None:
    chance, out = random.Random(7), tmp_path / "out.csv"
    part, answered, words = part_of(out), [0], command[3:]
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__, "onnxruntime", "burnish.runtime"])
    for _ in range(20):
        process = server.Process(target=often, args=(words,))
        process.start()
        wanted = answered[-1] + chance.randrange(1, 70)
        while process.is_alive() and _lines(part) <= wanted:
            time.sleep(0.002)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert not out.exists()
        answered.append(max(0, _lines(part) - 1))
    assert answered == sorted(answered)
    assert answered[-1] > 150
    assert subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 1
    resumed = out.read_bytes()
    out.unlink()
    subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
    assert out.read_bytes() == resumed
    assert resumed.count(b"\r\n") == 1501


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_a_full_disk_is_said_and_resumed_after(command: list[str], tmp_path: Path) -> None:
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    run = subprocess.run
    full = run(command, cwd=ROOT, check=False, capture_output=True, text=True, preexec_fn=little)
    assert full.returncode == 1
    assert "the disk is full, or a limit on the file's size is reached" in full.stderr
    assert "run the same command with --resume: no row is lost" in full.stderr
    assert 0 < _lines(part_of(tmp_path / "out.csv")) < 1501
    again = run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert "answered before; going on with the rest" in again.stderr
    assert (tmp_path / "out.csv").read_bytes().count(b"\r\n") == 1501


def test_sigterm_ends_it_cleanly(command: list[str], tmp_path: Path) -> None:
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while _lines(part_of(tmp_path / "out.csv")) < 5:
        time.sleep(0.005)
    process.terminate()
    _, notes = process.communicate(timeout=30)
    assert process.returncode == 143
    assert notes == "stopped by SIGTERM; run the same command with --resume to go on\n"
    head = json.loads(part_of(tmp_path / "out.csv").read_bytes().split(b"\n")[0])
    assert list(head)[:3] == ["bundle", "input", "burnish"]
    assert part_of(tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600
