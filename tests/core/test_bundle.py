import json
import os
import re
from pathlib import Path

import pytest

from burnish.bundle import MANIFEST, Manifest, read_bundle, read_manifest, write_manifest
from burnish.errors import BundleError
from burnish.runtime import Model, Workers
from burnish.runtime.sharing import Shared
from tests.tiny_onnx import LABELS, tiny_bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return tiny_bundle(tmp_path / "bundle")


def edit_manifest(bundle: Path, **fields: object) -> None:
    path = bundle / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_what_was_written_is_read(bundle):
    read = read_bundle(bundle)
    assert read.manifest.task.output_labels == LABELS
    assert set(read.manifest.files) == {"README.md", "config.json", "model.onnx", "tokenizer.json"}
    assert read.card.startswith("# A tiny model")
    assert re.fullmatch(r"[0-9a-f]{64}", read.digest)


def test_a_card_that_was_changed_since_is_refused(bundle):
    read = read_bundle(bundle)
    (bundle / "README.md").write_text("another")
    with pytest.raises(BundleError, match=r"README\.md was changed"):
        _ = read.card


def test_the_digest_is_the_bundles_identity(bundle, tmp_path):
    again = read_bundle(tiny_bundle(tmp_path / "again"))
    other = read_bundle(tiny_bundle(tmp_path / "other", name="other"))
    assert again.digest == read_bundle(bundle).digest != other.digest


@pytest.mark.parametrize("name", ["README.md", "config.json", "model.onnx", "tokenizer.json"])
def test_a_changed_file_is_refused_by_name(bundle, name):
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / name).write_bytes(content)
    with pytest.raises(BundleError, match=f"{name} is not the file that was exported"):
        read_bundle(bundle)


@pytest.mark.parametrize("name", ["README.md", "config.json", "model.onnx", "tokenizer.json"])
def test_a_missing_file_is_refused_by_name(bundle, name):
    (bundle / name).unlink()
    with pytest.raises(BundleError, match=f"{name} is missing"):
        read_bundle(bundle)


@pytest.mark.parametrize("name", ["notes.txt", "model.onnx.data", ".hidden", "a b"])
def test_an_added_file_is_refused_by_name(bundle, name):
    (bundle / name).write_text("x")
    with pytest.raises(BundleError, match=f"{re.escape(name)}.* was added"):
        read_bundle(bundle)


def test_a_link_in_a_files_place_is_refused_even_with_the_same_content(bundle, tmp_path):
    (bundle / "config.json").rename(tmp_path / "config.json")
    (bundle / "config.json").symlink_to(tmp_path / "config.json")
    with pytest.raises(BundleError, match=r"'config\.json' is a link"):
        read_bundle(bundle)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_not_a_plain_file_is_refused(bundle, make):
    make(bundle / "extra")
    with pytest.raises(BundleError, match="'extra' is a link, a folder or not a plain file"):
        read_bundle(bundle)


def test_a_manifest_that_is_a_link_is_refused(bundle, tmp_path):
    (bundle / MANIFEST).rename(tmp_path / MANIFEST)
    (bundle / MANIFEST).symlink_to(tmp_path / MANIFEST)
    with pytest.raises(BundleError, match=r"manifest\.json is a link"):
        read_bundle(bundle)


def test_a_directory_without_manifest_is_no_bundle(tmp_path):
    with pytest.raises(BundleError, match=r"manifest\.json is missing"):
        read_bundle(tmp_path)


def test_no_directory_is_no_bundle(tmp_path):
    with pytest.raises(BundleError, match="no such bundle"):
        read_bundle(tmp_path / "nowhere")


@pytest.mark.parametrize("version", [2, 0, "1", None, True])
def test_another_schema_version_is_named(bundle, version):
    edit_manifest(bundle, schema_version=version)
    with pytest.raises(BundleError, match=f"schema version {version}, this .* reads version 1"):
        read_bundle(bundle)


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b'{"a": "\xff"}'])
def test_a_manifest_that_is_not_json_is_refused(bundle, content):
    (bundle / MANIFEST).write_bytes(content)
    with pytest.raises(BundleError, match="not valid JSON"):
        read_bundle(bundle)


def test_a_manifest_without_end_is_not_read(bundle):
    with (bundle / MANIFEST).open("ab") as file:
        file.truncate(5 * 1024 * 1024)
    with pytest.raises(BundleError, match="larger than 4194304 bytes"):
        read_bundle(bundle)


@pytest.mark.parametrize(
    ("field", "value"),
    [("surprise", 1), ("name", "../up"), ("precision", "int4"), ("created", None), ("inputs", [])],
)
def test_a_wrong_field_of_the_manifest_is_named(bundle, field, value):
    edit_manifest(bundle, **{field: value})
    with pytest.raises(BundleError, match=field):
        read_bundle(bundle)


def test_a_file_name_may_not_lead_out_of_the_bundle(bundle, tmp_path):
    (tmp_path / "outside").write_text("x")
    files = json.loads((bundle / MANIFEST).read_text())["files"]
    files |= {"../outside": {"sha256": "0" * 64, "size_bytes": 1}}
    edit_manifest(bundle, files=files, seal=None)
    with pytest.raises(BundleError, match=r"\.\./outside is missing"):
        read_bundle(bundle)


def test_a_manifest_that_was_edited_is_refused_by_its_seal(bundle):
    edit_manifest(bundle, created="2030-01-01T00:00:00Z")
    with pytest.raises(BundleError, match=r"manifest\.json is not the file .* seal differs"):
        read_bundle(bundle)


def test_a_manifest_in_other_white_space_is_refused_by_its_seal(bundle):
    content = (bundle / MANIFEST).read_text()
    (bundle / MANIFEST).write_text(content.replace("\n  ", "\n\t", 1))
    with pytest.raises(BundleError, match="its seal differs"):
        read_bundle(bundle)


def test_a_manifest_of_an_older_export_has_neither_seal_nor_probes(bundle):
    older = json.loads((bundle / MANIFEST).read_text())
    del older["seal"], older["probes"]
    (bundle / MANIFEST).write_text(json.dumps(older))
    assert read_bundle(bundle).manifest.probes is None


def test_the_manifest_alone_is_read_without_the_files(bundle):
    whole = read_bundle(bundle)
    (bundle / "model.onnx").unlink()
    assert read_manifest(bundle) == (whole.manifest, whole.digest)


def test_a_manifest_is_not_written_where_a_file_is_missing(bundle):
    manifest = read_bundle(bundle).manifest
    (bundle / "tokenizer.json").unlink()
    with pytest.raises(BundleError, match=r"tokenizer\.json is missing"):
        write_manifest(bundle, manifest)


def test_a_figure_that_is_no_number_is_not_written():
    gate = {"name": "x", "value": float("nan"), "passed": True}
    with pytest.raises(ValueError, match="finite"):
        Manifest.model_validate(
            {
                "name": "x",
                "created": "",
                "burnish_version": "0",
                "task": {"task": "classification", "labels": ["a"]},
                "precision": "fp32",
                "inputs": ["input_ids"],
                "gates": [gate],
            }
        )


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_file_exchanged_after_its_check_is_not_loaded(bundle, name, monkeypatch):
    for shared in ("_SESSIONS", "_ENCODERS"):  # others may have the same file loaded already
        monkeypatch.setattr(f"burnish.runtime.steps.{shared}", Shared())
    read = read_bundle(bundle)
    assert read.content(read.path / name) == (bundle / name).read_bytes()
    (bundle / name).write_bytes(b"another")
    with pytest.raises(BundleError, match=f"{name} was changed while the bundle was loaded"):
        read.content(read.path / name)
    with Workers(1) as workers, pytest.raises(BundleError, match="was changed"):
        Model(read, workers=workers)
