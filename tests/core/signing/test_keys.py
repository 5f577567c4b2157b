"""Key pairs: their files, and every wrong file that may be given instead of one."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from burnish.errors import AccessError, UsageError
from burnish.signing.private_key import make_pair, read_private_key
from burnish.signing.public_key import read_public_key

OPENSSL = shutil.which("openssl")


def nobody() -> bytes:
    raise AssertionError("no passphrase is needed")


def secret(path: Path, content: bytes) -> Path:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(content)
    return path


def public(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o644)
    return path


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o277])
def test_a_pair_signs_and_verifies(tmp_path, umask) -> None:
    before = os.umask(umask)
    try:
        pair = make_pair(tmp_path / "release")
    finally:
        os.umask(before)
    assert (pair.private, pair.public) == (tmp_path / "release.key", tmp_path / "release.pub")
    assert stat.S_IMODE(pair.private.stat().st_mode) == 0o600
    assert stat.S_IMODE(pair.public.stat().st_mode) == 0o644
    key, known = read_private_key(pair.private, nobody), read_public_key(pair.public)
    assert key.public == known
    assert known.fingerprint == pair.fingerprint
    assert known.verifies(key.sign(b"content"), b"content")
    assert not known.verifies(key.sign(b"content"), b"Content")
    assert not known.verifies(bytes(64), b"content")


def test_two_pairs_differ(tmp_path) -> None:
    assert make_pair(tmp_path / "a").fingerprint != make_pair(tmp_path / "b").fingerprint


@pytest.mark.skipif(OPENSSL is None, reason="needs openssl")
def test_openssl_reads_both_files_and_names_the_same_fingerprint(tmp_path) -> None:
    pair = make_pair(tmp_path / "release")
    for given in ([str(pair.private)], [str(pair.public), "-pubin"]):
        command = [str(OPENSSL), "pkey", "-in", *given, "-pubout", "-outform", "DER"]
        found = subprocess.run(command, check=True, capture_output=True).stdout
        assert hashlib.sha256(found).hexdigest().startswith(pair.fingerprint)


@pytest.mark.parametrize("there", ["release.key", "release.pub"])
def test_a_pair_replaces_no_file_and_leaves_no_half(tmp_path, there) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(AccessError, match=f"{there} exists already"):
        make_pair(tmp_path / "release")
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"


def test_a_pair_cannot_be_made_where_there_is_no_directory(tmp_path) -> None:
    with pytest.raises(AccessError, match="cannot be written"):
        make_pair(tmp_path / "none" / "release")


def test_an_encrypted_key_needs_its_passphrase(tmp_path) -> None:
    pair = make_pair(tmp_path / "release", passphrase="schlüssel".encode())
    assert b"ENCRYPTED" in pair.private.read_bytes()
    assert read_private_key(pair.private, "schlüssel".encode).public.fingerprint == pair.fingerprint
    for wrong in (b"other", b""):
        with pytest.raises(AccessError, match="the passphrase is wrong"):
            read_private_key(pair.private, partial(bytes, wrong))


def test_a_key_is_not_encrypted_with_nothing(tmp_path) -> None:
    with pytest.raises(UsageError, match="the passphrase is empty"):
        make_pair(tmp_path / "release", passphrase=b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o606])
def test_a_private_key_that_others_may_read_or_write_is_refused(tmp_path, mode) -> None:
    pair = make_pair(tmp_path / "release")
    pair.private.chmod(mode)
    with pytest.raises(AccessError, match="other users may read or write it") as caught:
        read_private_key(pair.private, nobody)
    assert "chmod 600" in caught.value.hint


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_public_key_that_others_may_write_is_refused(tmp_path, mode) -> None:
    pair = make_pair(tmp_path / "release")
    pair.public.chmod(mode)
    with pytest.raises(AccessError, match="other users may replace the key") as caught:
        read_public_key(pair.public)
    assert f"chmod go-w {pair.public}" in caught.value.hint


def test_a_link_to_a_public_key_is_followed(tmp_path) -> None:
    """As a container's orchestrator mounts files."""
    pair = make_pair(tmp_path / "release")
    (tmp_path / "link.pub").symlink_to(pair.public)
    assert read_public_key(tmp_path / "link.pub").fingerprint == pair.fingerprint


OTHER_KINDS: dict[str, Callable[[], Any]] = {
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "ECDSA": lambda: ec.generate_private_key(ec.SECP256R1()),
    "Ed448": ed448.Ed448PrivateKey.generate,
    "X25519": x25519.X25519PrivateKey.generate,
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_key_of_another_kind_is_named(tmp_path, kind) -> None:
    key = OTHER_KINDS[kind]()
    forms = [PrivateFormat.PKCS8]
    if kind in ("RSA", "ECDSA"):
        forms.append(PrivateFormat.TraditionalOpenSSL)
    for form in forms:
        path = secret(tmp_path / "a.key", key.private_bytes(Encoding.PEM, form, NoEncryption()))
        with pytest.raises(AccessError, match=f"a key for {kind}; bundles are signed with Ed25519"):
            read_private_key(path, nobody)
    content = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(AccessError, match=f"a key for {kind}; bundles are signed with Ed25519"):
        read_public_key(public(tmp_path / "a.pub", content))


def test_one_half_of_a_pair_in_the_place_of_the_other_is_named(tmp_path) -> None:
    pair = make_pair(tmp_path / "release")
    with pytest.raises(AccessError, match="it holds a public key, not a private key") as caught:
        read_private_key(pair.public, nobody)
    assert "NAME.key" in caught.value.hint
    with pytest.raises(AccessError, match="it holds a private key, not a public key") as caught:
        read_public_key(pair.private)
    assert "NAME.pub" in caught.value.hint
    locked = make_pair(tmp_path / "locked", passphrase=b"x")
    with pytest.raises(AccessError, match="it holds a private key, not a public key"):
        read_public_key(locked.private)


def test_keys_of_openssh_are_named(tmp_path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    with pytest.raises(AccessError, match="of OpenSSH's own format") as caught:
        read_private_key(secret(tmp_path / "id", content), nobody)
    assert "burnish keys pair" in caught.value.hint
    content = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    with pytest.raises(AccessError, match="no public key in PEM") as caught:
        read_public_key(public(tmp_path / "id.pub", content))
    assert "a key for ssh" in caught.value.hint


def _pem(folder: Path) -> bytes:
    return make_pair(folder / "whole").public.read_bytes()


DAMAGE = {
    "empty": lambda pem: b"",
    "text": lambda pem: b"a text",
    "binary": lambda pem: bytes(range(256)),
    "cut": lambda pem: pem[:60],
    "cut in its last line": lambda pem: pem[:-5],
    "a digit changed to none of base64": lambda pem: pem.replace(b"MC", b"M*", 1),
    "nothing in it": lambda pem: b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
    "two of them": lambda pem: pem + pem,
    "an API key": lambda pem: b"bk_k7m2x9qa_0123456789\n",
    "a certificate": lambda pem: pem.replace(b"PUBLIC KEY", b"CERTIFICATE"),
    "too large": lambda pem: pem + b"\n" * 20_000,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_no_public_key_is_refused_by_its_path(tmp_path, damage) -> None:
    path = public(tmp_path / "a.pub", DAMAGE[damage](_pem(tmp_path)))
    with pytest.raises(AccessError, match=r"a\.pub: ") as caught:
        read_public_key(path)
    assert caught.value.hint


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_no_private_key_is_refused_by_its_path(tmp_path, damage) -> None:
    whole = make_pair(tmp_path / "other").private.read_bytes()
    content = DAMAGE[damage](whole).replace(b"PUBLIC KEY", b"PRIVATE KEY")
    content = content.replace(b"BEGIN PRIVATE KEY", b"BEGIN CERTIFICATE", damage == "a certificate")
    with pytest.raises(AccessError, match=r"a\.key: ") as caught:
        read_private_key(secret(tmp_path / "a.key", content), nobody)
    assert caught.value.hint


def test_windows_line_ends_are_read(tmp_path) -> None:
    content = _pem(tmp_path).replace(b"\n", b"\r\n")
    assert read_public_key(public(tmp_path / "a.pub", content))


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir], ids=["pipe", "directory"])
def test_what_is_no_file_is_refused_at_once(tmp_path, make) -> None:
    make(tmp_path / "a")
    for read in (read_public_key, lambda path: read_private_key(path, nobody)):
        with pytest.raises(AccessError, match="/a: "):
            read(tmp_path / "a")


def test_a_missing_file_is_named(tmp_path) -> None:
    for read in (read_public_key, lambda path: read_private_key(path, nobody)):
        with pytest.raises(AccessError, match="a: No such file"):
            read(tmp_path / "a")
