"""A bundle's SBOM and VEX."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from burnish.bundle import Manifest, read_bundle, write_manifest
from burnish.digest import file_sha256
from burnish.export.materials import write_materials
from burnish.run import read_run
from burnish.supply_chain.document import SBOM, VEX, Document, validate_document
from burnish.supply_chain.vulnerabilities import known_vulnerabilities
from tests.tiny_onnx import tiny_bundle


@pytest.fixture
def written(make_run, tmp_path: Path) -> Path:
    """A bundle of an older export, to which both documents were added for a run."""
    bundle = tiny_bundle(tmp_path / "bundle")
    run = read_run(make_run())
    manifest = read_bundle(bundle).manifest
    for name in ("manifest.json", "README.md"):
        (bundle / name).unlink(missing_ok=True)
    write_materials(bundle, _of_run(manifest, run), run)
    write_manifest(bundle, manifest)
    return bundle


def _of_run(manifest: Manifest, run: Any) -> Manifest:
    base = {"name": "base", "digest": run.record.base_model.digest}
    scores = {"test": {"accuracy": 0.5}, "validation": {"accuracy": 0.25}}
    changed = {"base_model": base, "metrics": scores, "run_digest": run.digest}
    return manifest.model_copy(update=changed)


def test_the_manifest_lists_both_and_both_are_valid(written: Path) -> None:
    assert {SBOM, VEX} <= set(read_bundle(written).manifest.files)
    for name in (SBOM, VEX):
        text = (written / name).read_text(encoding="utf-8")
        validate_document(Document(text, json.loads(text)["serialNumber"]))


def test_the_sbom_has_the_digests_of_model_base_and_data(written: Path, make_run) -> None:
    run = read_run(make_run())
    content = json.loads((written / SBOM).read_text(encoding="utf-8"))
    model = content["metadata"]["component"]
    assert model["version"] == run.digest
    assert model["hashes"][0]["content"] == file_sha256(written / "model.onnx")
    assert model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "accuracy", "value": "0.25", "slice": "validation"},
        {"type": "accuracy", "value": "0.5", "slice": "test"},
    ]
    hashes = {
        each["bom-ref"]: each["hashes"][0]["content"]
        for each in content["components"]
        if each["type"] != "library"
    }
    assert hashes["base"] == run.record.base_model.digest
    assert hashes["file:tokenizer.json"] == file_sha256(written / "tokenizer.json")
    files = [file for each in run.record.data.files.values() for file in each]
    assert [value for key, value in hashes.items() if key.startswith("data:")] == [
        file.sha256 for file in files
    ]
    assert content["metadata"]["timestamp"] == run.record.created


def test_the_vex_answers_the_table(written: Path) -> None:
    content = json.loads((written / VEX).read_text(encoding="utf-8"))
    assert {each["id"] for each in content["vulnerabilities"]} == {
        each.id for each in known_vulnerabilities()
    }


def test_neither_names_a_place_or_a_row(written: Path, make_run) -> None:
    run = make_run()
    rows = (run.parent / "rows.jsonl").read_text(encoding="utf-8")
    texts = [json.loads(line)["text"] for line in rows.splitlines()]
    for name in (SBOM, VEX):
        content = (written / name).read_text(encoding="utf-8")
        assert str(run.parent) not in content
        assert "rows.jsonl" not in content
        assert not [text for text in texts if text in content]


def test_a_second_time_writes_the_same_bytes(written: Path, make_run, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(written, again)
    manifest = read_bundle(again).manifest
    (again / "manifest.json").unlink()
    run = read_run(make_run())
    write_materials(again, _of_run(manifest, run), run)
    for name in (SBOM, VEX):
        assert (again / name).read_bytes() == (written / name).read_bytes()
