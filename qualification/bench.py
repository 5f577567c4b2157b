"""What a row measures with: sizes, bundles, and servers with or without their guards."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.plan import TaskName
from qualification.servers import Served, start
from tests.tiny_onnx import tiny_bundle

__all__ = ["TASKS", "Bench", "make_tiny"]

TASKS: tuple[TaskName, ...] = ("classification", "extraction", "qa")
CACHE = Path(".cache/bench")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """One measurement's surroundings."""

    folder: Path
    """For what is written; empty at first."""
    bundles: Path
    """For tiny bundles, which all measurements share."""
    quick: bool = False
    """Small sizes: shows that the row works, not that the bar holds at its full size."""
    weakened: tuple[str, ...] = ()
    """Guards that are off: a negative control."""

    @property
    def is_control(self) -> bool:
        """Whether this is a negative control."""
        return bool(self.weakened)

    def pick(self, full: int, quick: int, *, control: int | None = None) -> int:
        """A size of this measurement; a control takes the quick one where it has no own."""
        if self.is_control:
            return quick if control is None or self.quick else control
        return quick if self.quick else full

    def tiny(self, *tasks: TaskName) -> Path:
        """A directory of tiny int8 bundles, of all tasks where none is named."""
        place = self.bundles / "-".join(("tiny", *tasks))
        for task in tasks or TASKS:
            if not (place / task).exists():
                place.mkdir(parents=True, exist_ok=True)
                make_tiny(place / task, task)
        return place

    def part(self, name: str) -> Bench:
        """The same in a folder of its own."""
        return replace(self, folder=self.folder / name)

    def shaped(self, task: TaskName = "classification") -> Path:
        """A bundle for load: MiniLM's shape, int8; in quick runs a tiny one."""
        if self.quick:
            return self.tiny(task) / task
        from benchmarks.minilm_subjects import minilm_subject

        return minilm_subject(task, CACHE.resolve()).bundles["int8"]

    @contextmanager
    def serving(
        self,
        *bundles: Path,
        options: Sequence[str] = (),
        guards_off: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> Iterator[Served]:
        """A server that is ready, stopped in the end.

        Args:
            bundles: what it serves.
            options: more of ``burnish serve``.
            guards_off: changes of this row itself, besides a control's.
            environment: variables besides this process's own.
            port: a free one where None.
        """
        served = start(
            bundles,
            options=options,
            weakened=(*self.weakened, *guards_off),
            environment=environment,
            folder=self.folder,
            port=port,
        )
        try:
            served.wait_ready()
            yield served
        finally:
            served.stop()


def make_tiny(path: Path, task: TaskName, *, int8: bool = True, **settings: Any) -> Path:
    """Write a tiny bundle, without the quantizer's advice on the root logger."""
    logger = logging.getLogger()
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        return tiny_bundle(path, task, int8=int8, **settings)
    finally:
        logger.setLevel(before)
