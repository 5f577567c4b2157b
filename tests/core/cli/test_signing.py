"""``burnish keys pair``, ``sign``, ``verify`` and ``fingerprint``, and ``--trust``."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from burnish.cli import main as cli_main
from burnish.cli.command import COMMANDS, parsers
from tests.core.cli.conftest import FakeScreen

TRUSTING = {
    "predict",
    "evaluate",
    "compare",
    "bench",
    "serve",
    "package",
    "models list",
    "models activate",
    "models rollback",
    "keys verify",
}


@pytest.fixture
def bundle(bundles, tmp_path) -> Path:
    return Path(shutil.copytree(bundles["classification"], tmp_path / "bundle"))


@pytest.fixture
def key(shell, tmp_path) -> Path:
    """``release.key``; ``release.pub`` is beside it."""
    assert shell("keys", "pair", "-o", tmp_path / "release").code == 0
    return tmp_path / "release.key"


def test_every_command_that_loads_a_bundle_takes_trust() -> None:
    found = {
        words
        for name in COMMANDS
        for words, parser in parsers(name).items()
        if "--trust" in parser._option_string_actions
    }
    assert found == TRUSTING


def test_a_bundle_is_signed_and_verified(shell, bundle, key) -> None:
    public = key.with_suffix(".pub")
    fingerprint = shell("keys", "fingerprint", public).out.strip()
    assert len(fingerprint) == 32
    done = shell("keys", "verify", bundle)
    assert (done.code, done.out.splitlines()[1]) == (0, "not signed")
    done = shell("keys", "sign", bundle, "--key", key)
    assert (done.code, done.out) == (0, f"{bundle} is signed: {fingerprint}\n")
    done = shell("keys", "sign", bundle, "--key", key)
    assert done.out == f"{bundle} was signed by this key already: {fingerprint}\n"
    done = shell("keys", "verify", bundle)
    assert f"has a signature, not verified, of {fingerprint}" in done.out
    done = shell("keys", "verify", bundle, "--trust", public)
    assert (done.code, done.out.splitlines()[1]) == (0, f"signed by {fingerprint}")
    document = shell("keys", "verify", bundle, "--trust", public, "--json").document
    assert document["signed_by"] == [fingerprint]


def test_the_documents_say_it_all(shell, bundle, tmp_path) -> None:
    pair = shell("keys", "pair", "-o", tmp_path / "a", "--json").document
    assert pair["private"] == str(tmp_path / "a.key")
    assert not pair["encrypted"]
    signed = shell("keys", "sign", bundle, "--key", pair["private"], "--json").document
    assert signed["fingerprint"] == pair["fingerprint"]
    assert Path(signed["signature"]).is_file()


def test_an_unsigned_bundle_is_refused_by_each_command(shell, bundle, key, tmp_path) -> None:
    public = key.with_suffix(".pub")
    rows = tmp_path / "rows.csv"
    rows.write_text("text,label\nthe invoice,billing\n")
    commands = [
        ("predict", bundle, "the invoice"),
        ("evaluate", bundle, rows),
        ("bench", bundle, "--seconds", "0.01", "--lengths", "16"),
        ("keys", "verify", bundle),
    ]
    for words in commands:
        done = shell(*words, "--trust", public)
        assert done.code == 1, words
        assert "it is not signed" in done.notes
        assert "burnish keys sign" in done.notes
        assert done.out == ""
    shell("keys", "sign", bundle, "--key", key)
    for words in commands:
        assert shell(*words, "--trust", public).code == 0, words


def test_the_variable_is_read_where_the_option_is_not_given(
    shell, bundle, key, tmp_path, monkeypatch
) -> None:
    shell("keys", "pair", "-o", tmp_path / "other")
    shell("keys", "sign", bundle, "--key", key)
    monkeypatch.setenv("BURNISH_TRUST", str(tmp_path / "other.pub"))
    assert "not trusted" in shell("predict", bundle, "x").notes
    assert shell("predict", bundle, "x", "--trust", key.with_suffix(".pub")).code == 0
    monkeypatch.setenv("BURNISH_TRUST", "")
    done = shell("predict", bundle, "x")
    assert (done.code, done.out) == (2, "")
    assert "BURNISH_TRUST is set and names no file" in done.notes


def test_a_file_that_is_no_key_is_told_by_its_name(shell, bundle, key, tmp_path) -> None:
    (tmp_path / "no.pub").write_text("no")
    assert (
        "no.pub: it holds no public key"
        in shell("predict", bundle, "x", "--trust", tmp_path / "no.pub").notes
    )
    assert "it holds a private key" in shell("predict", bundle, "x", "--trust", key).notes
    done = shell("keys", "sign", bundle, "--key", key.with_suffix(".pub"))
    assert (done.code, "it holds a public key" in done.notes) == (1, True)


def test_a_name_with_an_ending_is_told(shell, tmp_path) -> None:
    done = shell("keys", "pair", "-o", tmp_path / "release.pem")
    assert done.code == 2
    assert f"-o {tmp_path / 'release'}" in done.notes
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_bundle_is_not_signed(shell, bundle, key) -> None:
    (bundle / "model.onnx").write_bytes(b"")
    done = shell("keys", "sign", bundle, "--key", key)
    assert (done.code, done.out) == (1, "")
    assert "model.onnx is not the file that was exported" in done.notes
    assert not list(bundle.glob("*.sig"))


@pytest.fixture
def passphrase(tmp_path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text("correct horse\r\n")
    path.chmod(0o600)
    return path


def test_a_passphrase_comes_from_a_file_or_the_variable(
    shell, bundle, tmp_path, passphrase, monkeypatch
) -> None:
    assert shell("keys", "pair", "-o", tmp_path / "a", "--passphrase-file", passphrase).code == 0
    key = tmp_path / "a.key"
    assert "ENCRYPTED" in key.read_text()
    assert shell("keys", "sign", bundle, "--key", key, "--passphrase-file", passphrase).code == 0
    monkeypatch.setenv("BURNISH_PASSPHRASE", "correct horse")
    assert shell("keys", "sign", bundle, "--key", key).code == 0
    monkeypatch.setenv("BURNISH_PASSPHRASE", "wrong")
    done = shell("keys", "sign", bundle, "--key", key)
    assert (done.code, "the passphrase is wrong" in done.notes) == (1, True)
    assert "correct horse" not in done.notes


def test_a_passphrase_that_others_may_read_is_refused(shell, bundle, tmp_path, passphrase) -> None:
    passphrase.chmod(0o644)
    done = shell("keys", "pair", "-o", tmp_path / "a", "--passphrase-file", passphrase)
    assert (done.code, "other users may read or write it" in done.notes) == (1, True)
    assert not (tmp_path / "a.key").exists()


def test_a_passphrase_for_a_key_without_one_is_told(shell, bundle, key, passphrase) -> None:
    done = shell("keys", "sign", bundle, "--key", key, "--passphrase-file", passphrase)
    assert (done.code, "is not encrypted" in done.notes) == (2, True)


def test_a_passphrase_is_asked_for_on_a_terminal_twice(
    shell, bundle, tmp_path, monkeypatch
) -> None:
    said = iter(["one", "another", "one", "one", "one"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(said))
    monkeypatch.setattr("sys.stdin", FakeScreen())
    done = shell("keys", "pair", "-o", tmp_path / "a", "--encrypt")
    assert (done.code, "the two passphrases differ" in done.notes) == (2, True)
    assert not (tmp_path / "a.key").exists()
    assert shell("keys", "pair", "-o", tmp_path / "a", "--encrypt").code == 0
    assert shell("keys", "sign", bundle, "--key", tmp_path / "a.key").code == 0
    assert next(said, None) is None


def test_without_a_terminal_nobody_waits_for_a_passphrase(shell, tmp_path, monkeypatch) -> None:
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        done = shell("keys", "pair", "-o", tmp_path / "a", "--encrypt")
    assert (done.code, "no terminal to ask for it" in done.notes) == (2, True)


def test_a_new_key_is_its_owners_alone(key) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_versions_show_who_signed_them(shell, bundle, key, tmp_path) -> None:
    public = key.with_suffix(".pub")
    models = tmp_path / "models"
    shutil.copytree(bundle, models / "tickets" / "1")
    shutil.copytree(bundle, models / "tickets" / "2")
    shell("keys", "sign", models / "tickets" / "1", "--key", key)
    fingerprint = shell("keys", "fingerprint", public).out.strip()
    done = shell("models", "list", models)
    assert f"signature, not verified: tickets 1: {fingerprint}" in done.out
    done = shell("models", "list", models, "--trust", public)
    assert f"signed: tickets 1: {fingerprint}" in done.out
    assert "tickets 2: it is not signed" in done.out
    found = shell("models", "list", models, "--json").document["models"]
    assert [each["signed_by"] for each in found] == [[fingerprint], []]
    done = shell("models", "activate", models, "tickets", "2", "--trust", public)
    assert (done.code, "it is not signed" in done.notes) == (1, True)
    assert not (models / "tickets" / "active.json").exists()


def test_serve_gives_the_service_its_trust(bundle, key, monkeypatch) -> None:
    """And the variable, where the option is not given: a server must not start without."""
    given = []
    monkeypatch.setattr(
        "burnish.service.server.serve", lambda settings, **_: given.append(settings.trust)
    )
    public = key.with_suffix(".pub")
    assert cli_main(["serve", str(bundle), "--trust", str(public)]) == 0
    monkeypatch.setenv("BURNISH_TRUST", str(public))
    assert cli_main(["serve", str(bundle)]) == 0
    assert given == [(public,), (public,)]
