"""What a checkpoint costs: ``python -m benchmarks.checkpoints [FOLDER]``.

Writes and reads the state of trainings of MiniLM's size: what is trained and AdamW's two moments.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch

from burnish.training.checkpointing.snapshot import read_snapshot, write_snapshot

__all__: list[str] = []

TRAINED = {"every weight": 22_700_000, "LoRA": 1_300_000}
"""Parameters of MiniLM's that are trained: all, or matrices of rank 16 in all linear layers."""
PARTS = 100
TIMES = 5


def main(folder: str | None = None) -> int:
    """Print the median time of each."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for name, count in TRAINED.items():
            state = {
                f"{kind}.{part}": torch.randn(count // PARTS)
                for kind in ("model", "exp_avg", "exp_avg_sq")
                for part in range(PARTS)
            }
            writes, reads = [], []
            for number in range(TIMES):
                path = Path(place) / f"{count}-{number}"
                begin = time.perf_counter()
                write_snapshot(path, state, {})
                writes.append(time.perf_counter() - begin)
                begin = time.perf_counter()
                read_snapshot(path)
                reads.append(time.perf_counter() - begin)
            size = sum(tensor.nbytes for tensor in state.values()) / 1e6
            print(
                f"{name}: {size:.0f} MB, written in {statistics.median(writes):.2f} s, "
                f"read in {statistics.median(reads):.2f} s"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
