"""Trust: which bundles are refused, what the refusal says, and that nothing slips through."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import burnish
from burnish import bundle as bundles
from burnish.bundle import MANIFEST, read_bundle, read_manifest
from burnish.errors import BundleError, SignatureError, UsageError
from burnish.runtime import load_model
from burnish.signing.private_key import read_private_key
from burnish.signing.sign import sign_bundle
from burnish.signing.signatures import is_signature, signature_name
from burnish.signing.trust import Trust, trusted_paths
from tests.signers import Signer, new_signer
from tests.tiny_onnx import tiny_bundle

OPENSSL = shutil.which("openssl")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return tiny_bundle(tmp_path_factory.mktemp("bundles") / "whole")


@pytest.fixture
def bundle(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "bundle"))


@pytest.fixture(scope="module")
def signer(tmp_path_factory) -> Signer:
    return new_signer(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="module")
def other(tmp_path_factory) -> Signer:
    return new_signer(tmp_path_factory.mktemp("other"), "other")


def test_a_signed_bundle_is_read_and_says_by_whom(bundle, signer) -> None:
    before = read_bundle(bundle).digest
    path = signer.sign(bundle)
    assert path == bundle / f"manifest.json.{signer.fingerprint}.sig"
    read = read_bundle(bundle, trust=signer.trust)
    assert read.signed_by == read.signatures == (signer.fingerprint,)
    assert read.digest == before
    with load_model(bundle, threads=1, trust=signer.trust) as model:
        assert model.predict_one("the invoice")


def test_a_signature_does_no_harm_without_trust(bundle, signer) -> None:
    signer.sign(bundle)
    read = read_bundle(bundle)
    assert (read.signatures, read.signed_by) == ((signer.fingerprint,), ())
    assert set(read.manifest.files) == {"README.md", "config.json", "model.onnx", "tokenizer.json"}


def test_an_unsigned_bundle_is_refused_with_what_to_do(bundle, signer) -> None:
    with pytest.raises(SignatureError, match="it is not signed; trusted: ") as caught:
        read_bundle(bundle, trust=signer.trust)
    assert str(bundle) in caught.value.message
    assert signer.fingerprint in caught.value.message
    assert "burnish keys sign" in caught.value.hint


def test_an_unknown_key_is_named_and_so_are_the_trusted_ones(bundle, signer, other) -> None:
    other.sign(bundle)
    with pytest.raises(SignatureError, match="who is not trusted") as caught:
        read_bundle(bundle, trust=signer.trust)
    assert f"signed by {other.fingerprint}" in caught.value.message
    assert f"trusted: {signer.fingerprint}" in caught.value.message


def test_one_of_several_keys_is_enough(bundle, signer, other) -> None:
    """Both while a key is being replaced; each of two people who sign."""
    both = Trust.read([signer.public, other.public, signer.public])
    assert len(both.keys) == 2
    other.sign(bundle)
    assert read_bundle(bundle, trust=both).signed_by == (other.fingerprint,)
    signer.sign(bundle)
    assert set(read_bundle(bundle, trust=both).signed_by) == {
        signer.fingerprint,
        other.fingerprint,
    }
    for each in (signer, other):
        assert read_bundle(bundle, trust=each.trust).signed_by == (each.fingerprint,)


def test_a_signature_of_a_trusted_key_that_does_not_match_is_refused(bundle, signer, other) -> None:
    """Also beside a good one: somebody has changed something."""
    both = Trust.read([signer.public, other.public])
    good, bad = signer.sign(bundle), other.sign(bundle)
    bad.write_bytes(bytes(64))
    with pytest.raises(SignatureError, match=f"the signature of {other.fingerprint} does not"):
        read_bundle(bundle, trust=both)
    assert read_bundle(bundle, trust=signer.trust).signed_by == (signer.fingerprint,)
    bad.write_bytes(good.read_bytes())
    with pytest.raises(SignatureError, match=f"the signature of {other.fingerprint} does not"):
        read_bundle(bundle, trust=both)


def test_a_signature_under_the_name_of_another_key_is_refused(bundle, signer, other) -> None:
    other.sign(bundle).rename(bundle / signature_name(signer.fingerprint))
    with pytest.raises(SignatureError, match="does not match"):
        read_bundle(bundle, trust=signer.trust)


def test_a_signature_of_another_bundle_is_refused(bundle, signer, tmp_path) -> None:
    signed = signer.sign(tiny_bundle(tmp_path / "another", name="another"))
    shutil.copy(signed, bundle)
    with pytest.raises(SignatureError, match="does not match"):
        read_bundle(bundle, trust=signer.trust)


@pytest.mark.parametrize("resealed", [False, True])
def test_a_manifest_that_was_changed_is_refused(bundle, signer, resealed) -> None:
    signer.sign(bundle)
    manifest, _ = read_manifest(bundle)
    if resealed:  # as an attacker would, with burnish's own function
        (bundle / "README.md").write_text("another card")
        bundles.write_manifest(bundle, manifest.model_copy(update={"created": "later"}))
        read_bundle(bundle)
    else:
        path = bundle / MANIFEST
        path.write_text(json.dumps(json.loads(path.read_text()) | {"created": "later"}))
    with pytest.raises(SignatureError, match="does not match"):
        read_bundle(bundle, trust=signer.trust)


def test_every_single_bit_of_the_manifest_and_of_the_signature_counts(bundle, signer) -> None:
    signature = signer.sign(bundle)
    manifest = (bundle / MANIFEST).read_bytes()
    for path, places in ((signature, range(64)), (bundle / MANIFEST, range(0, len(manifest), 97))):
        content = path.read_bytes()
        for place in places:
            changed = bytearray(content)
            changed[place] ^= 1 << (place % 8)
            path.write_bytes(changed)
            with pytest.raises(SignatureError, match="does not match"):
                read_manifest(bundle, trust=signer.trust)
        path.write_bytes(content)
    read_bundle(bundle, trust=signer.trust)


@pytest.mark.parametrize("name", ["README.md", "config.json", "model.onnx", "tokenizer.json"])
def test_the_signature_covers_every_file_by_the_manifest(bundle, signer, name) -> None:
    signer.sign(bundle)
    with (bundle / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(BundleError, match=f"{name} is not the file"):
        read_bundle(bundle, trust=signer.trust)


def test_a_file_that_the_manifest_does_not_list_is_refused(bundle, signer) -> None:
    signer.sign(bundle)
    digits = signer.fingerprint
    for name in (
        "weights.bin",
        "manifest.json.sig",
        f"manifest.json.{digits[:-1]}.sig",
        f"manifest.json.{digits}0.sig",
        f"manifest.json.{digits.upper()}.sig",
        f"model.onnx.{digits}.sig",
        f"manifest.json.{digits}.sig.bak",
    ):
        if is_signature(name):  # a fingerprint of digits alone has no capitals
            continue
        (bundle / name).write_bytes(bytes(64))
        for trust in (None, signer.trust):
            with pytest.raises(BundleError, match="was added"):
                read_bundle(bundle, trust=trust)
        (bundle / name).unlink()


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("size", [0, 1, 63, 65, 1_000_000])
def test_a_signature_of_the_wrong_size_is_refused(bundle, signer, size, trusted) -> None:
    path = signer.sign(bundle)
    path.write_bytes(bytes(size))
    with pytest.raises(SignatureError, match="is not a signature") as caught:
        read_bundle(bundle, trust=signer.trust if trusted else None)
    assert path.name in caught.value.message
    path.unlink()  # as the hint says
    assert str(path) in caught.value.hint
    signer.sign(bundle)
    read_bundle(bundle, trust=signer.trust)


@pytest.mark.parametrize("make", ["link", "pipe", "folder"])
def test_a_signature_that_is_no_plain_file_is_refused_at_once(
    bundle, signer, tmp_path, make
) -> None:
    path = signer.sign(bundle)
    path.rename(tmp_path / "moved")
    if make == "link":
        path.symlink_to(tmp_path / "moved")
    elif make == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    for trust in (signer.trust, None):
        with pytest.raises(BundleError, match=path.name):
            read_bundle(bundle, trust=trust)


def test_too_many_signatures_are_refused(bundle, signer) -> None:
    signer.sign(bundle)
    for number in range(32):
        (bundle / signature_name(f"{number:032x}")).write_bytes(bytes(64))
    with pytest.raises(SignatureError, match="33 signatures"):
        read_bundle(bundle, trust=signer.trust)


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


def test_the_manifest_that_is_verified_is_the_one_that_is_parsed(
    bundle, signer, tmp_path, monkeypatch
) -> None:
    """It is read once: one that is put there after the check has no say."""
    signer.sign(bundle)
    another = tiny_bundle(tmp_path / "another", name="another")
    check = Trust.check

    def swapping(self: Trust, directory: Path, manifest: bytes) -> tuple[str, ...]:
        found = check(self, directory, manifest)
        shutil.copy(another / MANIFEST, bundle / MANIFEST)
        return found

    monkeypatch.setattr(Trust, "check", swapping)
    assert read_manifest(bundle, trust=signer.trust)[0].name == "tiny-classification"


def test_a_file_that_is_swapped_after_the_check_is_not_loaded(
    bundle, signer, tmp_path, monkeypatch
) -> None:
    signer.sign(bundle)
    another = tiny_bundle(tmp_path / "another", labels=("other", "delivery", "billing"))
    (another / "model.onnx").write_bytes((another / "model.onnx").read_bytes() + b"\x00")
    read = bundles.read_bundle

    def swapping(*given: object, **options: object) -> bundles.Bundle:
        found = read(*given, **options)  # type: ignore[arg-type]
        shutil.copy(another / "model.onnx", bundle / "model.onnx")
        return found

    monkeypatch.setattr("burnish.runtime.model.read_bundle", swapping)
    with pytest.raises(BundleError, match=r"model\.onnx was changed while"):
        load_model(bundle, threads=1, trust=signer.trust)


def test_the_public_functions_take_files_of_keys(bundle, signer, other, tmp_path) -> None:
    signer.sign(bundle)
    for trust in (signer.public, str(signer.public), [other.public, signer.public], signer.trust):
        with burnish.load(bundle, threads=1, trust=trust) as model:
            assert model.bundle.signed_by == (signer.fingerprint,)
    with pytest.raises(SignatureError):
        burnish.load(read_bundle(bundle), trust=other.public)
    with pytest.raises(UsageError, match="no key is named"):
        burnish.load(bundle, trust=[])
    rows = tmp_path / "rows.csv"
    rows.write_text("text,label\nthe invoice,billing\nthe parcel,delivery\n")
    assert burnish.evaluate(bundle, rows, trust=signer.public).rows == 2
    for given in (bundle, read_bundle(bundle)):
        with pytest.raises(SignatureError):
            burnish.evaluate(given, rows, trust=other.public)


def test_the_variable_names_files_as_path_does(signer) -> None:
    assert trusted_paths({}) == ()
    assert trusted_paths({"BURNISH_TRUST": "a.pub:b.pub"}) == (Path("a.pub"), Path("b.pub"))
    for nothing in ("", ":"):
        with pytest.raises(UsageError, match="BURNISH_TRUST is set and names no file"):
            trusted_paths({"BURNISH_TRUST": nothing})


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
