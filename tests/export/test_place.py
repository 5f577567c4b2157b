"""An export works beside its output, clears up what a killed one left, and names a full disk."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from burnish.errors import BurnishError, DataError, RunError, UsageError
from burnish.export import export_run
from burnish.export.place import check_outside_runs, export_place

HIDDEN = ".b.exporting"


def test_it_works_beside_the_output_and_leaves_nothing(tmp_path):
    before = tempfile.gettempdir()
    with export_place(tmp_path / "bundles" / "b") as place:
        assert place == tmp_path / "bundles" / HIDDEN
        with tempfile.NamedTemporaryFile() as file:
            assert Path(file.name).parent == place
    assert list((tmp_path / "bundles").iterdir()) == []
    assert tempfile.gettempdir() == before


def killed(output: Path, more: str = "") -> None:
    """An export that is killed while it works."""
    code = (
        "import os, signal, sys, pathlib\n"
        "from burnish.export.place import export_place\n"
        "with export_place(pathlib.Path(sys.argv[1])) as place:\n"
        "    (place / 'fp32.onnx').write_bytes(bytes(1000))\n"
        f"    {more or 'pass'}\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(output)], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("other", ["b", "c"])
def test_what_a_killed_export_has_left_is_cleared_by_the_next_one(tmp_path, other):
    killed(tmp_path / "b")
    assert (tmp_path / HIDDEN / "fp32.onnx").is_file()
    with export_place(tmp_path / other) as place:
        assert not (tmp_path / HIDDEN / "fp32.onnx").exists()
        assert place.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_what_a_running_export_holds_is_left_and_its_output_refused(tmp_path):
    with export_place(tmp_path / "b") as place:
        (place / "fp32.onnx").touch()
        with export_place(tmp_path / "c"):
            assert (place / "fp32.onnx").is_file()
        another = pytest.raises(RunError, match="belongs to another export")
        with another, export_place(tmp_path / "b"):
            pass
        assert (place / "fp32.onnx").is_file()


def test_a_bundle_that_a_killed_export_was_replacing_is_put_back(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "manifest.json").write_text("{}")
    killed(tmp_path / "b", "os.replace(sys.argv[1], place / '.b.old')")
    assert not (tmp_path / "b").exists()
    with export_place(tmp_path / "c"):
        assert (tmp_path / "b" / "manifest.json").read_text() == "{}"


def test_a_full_disk_is_named(tmp_path):
    output = tmp_path / "bundles" / "b"
    full = pytest.raises(BurnishError, match=f"{output.parent}: the disk that holds it is full")
    with full as caught, export_place(output):
        raise OSError(errno.ENOSPC, "No space left on device", "/elsewhere/x")
    assert "another disk" in caught.value.hint
    assert list(output.parent.iterdir()) == []


def test_other_errors_stay_what_they_are(tmp_path):
    with pytest.raises(ValueError, match="other"), export_place(tmp_path / "b"):
        raise ValueError("other")
    with pytest.raises(PermissionError), export_place(tmp_path / "b"):
        raise PermissionError(errno.EACCES, "x")


@pytest.mark.parametrize("inside", ["bundle", "model/bundle", "a/b/c", "model"])
def test_a_bundle_is_not_written_into_a_run(tmp_path, inside):
    run = tmp_path / "runs" / "tickets"
    run.mkdir(parents=True)
    for name in ("record.json", "recipe.yaml"):
        (run / name).touch()
    with pytest.raises(UsageError, match="is inside the run") as caught:
        export_run(run, run / inside)
    assert str(tmp_path / "runs" / "bundles" / "tickets") in caught.value.hint
    check_outside_runs(tmp_path / "runs" / "bundles" / "tickets")


def test_rows_that_have_moved_are_asked_for_by_the_option_that_finds_them(make_run, tmp_path):
    run = make_run()
    rows = run.parent / "rows.jsonl"
    rows.rename(tmp_path / "rows.jsonl")
    try:
        with pytest.raises(
            DataError, match=r"rows\.jsonl: the run's rows file is missing"
        ) as caught:
            export_run(run, tmp_path / "b", precision="fp32")
        assert "--data" in caught.value.hint
        with pytest.raises(DataError, match="where --data points"):
            export_run(run, tmp_path / "b", precision="fp32", data=run.parent)
        bundle = export_run(run, tmp_path / "b", precision="fp32", data=tmp_path)
    finally:
        (tmp_path / "rows.jsonl").rename(rows)
    assert bundle.manifest.least_onnxruntime == "1.20"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b"]
