"""A campaign: the seeds as they are, then mutated files, each tried alone in a directory."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import SEEDS
from tests.fuzz.trial import Fault, loaded, try_file
from tests.tiny_onnx import tiny_bundle

__all__ = ["fuzz"]


def fuzz(folder: Path, *, files: int, seed: int) -> Iterator[tuple[Path, list[Fault]]]:
    """Each file and what went wrong with it; the same seed gives the same files.

    Args:
        folder: an empty directory; a file is removed once the next is asked for.
        files: how many, the seeds among them.
        seed: of the mutations.
    """
    tasks = {each.task for each in SEEDS}
    bundles = {task: tiny_bundle(folder / task, task) for task in sorted(tasks)}  # type: ignore[arg-type]
    rng = random.Random(seed)
    with loaded(bundles):
        for number in range(files):
            right = number < len(SEEDS)
            chosen = SEEDS[number] if right else rng.choice(SEEDS)
            content = chosen.content if right else mutated(chosen.content, rng)
            inside = folder / str(number)
            inside.mkdir()
            path = inside / chosen.name
            path.write_bytes(content)
            yield path, try_file(path, chosen.task, bundles[chosen.task], is_right=right)
            shutil.rmtree(inside)
