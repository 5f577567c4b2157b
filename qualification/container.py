"""Fifty texts of a million characters at once, in a container of 512 MB."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from qualification.bench import Bench
from qualification.rows import Measurement, Row, not_measured
from qualification.servers import Served, start

__all__ = ["ROWS"]

LIMIT_BYTES = 512 * 2**20
CHARACTERS = 999_900
END = " was in Paris"
GROUPS = (
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
    (Path("/sys/fs/cgroup"), "memory.max"),
)
"""Of version 1 and of version 2."""
ALLOWED = {200, 413, 429}
GROWTH = 1.1
SETTLE_S = 10.0
MEBIBYTE = 2**20
TEXTS = {"words": "a ", "marks": ".", "ideographs": "中文"}
LONG_QUEUE = ("--queue-ms", "600000")
"""Time is no reason to refuse here: memory is."""


def measure_container(bench: Bench) -> Measurement:
    """Callers that all send at once; who is answered must be answered right."""
    count = bench.pick(50, 12, control=50)
    with _group() as group:
        if group is None:
            return not_measured("no memory control group can be made here")
        folder = bench.folder / "server"
        served = start(
            [bench.tiny("extraction")],
            options=LONG_QUEUE,
            weakened=bench.weakened,
            folder=folder,
        )
        try:
            _set(group / "cgroup.procs", str(served.pid))
            served.wait_ready()
            return _ask_all(served, count)
        finally:
            served.stop()


def _ask_all(served: Served, count: int) -> Measurement:
    contents = [_text(number) for number in range(count)]
    found = _round(served, contents)
    time.sleep(SETTLE_S)
    before = served.usage.memory_bytes()  # what a first round leaves for the next ones
    found += _round(served, contents)
    alive = served.process.poll() is None and _answer(served, "Anna" + END) == (200, True)
    after = _settled(served, before * GROWTH) if alive else 0.0
    statuses = Counter(status for status, _ in found)
    wrong = sum(status == 200 and not right for status, right in found)
    unkind = sum(status not in ALLOWED for status, _ in found)
    figure = (
        f"{'alive' if alive else 'killed'}; {statuses[200] - wrong} answered right, {wrong} wrong, "
        f"{statuses[429]} times 429, {statuses[413]} times 413, {unkind} others; memory "
        f"{before / MEBIBYTE:.0f} MiB after one round, {after / MEBIBYTE:.0f} after two"
    )
    passed = alive and not wrong and not unkind and statuses[200] > 0 and after <= before * GROWTH
    return Measurement(figure, passed, {"statuses": dict(statuses)})


def _round(served: Served, contents: Sequence[str]) -> list[tuple[int, bool]]:
    with ThreadPoolExecutor(len(contents)) as callers:
        return list(callers.map(lambda text: _answer(served, text), contents))


def _text(number: int) -> str:
    filler = list(TEXTS.values())[number % len(TEXTS)]
    size = CHARACTERS // len(filler.encode()) - len(END)
    return filler * size + END


def _answer(served: Served, text: str) -> tuple[int, bool]:
    """The status, and whether the place at the text's end is the one that was found last."""
    body = json.dumps({"inputs": text}, ensure_ascii=False).encode()
    try:
        reply = served.ask("POST", "/extract", body, timeout_s=600)
    except OSError:
        return 0, False
    if reply.status != 200:
        return reply.status, False
    last = json.loads(reply.content)[-1]
    place = (last["entity_group"], last["word"], last["start"], last["end"])
    return 200, place == ("place", "Paris", len(text) - len("Paris"), len(text))


def _settled(served: Served, wanted: float) -> float:
    """Memory when it has fallen to what is wanted, or after a while."""
    end = time.monotonic() + SETTLE_S
    while (held := served.usage.memory_bytes()) > wanted and time.monotonic() < end:
        time.sleep(0.2)
    return float(held)


@contextmanager
def _group() -> Iterator[Path | None]:
    """A control group of 512 MB without swap; None where none can be made."""
    group = next(filter(None, (_make_group(root, limit) for root, limit in GROUPS)), None)
    try:
        yield group
    finally:
        if group is not None:
            with suppress(OSError):
                group.rmdir()


def _make_group(root: Path, limit: str) -> Path | None:
    group = root / f"burnish-qualify-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        return None
    try:
        _set(group / limit, str(LIMIT_BYTES))
    except OSError:
        group.rmdir()
        return None
    with suppress(OSError):
        _set(group / "memory.swap.max", "0")
    return group


def _set(control: Path, value: str) -> None:
    # Not `write_text`: beside control groups of version 1, the root of version 2 is a folder like
    # any other, in which a limit that nobody reads would be made.
    with control.open("r+") as file:
        file.write(value)


ROWS = (
    Row(
        name="small-container",
        test="fifty texts of 1 MB at once, twice, in a container of 512 MB",
        anchor="none",
        bar="alive; all answered right or refused with 429 or 413, at least one answered; memory "
        "after the second round at most 1.1 x what it was after the first",
        measure=measure_container,
        guards=("whole-texts", "no-memory-admission"),
        timed=False,
    ),
)
