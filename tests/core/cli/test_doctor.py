"""`burnish doctor`."""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path

import pytest

from burnish.cli import checkup
from burnish.cli.checkup import Finding
from burnish.supply_chain.vulnerabilities import known_vulnerabilities


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


def test_doctor_writes_sbom_and_vex_of_what_is_installed(shell, tmp_path: Path) -> None:
    target = tmp_path / "new" / "documents"
    done = shell("doctor", "--sbom", str(target), "--json")
    assert done.code == 0
    sbom, vex = (json.loads((target / f"{name}.cdx.json").read_text()) for name in ("sbom", "vex"))
    assert len(sbom["components"]) == done.document["packages"] > 50
    found = {each["name"]: each["version"] for each in sbom["components"]}
    assert found["onnxruntime"] == metadata.version("onnxruntime")
    assert sbom["metadata"]["component"]["name"] == "burnish"
    assert len(vex["vulnerabilities"]) == len(known_vulnerabilities())
    assert str(Path.home()) not in json.dumps(sbom)
    assert str(Path(__file__).parents[3]) not in json.dumps(sbom)


def test_doctor_refuses_a_file_for_its_documents(shell, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = shell("doctor", "--sbom", str(tmp_path / "file"))
    assert done.code == 2
    assert "no file can be written there" in done.notes


def test_doctor_names_the_extra_that_the_documents_need(shell, tmp_path: Path, monkeypatch) -> None:
    for name in [each for each in sys.modules if each.startswith("burnish.supply_chain.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in {"cyclonedx", *(each for each in sys.modules if each.startswith("cyclonedx."))}:
        monkeypatch.setitem(sys.modules, name, None)
    done = shell("doctor", "--sbom", str(tmp_path))
    assert done.code == 1
    assert "pip install 'burnish[serve]'" in done.notes
