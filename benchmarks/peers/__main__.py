"""burnish beside its peers: ``python -m benchmarks.peers`` (docs/lab/peers.md).

Every peer gets a virtual environment of its own in ``.cache/peers``, the same model, two threads,
the same texts and the same callers. It prints tables and writes ``build/peers.txt``,
``build/peers.json`` and the figures of ``docs/lab/peers.md``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.comparison import compare, prepare
from benchmarks.peers.model import peer_model
from benchmarks.peers.plan import full, quick
from benchmarks.peers.report import write_document, write_results
from benchmarks.peers.subjects import SUBJECTS, Subject

CACHE = Path(".cache/peers")
DOCUMENT = Path("docs/lab/peers.md")
NAMES = sorted({one.environment for one in SUBJECTS if one.environment})


def main(arguments: list[str]) -> None:
    """Run what the command line asks for."""
    given, begin = _parser().parse_args(arguments), time.perf_counter()

    def notify(note: str) -> None:
        print(f"{time.perf_counter() - begin:6.1f} s  {note}", file=sys.stderr, flush=True)

    directory, subjects = CACHE.resolve(), _chosen(given.peer)
    environments = prepare(subjects, directory, notify, build=not given.no_build)
    notify("the model")
    model = peer_model(directory / "model")
    if given.build_only:
        for one in environments.values():
            notify(f"{one.name}: {one.failure or 'ready'}")
        return
    plan = quick() if given.quick else full()
    results = compare(model, plan, directory, notify, environments=environments, subjects=subjects)
    text, document = write_results(results, given.out)
    print(text.read_text(encoding="utf-8"))
    print(document.read_text(encoding="utf-8"), end="")
    if not given.quick and not given.peer and not given.no_document:
        write_document(results, DOCUMENT)
    notify(f"written to {given.out}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few samples, leaves docs/ alone")
    parser.add_argument("--peer", action="append", choices=NAMES, help="only this; repeatable")
    parser.add_argument("--build-only", action="store_true", help="environments and model only")
    parser.add_argument("--no-build", action="store_true", help="what is not built is left out")
    parser.add_argument("--no-document", action="store_true", help="leave docs/lab/peers.md alone")
    parser.add_argument("--out", type=Path, default=Path("build"), metavar="FOLDER")
    return parser


def _chosen(names: Sequence[str] | None) -> tuple[Subject, ...]:
    kept = [
        one for one in SUBJECTS if one.environment is None or one.environment in (names or NAMES)
    ]
    return tuple(kept)


if __name__ == "__main__":
    main(sys.argv[1:])
