"""What is done with a shard, wherever it is: answer it, unless its output is there and holds.

A hidden record beside each output (``.NAME.done``) says what it was made of, and its digest.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from burnish.batch.destination import Destination
from burnish.batch.job import Job, Outcome
from burnish.batch.journal import Head, begun_head, part_of
from burnish.batch.shards import Shard, record_of
from burnish.digest import file_sha256
from burnish.directory import write_synced
from burnish.interruption import Interruption

__all__ = ["MakeJob", "ShardOutcome", "answer_shard"]

MakeJob = Callable[[Shard, Destination, Callable[[Head, Outcome], None]], Job]
"""Makes a shard's job, given its destination and what the job tells when the output is there."""


@dataclass(frozen=True, slots=True)
class ShardOutcome:
    """What became of a shard."""

    outcome: Outcome
    before: bool
    """An earlier run had answered it, and nothing has changed since."""
    changed: tuple[str, ...]
    """An earlier run had answered it, and this has changed since, so it was answered again."""


def answer_shard(
    shard: Shard, make_job: MakeJob, *, replace: bool, stop: Interruption
) -> ShardOutcome:
    """Answer a shard, or go on where a lost worker stopped, unless all is done already.

    Args:
        shard: what to answer.
        make_job: as its own text says.
        replace: answer it again even if nothing has changed.
        stop: ends it.

    Raises:
        BurnishError: as :meth:`burnish.batch.job.Job.run`.
    """
    output, record = shard.output, _read(record_of(shard.output))
    begun = begun_head(output)
    output.parent.mkdir(parents=True, exist_ok=True)

    def job(*, resume: bool) -> Job:
        ours = replace or bool(record) or begun is not None
        place = Destination.checked(output, source=shard.source, resume=resume, replace=ours)
        return make_job(shard, place, lambda head, done: _keep(output, head, done))

    head = json.loads(json.dumps(job(resume=True).head()))
    was = record.get("head", {})
    if was == head and not replace and _digest(output) == record["sha256"]:
        part_of(output).unlink(missing_ok=True)  # of a worker that was lost right before its end
        return ShardOutcome(Outcome(**record["outcome"]), before=True, changed=())
    done = job(resume=begun == head).run(stop=stop, watch=lambda items, *_: items)
    changed = tuple(name for name in head if was and was.get(name) != head[name])
    return ShardOutcome(done, before=False, changed=changed)


def _keep(output: Path, head: Head, done: Outcome) -> None:
    record = {"head": dict(head), "sha256": _digest(output), "outcome": asdict(done)}
    write_synced(record_of(output), json.dumps(record).encode("ascii"))


def _read(path: Path) -> dict[str, Any]:
    """A record; empty where there is none that is whole."""
    try:
        value = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) and {"head", "sha256", "outcome"} <= set(value) else {}


def _digest(path: Path) -> str:
    return file_sha256(path) if path.is_file() else ""
