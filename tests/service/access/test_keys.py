"""The key store: what the file holds, who may read it, and that no change is lost."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from burnish import private
from burnish.errors import UsageError
from burnish.service.access import AccessError, create_key, read_keys, revoke_key
from tests.disk import Disk

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_a_key_has_an_identifier_and_256_random_bits(file: Path) -> None:
    made = [create_key(file, name="a") for _ in range(5)]
    for new in made:
        assert re.fullmatch(r"bk_[a-z2-9]{8}_[A-Za-z0-9_-]{43}", new.key)
        assert new.key[3:11] == new.stored.id
    assert len({new.key[12:] for new in made}) == 5


def test_the_file_holds_the_digest_and_not_the_key(file: Path) -> None:
    new = create_key(file, name="ward-7")
    text = file.read_text()
    assert new.key not in text
    assert new.key[12:] not in text
    assert hashlib.sha256(new.key.encode()).hexdigest() in text


def test_a_key_is_stored_as_it_was_asked_for(file: Path) -> None:
    new = create_key(
        file,
        name="Station 7, Süd",
        scopes=["infer", "metrics", "infer"],
        models=["tickets", "notes"],
        expires=NOW + timedelta(days=1),
        requests_per_minute=60,
        tokens_per_minute=10_000,
        now=NOW,
    )
    (stored,) = read_keys(file).keys
    assert stored == new.stored
    assert stored.scopes == ("infer", "metrics")
    caller = stored.caller()
    assert caller.may("infer")
    assert not caller.may("admin")
    assert caller.may_ask("notes")
    assert not caller.may_ask("other")
    assert (caller.requests_per_minute, caller.tokens_per_minute) == (60, 10_000)


def test_file_and_lock_are_for_their_owner_alone_whatever_the_umask(file: Path) -> None:
    before = os.umask(0)
    try:
        create_key(file, name="a")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()] == [0o600, 0o600]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666])
def test_a_file_that_others_may_touch_is_refused(file: Path, mode: int) -> None:
    create_key(file, name="a")
    file.chmod(mode)
    for use in (lambda: read_keys(file), lambda: create_key(file, name="b")):
        with pytest.raises(AccessError, match="other users may read or write it") as caught:
            use()
        assert f"chmod 600 {file}" in caught.value.hint


def test_a_file_of_another_user_is_refused(file: Path, monkeypatch) -> None:
    create_key(file, name="a")
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    with pytest.raises(AccessError, match="belongs to another user"):
        read_keys(file)


def test_a_pipe_is_refused_and_not_waited_for(file: Path) -> None:
    os.mkfifo(file, 0o600)
    with pytest.raises(AccessError, match="not a plain file"):
        read_keys(file)


def test_the_target_of_a_link_is_changed_and_the_link_stays(file: Path, tmp_path: Path) -> None:
    (tmp_path / "mount").mkdir()
    file.symlink_to(tmp_path / "mount" / "keys.json")
    create_key(file, name="a")
    assert file.is_symlink()
    assert len(read_keys(file).keys) == 1


SECRET = "bk_abcdefgh_SECRETSECRETSECRETSECRETSECRETSECRETSECRETS"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", "its content: not valid JSON"),
        ('{"schema_version": 1, "keys": [', "its content: not valid JSON"),
        ('{"schema_version": 2, "keys": []}', "schema_version: "),
        ('{"schema_version": 1, "keys": [], "' + SECRET + '": 1}', "its content: Extra inputs"),
        ('{"keys": [{"id": "' + SECRET + '"}]}', "keys.0.id: "),
        ('{"keys": ["' + SECRET + '"]}', "keys.0: "),
        ("[" * 100_000, "its content: not valid JSON"),
        ('"\\ud800"', "its content: "),
    ],
)
def test_a_damaged_file_is_refused_and_none_of_it_quoted(file: Path, content: str, where: str):
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(AccessError, match=re.escape(f"{file}: not a key file: {where}")) as caught:
        read_keys(file)
    assert "SECRET" not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


def test_an_identifier_that_stands_twice_is_refused(file: Path) -> None:
    create_key(file, name="a")
    content = json.loads(file.read_text())
    content["keys"] *= 2
    file.write_text(json.dumps(content))
    with pytest.raises(AccessError, match="twice"):
        read_keys(file)


def test_no_representation_shows_key_or_digest(file: Path) -> None:
    new = create_key(file, name="a")
    shown = f"{new!r} {new} {new.stored!r} {read_keys(file)!r}"
    assert new.key[12:] not in shown
    assert new.stored.sha256 not in shown


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": " a"},
        {"name": "a\nb"},
        {"name": "a\x1b[31m"},
        {"name": "a" * 101},
        {"name": "a", "scopes": []},
        {"name": "a", "scopes": ["root"]},
        {"name": "a", "models": []},
        {"name": "a", "models": [""]},
        {"name": "a", "requests_per_minute": 0},
        {"name": "a", "expires": NOW.replace(tzinfo=None)},
    ],
)
def test_a_value_that_a_key_may_not_have_is_refused_and_nothing_written(file, values) -> None:
    with pytest.raises(UsageError):
        create_key(file, **values)
    assert not file.exists()


def test_a_revoked_key_stays_in_the_file_and_keeps_its_first_moment(file: Path) -> None:
    new, other = create_key(file, name="a", now=NOW), create_key(file, name="b", now=NOW)
    first = revoke_key(file, new.stored.id, now=NOW)
    again = revoke_key(file, new.stored.id, now=NOW + timedelta(days=1))
    assert first.revoked == again.revoked == NOW
    assert [key.state(NOW) for key in read_keys(file).keys] == ["revoked", "active"]
    assert read_keys(file).keys[1] == other.stored


def test_what_is_not_there_cannot_be_revoked(file: Path) -> None:
    with pytest.raises(AccessError, match="No such file"):
        revoke_key(file, "abcdefgh")
    create_key(file, name="a")
    with pytest.raises(AccessError, match="it has no key with this identifier") as caught:
        revoke_key(file, SECRET)  # somebody pastes the whole key
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (NOW, "active"),
        (NOW + timedelta(seconds=59), "active"),
        (NOW + timedelta(seconds=60), "expired"),
    ],
)
def test_a_key_expires_at_its_moment(file: Path, moment: datetime, state: str) -> None:
    new = create_key(file, name="a", expires=NOW + timedelta(seconds=60), now=NOW)
    assert new.stored.state(moment) == state


def test_a_write_that_fails_leaves_the_old_file(file: Path, monkeypatch) -> None:
    create_key(file, name="a")
    before = file.read_bytes()
    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(AccessError, match="cannot be written: No space left"):
        create_key(file, name="b")
    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.iterdir()) == [".keys.json.lock", "keys.json"]


def failing(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_lock_that_is_never_let_go_of_is_named(file: Path, monkeypatch) -> None:
    monkeypatch.setattr(private, "_LOCK_WAIT_S", 0.05)
    with (
        private.exclusive(file),
        pytest.raises(AccessError, match=r"\.keys\.json\.lock: another process has held it"),
    ):
        create_key(file, name="a")


def test_twenty_processes_at_once_lose_no_key(file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from burnish.service.access import create_key\n"
        "for i in range(2): create_key(Path(sys.argv[1]), name=f'{sys.argv[2]}-{i}')"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, file, str(number)]) for number in range(20)
    ]
    assert [process.wait(timeout=120) for process in processes] == [0] * 20
    names = {key.name for key in read_keys(file).keys}
    assert names == {f"{number}-{i}" for number in range(20) for i in range(2)}
    assert len(read_keys(file).keys) == 40


def test_neither_server_nor_model_is_imported() -> None:
    code = "import sys, burnish.service.access; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    tops = {name.partition(".")[0] for name in done.stdout.split()}
    assert not {"bentoml", "starlette", "uvicorn", "numpy", "onnxruntime", "tokenizers"} & tops


def test_a_new_key_file_is_on_the_disk_before_it_replaces_the_old_one(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_key(file, name="a")
    disk = Disk.watched(monkeypatch)
    create_key(file, name="b")
    assert disk.renamed == [file]
    assert (disk.unsynced, disk.unsynced_names) == ([], set())
