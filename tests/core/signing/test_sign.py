"""Signing: what is signed, what is refused, and what is left where it cannot be written."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from burnish import bundle as bundles
from burnish.bundle import MANIFEST
from burnish.errors import BundleError
from burnish.signing.private_key import read_private_key
from burnish.signing.sign import sign_bundle
from tests.tiny_onnx import tiny_bundle

OPENSSL = shutil.which("openssl")


def test_a_bundle_is_signed_only_as_it_was_exported(bundle, signer) -> None:
    (bundle / "README.md").write_text("changed")
    with pytest.raises(BundleError, match=r"README\.md is not the file"):
        signer.sign(bundle)
    assert not list(bundle.glob("*.sig"))


def test_signing_again_changes_nothing_and_repairs_a_wrong_signature(bundle, signer) -> None:
    key = read_private_key(signer.key, lambda: b"")
    first = sign_bundle(bundle, key)
    content = first.path.read_bytes()
    assert (first.already, sign_bundle(bundle, key).already) == (False, True)
    assert first.path.read_bytes() == content
    first.path.write_bytes(bytes(64))
    assert not sign_bundle(bundle, key).already
    assert first.path.read_bytes() == content
    assert [path.name for path in bundle.parent.iterdir()] == [bundle.name]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o600])
def test_who_may_read_the_manifest_may_read_the_signature(bundle, signer, mode) -> None:
    (bundle / MANIFEST).chmod(mode)
    assert signer.sign(bundle).stat().st_mode & 0o777 == mode


def test_a_signature_that_cannot_be_written_leaves_the_bundle_as_it_was(
    bundle, signer, monkeypatch
) -> None:
    before = sorted(path.name for path in bundle.iterdir())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("burnish.signing.sign.os.replace", full)
    with pytest.raises(BundleError, match="the signature cannot be written: No space left"):
        signer.sign(bundle)
    assert sorted(path.name for path in bundle.iterdir()) == before
    assert [path.name for path in bundle.parent.iterdir()] == [bundle.name]


def test_a_manifest_that_is_swapped_while_it_is_signed_is_not_signed(
    bundle, signer, tmp_path, monkeypatch
) -> None:
    another = tiny_bundle(tmp_path / "another", name="another")
    read = bundles.read_bundle

    def swapping(path: Path) -> bundles.Bundle:
        found = read(path)
        shutil.copy(another / MANIFEST, bundle / MANIFEST)
        return found

    monkeypatch.setattr("burnish.signing.sign.read_bundle", swapping)
    with pytest.raises(BundleError, match=r"manifest\.json was changed"):
        signer.sign(bundle)
    assert not list(bundle.glob("*.sig"))


@pytest.mark.skipif(OPENSSL is None, reason="needs openssl")
def test_openssl_verifies_a_signature_and_makes_one(bundle, signer, tmp_path) -> None:
    signature = signer.sign(bundle)

    def openssl(*words: object) -> int:
        command = [str(OPENSSL), "pkeyutl", "-rawin", "-in", str(bundle / MANIFEST)]
        return subprocess.run(
            [*command, *map(str, words)], capture_output=True, check=False
        ).returncode

    verify = ("-verify", "-pubin", "-inkey", signer.public, "-sigfile")
    made = tmp_path / "made.sig"
    assert openssl(*verify, signature) == 0
    assert openssl("-sign", "-inkey", signer.key, "-out", made) == 0
    assert made.read_bytes() == signature.read_bytes()
    signature.write_bytes(bytes(64))
    assert openssl(*verify, signature) != 0
