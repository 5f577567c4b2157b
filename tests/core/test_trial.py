"""A bundle is tried in a process of its own, which has a deadline."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import psutil
import pytest

from burnish.bundle import read_manifest
from burnish.errors import BundleError
from burnish.self_test.trial import deadline_for, try_bundle
from tests.endless import endless_bundle
from tests.tiny_onnx import tiny_bundle


def test_a_whole_bundle_passes(tmp_path):
    try_bundle(tiny_bundle(tmp_path / "b", probes=True))


def test_a_graph_that_never_ends_is_refused_at_the_deadline_and_its_process_is_gone(tmp_path):
    path = endless_bundle(tmp_path / "b")
    begin = time.monotonic()
    with pytest.raises(BundleError, match="its graph may never end"):
        try_bundle(path, deadline_s=4)
    assert time.monotonic() - begin < 20
    left = [each for each in psutil.Process().children() if "trial" in " ".join(each.cmdline())]
    assert left == []


def test_the_process_ends_itself_where_nobody_waits_for_it(tmp_path):
    command = [
        sys.executable,
        "-m",
        "burnish.self_test.trial",
        str(endless_bundle(tmp_path / "b")),
    ]
    done = subprocess.run([*command, "1"], capture_output=True, timeout=30, check=False)
    assert done.returncode == -signal.SIGALRM


def test_a_refusal_is_told_as_it_would_be_without_a_process_of_its_own(tmp_path):
    path = tiny_bundle(tmp_path / "b")
    (path / "model.onnx").write_bytes(b"")
    with pytest.raises(BundleError, match=r"model\.onnx is not the file") as caught:
        try_bundle(path)
    assert "export the run again" in caught.value.hint


def test_a_bundle_that_ends_its_process_is_refused(tmp_path, monkeypatch):
    path = tiny_bundle(tmp_path / "b")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(BundleError, match="ended with code 1"):
        try_bundle(path)
    script = tmp_path / "crash"
    script.write_text("#!/bin/sh\nkill -SEGV $$\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    with pytest.raises(BundleError, match="ended by SIGSEGV"):
        try_bundle(path)


def test_a_larger_bundle_has_more_time(tmp_path):
    path = tiny_bundle(tmp_path / "b")
    raw = json.loads((path / "manifest.json").read_text())
    assert 60 < deadline_for(path) < 61
    raw["files"]["model.onnx"]["size_bytes"] = 1_000_000_000
    del raw["seal"]
    (path / "manifest.json").write_text(json.dumps(raw))
    assert read_manifest(path)
    assert 259 < deadline_for(path) < 262
