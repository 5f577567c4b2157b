"""Fuzz the readers: ``python -m tests.fuzz --files 10000 --seed 7``; exit 1 where a file fails.

The files that fail are kept in ``--keep DIRECTORY``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.campaign import fuzz


def main() -> int:
    """Fuzz, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    with TemporaryDirectory(prefix="burnish-fuzz-") as folder:
        for path, faults in fuzz(Path(folder), files=arguments.files, seed=arguments.seed):
            counts["files"] += 1
            for fault in faults:
                counts[fault.what] += 1
                print(f"{path.name}: {fault.command}: {fault.what}: {fault.detail}", flush=True)
            if faults and arguments.keep:
                arguments.keep.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if path.is_dir() else shutil.copy
                copy(path, arguments.keep / f"{counts['files']}-{path.name}")
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return int(set(counts) != {"files"})


if __name__ == "__main__":
    sys.exit(main())
