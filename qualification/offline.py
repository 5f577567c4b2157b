"""The whole line where there is no network but the loopback address."""

from __future__ import annotations

import sys

from qualification.alone import run_alone, why_not_alone
from qualification.bench import Bench
from qualification.rows import Measurement, Row, not_measured
from qualification.servers import ROOT

__all__ = ["ROWS"]

DONE = "the whole line works"


def measure_offline(bench: Bench) -> Measurement:
    """Train, export, serve and predict in a network namespace, and what strace saw of it."""
    if why := why_not_alone():
        return not_measured(why)
    command = [
        *(sys.executable, "-m", "qualification.offline_line", str(bench.folder / "line")),
        *([",".join(bench.weakened)] if bench.weakened else []),
    ]
    done = run_alone(command, trace=bench.folder / "trace", cwd=ROOT, timeout_s=600)
    works = done.status == 0 and DONE in done.stdout
    figure = (
        f"{'works' if works else 'does not work'}; {len(done.outside)} calls beyond the loopback "
        f"address, of {done.calls:,} network calls"
    )
    details = {"outside": list(done.outside[:10]), "error": "" if works else done.stderr[-1500:]}
    return Measurement(figure, works and not done.outside and bool(done.calls), details)


ROWS = (
    Row(
        name="offline",
        test="offline: train, export, serve, predict in a network namespace with loopback only",
        anchor="none",
        bar="works; 0 non-loopback calls under strace",
        measure=measure_offline,
        guards=("calls-home",),
        timed=False,
    ),
)
