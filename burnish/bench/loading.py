"""What it takes to load a bundle: seconds and memory of a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from burnish.bench.texts import inputs_of_length
from burnish.bundle import read_bundle
from burnish.errors import BundleError
from burnish.runtime import open_model

__all__ = ["Loading", "measure_loading", "report_loading"]

# The clock is started before the first import that is not the interpreter's own.
_CHILD = """
import sys, time
begin = time.perf_counter()
from burnish.bench.loading import report_loading
report_loading(time.perf_counter() - begin, *sys.argv[1:3], [int(n) for n in sys.argv[3:]])
"""

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Loading:
    """A process that loads a bundle and answers a text of each length, once."""

    import_s: float
    """Importing burnish with ONNX Runtime, tokenizers and numpy."""
    load_s: float
    """`burnish.load`: every digest verified, session made, a sentence answered."""
    peak_bytes: int
    """Most memory that was resident at once, libraries included."""


def measure_loading(
    path: Path, lengths: Sequence[int], *, digest: str = "", processes: int = 3
) -> Loading:
    """Medians over fresh processes, one after the other; files are in the system's cache.

    ``digest`` is the bundle's, if it has been verified: no other one is loaded then.

    Raises:
        BundleError: a process failed.
    """
    found = [_in_process(path, lengths, digest) for _ in range(processes)]
    return Loading(
        import_s=median(loading.import_s for loading in found),
        load_s=median(loading.load_s for loading in found),
        peak_bytes=int(median(loading.peak_bytes for loading in found)),
    )


def _in_process(path: Path, lengths: Sequence[int], digest: str) -> Loading:
    command = [sys.executable, "-c", _CHILD, str(path), digest, *map(str, lengths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = done.stderr.strip().splitlines() or ["no message"]
        raise BundleError(f"{path}: a process of its own could not load it: {reason[-1]}")
    return Loading(**json.loads(done.stdout))


def report_loading(import_s: float, path: str, digest: str, lengths: Sequence[int]) -> None:
    """What the fresh process does: load, answer, and print a `Loading` as JSON."""
    begin = time.perf_counter()
    with open_model(read_bundle(path, digest=digest)) as model:
        load_s = time.perf_counter() - begin
        task = model.bundle.manifest.task
        encoder = task.text_encoder(model.bundle.tokenizer_path)
        for tokens in lengths:
            model.predict_one(inputs_of_length(task, encoder, tokens, count=1)[0])
        found = Loading(import_s=import_s, load_s=load_s, peak_bytes=_peak_bytes())
    print(json.dumps(asdict(found)))


def _peak_bytes() -> int:
    """The high-water mark of this process alone.

    Linux's ``ru_maxrss`` will not do: a child starts with its parent's.
    """
    if _STATUS.is_file():
        for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )
