"""How the keyring follows its file: created, revoked, damaged and unreadable keys."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from burnish.service.access import (
    AccessError,
    HealthProblem,
    Keyring,
    create_key,
    revoke_key,
)
from tests.service.access.callers import Clock, bearer


def test_the_file_is_followed_within_a_second_and_asked_once(file: Path, monkeypatch) -> None:
    first = create_key(file, name="a")
    monotonic = Clock()
    ring = Keyring(file, monotonic=monotonic)
    asked = 0
    stat = os.stat

    def counting(path, **more):
        nonlocal asked
        asked += path == file
        return stat(path, **more)

    monkeypatch.setattr(os, "stat", counting)
    second = create_key(file, name="b")
    revoke_key(file, first.stored.id)
    asked = 0
    monotonic.now = 0.999
    assert ring.caller(bearer(first.key)) is not None
    assert ring.caller(bearer(second.key)) is None
    assert asked == 0
    monotonic.now = 1.0
    assert ring.caller(bearer(first.key)) is None
    assert ring.caller(bearer(second.key)) is not None
    for _ in range(100):
        ring.caller(bearer(second.key))
    assert asked == 1
    monotonic.now = 2.0
    ring.caller(b"")
    assert asked == 2


def test_a_reload_does_not_wait(file: Path) -> None:
    create_key(file, name="a")
    ring = Keyring(file, monotonic=Clock())
    new = create_key(file, name="b")
    assert ring.caller(bearer(new.key)) is None
    ring.reload()
    assert ring.caller(bearer(new.key)) is not None


def test_a_rotation_never_leaves_the_caller_without_a_key(file: Path) -> None:
    monotonic = Clock()
    old = create_key(file, name="ward")
    ring = Keyring(file, monotonic=monotonic)
    new = create_key(file, name="ward")
    held = ring.caller(bearer(old.key))
    monotonic.now += 1
    assert None not in (ring.caller(bearer(old.key)), ring.caller(bearer(new.key)))
    revoke_key(file, old.stored.id)
    monotonic.now += 1
    assert ring.caller(bearer(old.key)) is None
    assert ring.caller(bearer(new.key)) is not None
    assert held is not None
    assert held.may("infer"), "a request that is in is not looked at again"


def damage(file: Path) -> None:
    file.write_text("{")


def expose(file: Path) -> None:
    file.chmod(0o644)


def remove(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("break_it", [damage, expose, remove])
def test_a_file_that_breaks_leaves_the_old_keys_and_is_reported_once(file: Path, break_it) -> None:
    new = create_key(file, name="a")
    content = file.read_bytes()
    monotonic, problems = Clock(), list[HealthProblem]()
    ring = Keyring(file, monotonic=monotonic, notify=problems.append)
    break_it(file)
    for _ in range(5):
        monotonic.now += 1
        assert ring.caller(bearer(new.key)) is not None
    ring.reload()
    assert len(problems) == 1
    assert problems[0].file == file
    assert "the keys read before stay valid" in problems[0].message
    assert ring.problem is problems[0]
    assert new.key[12:] not in repr(problems)
    file.write_bytes(content)
    file.chmod(0o600)
    revoke_key(file, new.stored.id)
    monotonic.now += 1
    assert ring.caller(bearer(new.key)) is None
    assert ring.problem is None


class Unreadable:
    """Makes one call of the system fail for the key file, as long as it stands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, file: Path, call: str, number: int) -> None:
        self.on = True
        self._opened = -1
        real, opening = getattr(os, call), os.open

        def failing(place, *more, **named):
            if self.on and place in (file, self._opened):
                raise OSError(number, os.strerror(number))
            return real(place, *more, **named)

        def watched(path, *more, **named):
            descriptor = opening(path, *more, **named)
            self._opened = descriptor if path == file else -1
            return descriptor

        if call != "open":
            monkeypatch.setattr(os, "open", watched)
        monkeypatch.setattr(os, call, failing)


@pytest.mark.parametrize("call", ["open", "stat", "fstat", "read"])
@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO, errno.ESTALE, errno.EACCES])
def test_a_file_that_cannot_be_read_for_a_moment_is_tried_again(
    file: Path, monkeypatch, call: str, number: int
) -> None:
    """The file does not change after that: nothing but another try finds what it says."""
    new = create_key(file, name="a")
    monotonic, problems = Clock(), list[HealthProblem]()
    ring = Keyring(file, monotonic=monotonic, notify=problems.append)
    revoke_key(file, new.stored.id)
    fault = Unreadable(monkeypatch, file, call, number)
    for _ in range(3):
        monotonic.now += 1
        ring.caller(bearer(new.key))
    assert [os.strerror(number) in each.message for each in problems] == [True] * (call != "stat")
    fault.on = False
    monotonic.now += 1
    assert ring.caller(bearer(new.key)) is None
    assert ring.problem is None


@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, Path.touch], ids=["directory", "pipe", "half"]
)
def test_whatever_stands_there_instead_is_refused_and_looked_at_again(
    file: Path, tmp_path: Path, make
) -> None:
    new = create_key(file, name="a")
    monotonic = Clock()
    ring = Keyring(file, monotonic=monotonic, notify=lambda _: None)
    revoke_key(file, new.stored.id)
    file.rename(tmp_path / "kept")
    make(file)
    open_files = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        monotonic.now += 1
        assert ring.caller(bearer(new.key)) is not None
    assert len(list(Path("/proc/self/fd").iterdir())) == open_files
    if file.is_dir():
        file.rmdir()
    (tmp_path / "kept").rename(file)
    monotonic.now += 1
    assert ring.caller(bearer(new.key)) is None


def test_a_link_that_is_turned_to_another_file_is_followed(file: Path, tmp_path: Path) -> None:
    """How Kubernetes puts a new version of a secret in place."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    key = create_key(old, name="a")
    create_key(new, name="b")
    file.symlink_to(old)
    monotonic = Clock()
    ring = Keyring(file, monotonic=monotonic)
    assert ring.caller(bearer(key.key)) is not None
    (tmp_path / "link").symlink_to(new)
    (tmp_path / "link").rename(file)
    monotonic.now += 1
    assert ring.caller(bearer(key.key)) is None


def test_a_fault_is_logged_where_nobody_asks_for_another_way(file: Path, caplog) -> None:
    create_key(file, name="a")
    ring = Keyring(file)
    damage(file)
    ring.reload()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(file) in caplog.text


@pytest.mark.parametrize("break_it", [damage, expose, remove])
def test_a_server_does_not_start_with_a_broken_file(file: Path, break_it) -> None:
    create_key(file, name="a")
    break_it(file)
    with pytest.raises(AccessError):
        Keyring(file)


def test_a_file_without_keys_lets_nobody_in(file: Path) -> None:
    file.write_text('{"schema_version": 1, "keys": []}')
    file.chmod(0o600)
    ring = Keyring(file)
    assert ring.required
    assert ring.caller(b"") is None
