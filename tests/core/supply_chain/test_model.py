"""The SBOM of a model."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from burnish.supply_chain.document import Document, validate_document
from burnish.supply_chain.model import Base, DataFile, Materials, Metric, model_sbom
from burnish.supply_chain.packages import Package

MADE = datetime(2026, 11, 29, 7, 0, tzinfo=UTC)
PACKAGES = (Package("numpy", "2.4.6", "BSD-3-Clause"), Package("torch", "2.13.0", "", ("numpy",)))
MATERIALS = Materials(
    name="tickets",
    version="ab" * 32,
    task="labels",
    family="bert",
    files={"model.onnx": "1" * 64, "tokenizer.json": "2" * 64},
    base=Base("org/encoder", "3" * 64, "main"),
    data=(DataFile("train", "4" * 64), DataFile("test", "5" * 64)),
    metrics=(Metric("test", "accuracy", 0.82),),
    properties=(("precision", "int8"),),
)


def test_a_model_is_described_with_its_card() -> None:
    sbom = model_sbom(MATERIALS, PACKAGES, made=MADE)
    validate_document(sbom)
    content = json.loads(sbom.text)
    model = content["metadata"]["component"]
    assert model["type"] == "machine-learning-model"
    assert model["hashes"] == [{"alg": "SHA-256", "content": "1" * 64}]
    assert model["properties"] == [{"name": "burnish:precision", "value": "int8"}]
    parameters = model["modelCard"]["modelParameters"]
    assert (parameters["task"], parameters["modelArchitecture"]) == ("labels", "bert")
    found = {each["bom-ref"]: each for each in content["components"]}
    assert [found[each["ref"]]["hashes"][0]["content"] for each in parameters["datasets"]] == [
        "4" * 64,
        "5" * 64,
    ]
    (metric,) = model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
    assert metric == {"type": "accuracy", "value": "0.82", "slice": "test"}


def test_what_the_model_is_made_from_has_its_digest() -> None:
    content = json.loads(model_sbom(MATERIALS, PACKAGES, made=MADE).text)
    found = {each["bom-ref"]: each for each in content["components"]}
    base = found["base"]
    assert (base["name"], base["version"]) == ("org/encoder", "main")
    assert base["hashes"][0]["content"] == "3" * 64
    (needed,) = [each for each in content["dependencies"] if each["ref"] == "model"]
    assert set(needed["dependsOn"]) == {
        *("base", "data:1", "data:2", "file:model.onnx", "file:tokenizer.json")
    }


def test_the_software_that_made_it_is_not_part_of_it() -> None:
    content = json.loads(model_sbom(MATERIALS, PACKAGES, made=MADE).text)
    libraries = [each for each in content["components"] if each["type"] == "library"]
    assert {each["scope"] for each in libraries} == {"excluded"}
    assert {each["purl"] for each in libraries} == {
        "pkg:pypi/numpy@2.4.6",
        "pkg:pypi/torch@2.13.0",
    }


def test_the_same_materials_give_the_same_bytes() -> None:
    first, again = (model_sbom(MATERIALS, PACKAGES, made=MADE) for _ in range(2))
    assert first == again
    assert json.loads(first.text)["metadata"]["timestamp"] == "2026-11-29T07:00:00+00:00"
    other = model_sbom(replace(MATERIALS, version="cd" * 32), PACKAGES, made=MADE)
    assert other.serial != first.serial


def test_a_document_that_is_not_valid_is_found() -> None:
    sbom = model_sbom(MATERIALS, PACKAGES, made=None)
    content = json.loads(sbom.text)
    assert "timestamp" not in content["metadata"]
    content["metadata"]["component"]["modelCard"]["modelParameters"]["approach"]["type"] = "magic"
    with pytest.raises(ValueError, match="not a valid CycloneDX"):
        validate_document(Document(json.dumps(content), sbom.serial))
