"""The whole line where there is no network but the loopback address."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from qualification.bench import Bench
from qualification.rows import Measurement, Row, not_measured
from qualification.servers import ROOT

__all__ = ["ROWS"]

_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_CALLS = ("connect(", "sendto(", "sendmsg(", "sendmmsg(")
DONE = "the whole line works"


def measure_offline(bench: Bench) -> Measurement:
    """Train, export, serve and predict in a network namespace, and what strace saw of it."""
    missing = [name for name in ("unshare", "strace") if shutil.which(name) is None]
    if missing:
        return not_measured(f"install {' and '.join(missing)}")
    alone = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode != 0:
        return not_measured("no right to make a network namespace")
    trace = bench.folder / "trace"
    command = [
        *(*alone, "strace", "-f", "--seccomp-bpf", "-e", "trace=network", "-o", str(trace)),
        *(sys.executable, "-m", "qualification.offline_line", str(bench.folder / "line")),
        *([",".join(bench.weakened)] if bench.weakened else []),
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    works = done.returncode == 0 and DONE in done.stdout
    calls = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    outside = [line for line in calls if _is_outside(line)]
    figure = (
        f"{'works' if works else 'does not work'}; {len(outside)} calls beyond the loopback "
        f"address, of {len(calls):,} network calls"
    )
    details = {"outside": outside[:10], "error": "" if works else done.stderr[-1500:]}
    return Measurement(figure, works and not outside and bool(calls), details)


def _is_outside(line: str) -> bool:
    if not any(call in line for call in _CALLS):
        return False
    addresses = [four or six for four, six in _ADDRESS.findall(line)]
    return any(not (a.startswith("127.") or a in ("::1", "::")) for a in addresses)


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
