"""Trust: which bundles are refused, what the refusal says, and that nothing slips through."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

import burnish
from burnish import bundle as bundles
from burnish.bundle import MANIFEST, read_bundle, read_manifest
from burnish.errors import BundleError, SignatureError, UsageError
from burnish.runtime import load_model
from burnish.runtime.sharing import Shared
from burnish.signing.signatures import is_signature, signature_name
from burnish.signing.trust import Trust, trusted_paths
from tests.tiny_onnx import tiny_bundle


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

    monkeypatch.setattr("burnish.runtime.loading.read_bundle", swapping)
    # A model with this digest that is still loaded would be shared, and no file be read.
    monkeypatch.setattr("burnish.runtime.steps._SESSIONS", Shared())
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
