"""The SBOM and the VEX of a release."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from burnish.supply_chain.document import SBOM, VEX, Document, validate_document
from burnish.supply_chain.packages import pinned_packages
from burnish.supply_chain.software import reference
from burnish.supply_chain.vulnerabilities import known_vulnerabilities
from release.sbom import ROOT, write_release_sbom

EPOCH = "1764374400"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents of this checkout."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        return write_release_sbom(tmp_path_factory.mktemp("release")).sbom.parent


def test_every_pinned_package_is_listed(written: Path) -> None:
    content = json.loads((written / SBOM).read_text())
    listed = {each["purl"] for each in content["components"]}
    assert listed == {reference(each) for each in pinned_packages(ROOT / "constraints.txt")}
    own = content["metadata"]["component"]
    assert (own["name"], own["purl"].partition("@")[0]) == ("burnish", "pkg:pypi/burnish")
    assert content["metadata"]["timestamp"].startswith("2025-11-29T00:00:00")


def test_burnish_depends_on_what_it_requires(written: Path) -> None:
    content = json.loads((written / SBOM).read_text())
    own = content["metadata"]["component"]["bom-ref"]
    (needed,) = [each["dependsOn"] for each in content["dependencies"] if each["ref"] == own]
    names = {each.removeprefix("pkg:pypi/").partition("@")[0] for each in needed}
    assert {"onnxruntime", "torch", "starlette", "ray", "pyyaml"} <= names
    assert not {"pytest", "mkdocs", "h11"} & names


def test_every_known_vulnerability_is_answered(written: Path) -> None:
    answers = {
        each["id"]: each["analysis"]
        for each in json.loads((written / VEX).read_text())["vulnerabilities"]
    }
    assert set(answers) == {each.id for each in known_vulnerabilities()}
    exploitable = {key for key, each in answers.items() if each["state"] == "exploitable"}
    assert exploitable == {"CVE-2023-48022"}  # Ray, which is only in the extra of that name
    assert {each["state"] for each in answers.values()} == {
        *("resolved", "not_affected", "exploitable")
    }


def test_both_documents_are_valid_and_the_same_again(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    write_release_sbom(tmp_path)
    for name in (SBOM, VEX):
        text = (written / name).read_text(encoding="utf-8")
        assert (tmp_path / name).read_text(encoding="utf-8") == text
        serial = json.loads(text)["serialNumber"].removeprefix("urn:uuid:")
        validate_document(Document(text, serial))


def test_without_a_date_the_documents_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (tmp_path / "root").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "root")
    (tmp_path / "root" / "constraints.txt").write_text("h11==0.14.0\n", encoding="utf-8")
    written = write_release_sbom(tmp_path / "out", root=tmp_path / "root")
    assert "timestamp" not in json.loads(written.sbom.read_text())["metadata"]
    answers = json.loads(written.vex.read_text())["vulnerabilities"]
    (h11,) = [each for each in answers if each["id"] == "CVE-2025-43859"]
    assert h11["analysis"]["state"] == "not_affected"
    assert "h11 0.14.0 is affected, burnish is not" in h11["analysis"]["detail"]
