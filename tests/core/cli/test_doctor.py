"""`burnish doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.cli import checkup
from burnish.cli.checkup import Finding


def test_doctor_prints_a_line_a_finding_and_its_fix(shell, monkeypatch) -> None:
    from burnish.cli import doctor

    findings = [Finding("base", "ok", "numpy 2"), Finding("disk", "warn", "1 GiB", "make room")]
    monkeypatch.setattr(doctor, "check_up", lambda _: findings)
    done = shell("doctor")
    assert done.code == 0
    assert done.out == ("ok    base          numpy 2\nwarn  disk          1 GiB\n      make room\n")


def test_doctor_fails_where_burnish_cannot_work(shell, monkeypatch) -> None:
    monkeypatch.setattr(checkup, "_BASE", ("onnxruntime", "no-such-package"))
    done = shell("doctor", "--json")
    assert done.code == 1
    (base,) = [check for check in done.document["checks"] if check["name"] == "base"]
    assert base["level"] == "fail"
    assert "no-such-package" in base["fix"] == base["mend"]


def test_doctor_warns_of_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "kernels.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    (finding,) = [each for each in checkup.check_up(tmp_path) if each.name == "kernels"]
    assert (finding.level, finding.fix) == ("warn", "pip uninstall kernels")


@pytest.mark.parametrize(("value", "level"), [("True", "ok"), ("", "warn")])
def test_doctor_looks_at_telemetry(monkeypatch, tmp_path: Path, value: str, level: str) -> None:
    monkeypatch.setenv("BENTOML_DO_NOT_TRACK", value)
    (finding,) = [each for each in checkup.check_up(tmp_path) if each.name == "telemetry"]
    assert finding.level == level
