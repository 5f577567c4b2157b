"""The keyring: which caller an ``Authorization`` header belongs to."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from burnish.service.access import (
    KEY_SCOPES,
    LOCAL,
    Keyring,
    create_key,
    keyring,
)
from tests.service.access.callers import Clock, bearer

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

API_KEY = "one-key-for-all-callers"


def test_without_keys_everybody_is_the_local_caller() -> None:
    ring = Keyring(None, api_key=None)
    assert not ring.required
    assert ring.caller(b"") is LOCAL
    assert ring.caller(b"Bearer nonsense") is LOCAL
    assert LOCAL.key_id == "local"
    assert all(LOCAL.may(scope) for scope in KEY_SCOPES)
    assert LOCAL.may_ask("anything")


def test_one_key_for_all_may_do_everything() -> None:
    ring = Keyring(None, api_key=API_KEY)
    assert ring.required
    caller = ring.caller(bearer(API_KEY))
    assert caller is not None
    assert caller.key_id == "api-key"
    assert all(caller.may(scope) for scope in KEY_SCOPES)
    assert ring.caller(bearer(API_KEY + "x")) is None
    assert ring.caller(b"") is None


def test_a_key_is_its_caller(file: Path) -> None:
    new = create_key(file, name="a", scopes=["metrics"], models=["m"])
    ring = Keyring(file, api_key=None)
    caller = ring.caller(bearer(new.key))
    assert caller is not None
    assert caller.key_id == new.stored.id
    assert caller.scopes == frozenset({"metrics"})
    assert caller.models == frozenset({"m"})


def test_the_file_and_one_key_for_all_go_together(file: Path) -> None:
    new = create_key(file, name="a")
    ring = Keyring(file, api_key=API_KEY)
    callers = [ring.caller(bearer(key)) for key in (new.key, API_KEY)]
    assert [each and each.key_id for each in callers] == [new.stored.id, "api-key"]


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_has_no_case_and_spaces_do_not_count(file: Path, scheme: str) -> None:
    new = create_key(file, name="a")
    assert Keyring(file).caller(f"{scheme} {new.key} ".encode()) is not None


def test_anything_but_the_whole_key_is_nobody(file: Path) -> None:
    new = create_key(file, name="a")
    ring = Keyring(file)
    key = new.key
    other = create_key(file, name="b").key
    for sent in [
        b"",
        key.encode(),
        b"Basic " + key.encode(),
        b"Bearer",
        b"Bearer ",
        *(bearer(text) for text in (key[:-1], key + "A", key.upper(), key[:12], key[12:])),
        bearer(key[:12] + other[12:]),  # one's identifier, another's secret
        bearer(new.stored.sha256),
        b"Bearer \xff\x00" + key.encode(),
        b"Bearer " + b"A" * 60_000,
    ]:
        assert ring.caller(sent) is None, sent


def test_every_single_change_of_a_key_makes_it_nobodys(file: Path) -> None:
    new = create_key(file, name="a")
    ring = Keyring(file)
    for i in range(len(new.key)):
        changed = new.key[:i] + chr(ord(new.key[i]) ^ 1) + new.key[i + 1 :]
        assert ring.caller(bearer(changed)) is None


@pytest.mark.parametrize("sent", ["known", "unknown", "malformed", "nothing"])
def test_every_header_is_hashed_and_compared_alike(file: Path, sent: str, monkeypatch) -> None:
    new = create_key(file, name="a")
    ring = Keyring(file)
    done: list[str] = []

    def hashing(content: bytes):
        done.append("hash")
        return hashlib.sha256(content)

    def comparing(a: bytes, b: bytes) -> bool:
        done.append(f"compare {len(a)} {len(b)}")
        return hmac.compare_digest(a, b)

    monkeypatch.setattr(keyring, "sha256", hashing)
    monkeypatch.setattr(keyring, "compare_digest", comparing)
    headers = {
        "known": bearer(new.key[:-1] + "!"),
        "unknown": bearer("bk_zzzzzzzz_" + "A" * 43),
        "malformed": b"Basic x",
        "nothing": b"",
    }
    assert ring.caller(headers[sent]) is None
    assert done == ["hash", "compare 32 32", "compare 32 32"]


def test_a_key_ends_at_its_moment(file: Path) -> None:
    new = create_key(file, name="a", expires=NOW + timedelta(days=90), now=NOW)
    clock = Clock(NOW.timestamp())
    ring = Keyring(file, clock=clock)
    clock.now += 90 * 86_400 - 0.001
    assert ring.caller(bearer(new.key)) is not None
    clock.now += 0.001
    assert ring.caller(bearer(new.key)) is None
