"""A release says its version and date alike in every place, and reads what 0.1.0 wrote."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import burnish
from burnish.bundle import read_bundle
from burnish.runtime import load_model
from tests.tiny_onnx import tiny_bundle

ROOT = Path(__file__).parent.parent
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_every_place_names_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == burnish.__version__ == CITATION["version"]


def test_the_newest_heading_of_the_changelog_is_dated() -> None:
    newest = re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", CHANGES, re.MULTILINE)
    assert newest is not None
    assert newest[1] == burnish.__version__
    assert newest[2] == str(CITATION["date-released"])
    assert newest.start() == CHANGES.index("## ")


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda p: p.name)
def test_a_file_of_the_workflow_is_yaml(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def test_the_workflow_tests_every_python_that_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {c.rpartition(" ")[2] for c in project["classifiers"] if ":: Python :: 3." in c}
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]
    assert set(jobs["test"]["strategy"]["matrix"]["python"]) == declared
    steps = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
    assert any(step == ".ci/run" for step in steps)
    assert any(step.startswith("make lowest") for step in steps)


def test_a_bundle_of_0_1_0_is_loaded(tmp_path: Path) -> None:
    """It had neither seal nor self-test, and did not say which onnxruntime it needs."""
    path = tiny_bundle(tmp_path / "tiny")
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    for key in ("seal", "probes", "least_onnxruntime", "scope_scores"):
        manifest.pop(key, None)
    manifest["burnish_version"] = "0.1.0"
    (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert read_bundle(path).manifest.burnish_version == "0.1.0"
    with load_model(path, threads=1) as model:
        assert model.predict_one("the invoice")
