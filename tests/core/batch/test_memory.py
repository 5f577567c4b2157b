"""A file ten times as long takes no more memory."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import pytest

import burnish
from burnish.batch.destination import Destination
from burnish.batch.fields import Fields
from burnish.batch.job import Job
from burnish.batch.source import Source
from burnish.interruption import Interruption
from tests.tiny_onnx import tiny_bundle


@pytest.mark.parametrize("ending", ["jsonl", "xlsx"])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, ending: str) -> None:
    peaks = []
    with burnish.load(tiny_bundle(tmp_path / "b")) as model:
        for count in (50, 600, 6000):  # the first one loads what is loaded once
            rows = tmp_path / f"{count}.jsonl"
            rows.write_text(f'{{"id": 1, "text": "my card", "note": "{"x" * 500}"}}\n' * count)
            job = Job(
                model=model,
                source=Source(path=rows, form="jsonl", fields=Fields(task="classification")),
                destination=Destination.checked(
                    tmp_path / f"out{count}.{ending}", source=rows, resume=False, replace=False
                ),
                options={},
            )
            gc.collect()
            tracemalloc.start()
            done = job.run(stop=Interruption(), watch=lambda items, *_: items)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert (done.rows, done.failed) == (count, 0)
    assert peaks[2] < peaks[1] + 1_500_000  # 3 MB of rows more; garbage waits to be collected
