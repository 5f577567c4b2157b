"""``burnish predict --ray``: many files with their answers in new files, by processes of Ray."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.batch.destination import Destination
from burnish.batch.job import Job, Outcome
from burnish.batch.journal import Head
from burnish.batch.ray import local_processes, on_cluster, spread
from burnish.batch.shard_work import ShardOutcome, answer_shard
from burnish.batch.shards import Shard, check_outputs, find_shards
from burnish.batch.sinks import find_sink
from burnish.batch.source import Source
from burnish.cli.answer_file import options_of
from burnish.cli.progress import Progress
from burnish.cli.questions import existing_file, fields_of
from burnish.cli.terminal import Terminal
from burnish.cli.trust import trust_of, trusted_files
from burnish.errors import BurnishError, StoppedError, UsageError
from burnish.interruption import Interruption
from burnish.plural import plural
from burnish.signing.trust import Trust

if TYPE_CHECKING:
    from burnish.runtime import Model

__all__ = ["answer_shards"]

Decide = Callable[["Model", argparse.Namespace], "Model"]


@dataclass(frozen=True, slots=True)
class _Task:
    """A shard and all that a process on any machine needs to answer it."""

    shard: Shard
    arguments: argparse.Namespace
    bundle: Path
    digest: str
    """Of the bundle, the same on every machine."""
    trust: tuple[Path, ...]
    threads: int
    decide: Decide


def answer_shards(arguments: argparse.Namespace, terminal: Terminal, *, decide: Decide) -> int:
    """Write a file for each shard, and print what became of them.

    Args:
        arguments: of the command line.
        terminal: where to print.
        decide: gives a model the command line's thresholds.

    Returns:
        1 where a shard or a row could not be answered, else 0.
    """
    output = _output(arguments)
    shards = find_shards(
        _given(arguments),
        output.absolute(),
        ending=f".{arguments.shard_format}",
        form=arguments.format,
    )
    find_sink(shards[0].output)
    check_outputs(shards, resume=arguments.resume, replace=arguments.replace)
    tasks = _tasks(arguments, shards, decide)
    address = arguments.ray_address or os.environ.get("RAY_ADDRESS")
    stop = Interruption("run the same command with --resume to go on")
    with on_cluster(address, processors=max(local_processes(), tasks[0].threads)), stop.listening():
        results = spread(_answered, tasks, processors=tasks[0].threads)
        found = dict(Progress(terminal, unit="shard")(results, len(shards), 0))
    return _report(output, shards, [found[index] for index in range(len(shards))], terminal)


def _output(arguments: argparse.Namespace) -> Path:
    if arguments.output is None:
        raise UsageError("--ray writes files", "name a directory for them with -o DIR")
    output: Path = arguments.output
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file", "--ray writes many: name a directory with -o DIR")
    return output


def _given(arguments: argparse.Namespace) -> list[Path]:
    """The files and folders that the command line names."""
    named = [each for each in (arguments.given, *arguments.shards) if each is not None]
    paths = []
    for each in named:
        path = None if each == "-" else existing_file(each, folders=True)
        if path is None:
            raise UsageError(f"{each}: no such file", "--ray needs files, or a folder of files")
        paths.append(path.absolute())
    return paths


def _tasks(arguments: argparse.Namespace, shards: list[Shard], decide: Decide) -> list[_Task]:
    """One task per shard, once the model has been loaded here: what it refuses is refused early."""
    import burnish

    threads, bundle = arguments.threads or 1, Path(arguments.bundle).absolute()
    with burnish.load(bundle, threads=1, trust=trust_of(arguments)) as model:
        digest = decide(model, arguments).bundle.digest
    trust = tuple(path.absolute() for path in trusted_files(arguments))
    given = argparse.Namespace(
        **{name: value for name, value in vars(arguments).items() if not callable(value)}
    )
    return [
        _Task(shard, given, bundle=bundle, digest=digest, trust=trust, threads=threads,
              decide=decide)
        for shard in shards
    ]  # fmt: skip


def _answered(task: _Task) -> ShardOutcome | BurnishError:
    """Answer a shard, in a process of Ray. What is wrong with the shard alone is a result."""
    try:
        return answer_shard(
            task.shard,
            lambda shard, destination, written: _job(task, shard, destination, written),
            replace=task.arguments.replace,
            stop=Interruption("run the same command with --resume to go on"),
        )
    except StoppedError:  # the machine goes: another one goes on
        raise
    except BurnishError as error:
        return BurnishError(error.message, error.hint)
    except OSError as error:
        return BurnishError(f"{error.filename or task.shard.source}: {error.strerror or error}")


def _job(
    task: _Task, shard: Shard, destination: Destination, written: Callable[[Head, Outcome], None]
) -> Job:
    loaded = _loaded(task.bundle, task.digest, task.trust, task.threads)
    model = task.decide(loaded, task.arguments)
    return Job(
        model=model,
        source=Source(
            path=shard.source, form=shard.form, fields=fields_of(task.arguments, model.task)
        ),
        destination=destination,
        top_k=task.arguments.top_k,
        options=options_of(task.arguments),
        written=written,
    )


@cache
def _loaded(bundle: Path, digest: str, trust: tuple[Path, ...], threads: int) -> Model:
    """The model, once per process."""
    import burnish

    model = burnish.load(bundle, threads=threads, trust=Trust.read(trust) if trust else None)
    if model.bundle.digest != digest:
        raise BurnishError(
            f"{bundle}: another machine has another bundle under this name",
            "copy the same bundle to the same path on every machine",
        )
    return model


def _report(
    output: Path,
    shards: list[Shard],
    results: list[ShardOutcome | BurnishError],
    terminal: Terminal,
) -> int:
    done = [result for result in results if isinstance(result, ShardOutcome)]
    before = sum(result.before for result in done)
    again = [result for result in done if result.changed]
    if before:
        terminal.note(plural(before, "# [shard was|shards were] answered before"))
    if again:
        changed = sorted({name for result in again for name in result.changed})
        count = plural(len(again), "# [shard was|shards were] answered again")
        terminal.note(f"{count}, for this has changed since: {', '.join(changed)}")
    rows = sum(result.outcome.rows for result in done)
    failed = sum(result.outcome.failed for result in done)
    abstained = sum(result.outcome.abstained for result in done)
    if failed:
        terminal.note(f"{failed:,} of {plural(rows, '# [row|rows]')} could not be answered")
    errors = [(str(shard.source), result) for shard, result in zip(shards, results, strict=True)
              if isinstance(result, BurnishError)]  # fmt: skip
    for path, error in errors:
        hint = f" ({error.hint})" if error.hint else ""
        terminal.note(f"{'' if path in error.message else f'{path}: '}{error.message}{hint}")
    if errors:
        count = plural(len(errors), "# [shard has|shards have] no output")
        terminal.note(f"{count}; once that is fixed, --resume goes on with the rest")
    told = plural(len(done), "# [shard|shards]")
    terminal.result(f"{output}: {told}, {plural(rows, '# [row|rows]')}")
    terminal.document({"output": str(output), "shards": len(done), "answered_before": before,
                       "rows": rows, "failed": failed, "abstained": abstained,
                       "errors": {path: error.message for path, error in errors}})  # fmt: skip
    return int(bool(failed or errors))
