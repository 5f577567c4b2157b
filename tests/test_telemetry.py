"""No dependency reports home: ONNX Runtime's wheels do, unless they are told not to in time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_onnx import tiny_bundle

ROOT = Path(__file__).parents[1]
LOAD = """
import sys, time
if "control" in sys.argv:
    import onnxruntime
    onnxruntime.InferenceSession(sys.argv[1] + "/model.onnx")
else:
    import burnish
    burnish.load(sys.argv[1]).predict_one("hello")
time.sleep(6)
"""


def network_calls(bundle: Path, *words: str) -> list[str]:
    """Calls of a process, and of its threads, that name an address other than a file's."""
    environment = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run(
        ["strace", "-f", "-e", "trace=connect,sendto", sys.executable, "-c", LOAD, bundle, *words],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [line for line in done.stderr.splitlines() if "AF_INET" in line]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_loading_a_bundle_calls_nobody(tmp_path):
    assert network_calls(tiny_bundle(tmp_path / "b")) == []


def test_telemetry_is_off_before_onnxruntime_is_imported():
    code = (
        "import burnish, os, sys\n"
        "assert 'onnxruntime' not in sys.modules\n"
        "assert os.environ['ORT_DISABLE_TELEMETRY'] == '1'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
