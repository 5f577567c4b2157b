"""Memory of requests in flight is weighed before it is taken, and let go of after."""

from __future__ import annotations

import ctypes

import httpx
import pytest

from burnish.service.app import service
from burnish.service.errors import HTTPError
from burnish.service.scheduling import memory_budget
from burnish.service.scheduling.memory_budget import MemoryBudget, trim_heap
from burnish.service.settings import Settings
from tests.service.conftest import served_here

MIB = 2**20


@pytest.fixture
def budget(monkeypatch) -> MemoryBudget:
    """Of 100 MiB: 200 may be used, and 82 are."""
    monkeypatch.setattr(memory_budget, "usable_memory_bytes", lambda: 2**40)
    return MemoryBudget(200 * MIB, resident=lambda: int((200 - 100 / 0.85) * MIB))


def test_what_does_not_fit_beside_others_is_refused_until_they_let_go(budget):
    first = budget.hold(60 * MIB)
    with pytest.raises(HTTPError) as caught:
        budget.hold(60 * MIB)
    assert (caught.value.status, caught.value.headers) == (429, {"Retry-After": "1"})
    first.let_go()
    budget.hold(60 * MIB).let_go()
    assert budget.held_bytes == 0


def test_what_never_fits_is_refused_for_its_size(budget):
    with pytest.raises(HTTPError, match="takes about 101 MiB of memory") as caught:
        budget.hold(101 * MIB)
    assert caught.value.status == 413


def test_a_request_is_weighed_again_by_its_tokens(budget):
    first, second = budget.hold(40 * MIB), budget.hold(40 * MIB)
    first.resize(10 * MIB)
    second.resize(90 * MIB)
    with pytest.raises(HTTPError):
        first.resize(11 * MIB)
    first.let_go()
    second.let_go()
    assert budget.held_bytes == 0


def test_what_works_on_for_a_client_that_left_is_still_counted(budget):
    hold = budget.hold(MIB)
    hold.claim()
    hold.let_go()
    assert budget.held_bytes == MIB
    hold.let_go()
    assert budget.held_bytes == 0


def test_a_server_without_room_answers_texts_of_some_pages(monkeypatch):
    monkeypatch.setattr(memory_budget, "usable_memory_bytes", lambda: 100 * MIB)
    budget = MemoryBudget(resident=lambda: 200 * MIB)
    budget.hold(16 * MIB)
    with pytest.raises(HTTPError):
        budget.hold(MIB)


def test_trimming_never_fails(monkeypatch):
    trim_heap()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    trim_heap()


def test_a_server_refuses_what_it_has_no_memory_for_and_answers_the_rest(bundles, monkeypatch):
    monkeypatch.setattr(memory_budget, "_LEAST_BYTES", 14 * MIB)
    settings = Settings(bundles=(bundles / "classification",), max_memory_bytes=2**40)
    with served_here(settings) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        monkeypatch.setattr(service.inference._memory, "_limit", 0)

        def ask(text: str) -> httpx.Response:
            return client.post("/classify", json={"inputs": text}, timeout=60)

        assert ask("the week " * 2000).status_code == 200
        refused = ask("the week " * 50_000)
        assert (refused.status_code, refused.json()["error_type"]) == (413, "too_large")
        assert "send the text in parts" in refused.json()["error"]
        assert ask("my invoice").status_code == 200
        monkeypatch.setattr(service.inference._memory, "_limit", 2**40)
        taken = service.inference._memory.hold(2**38)
        monkeypatch.setattr(service.inference._memory, "_room", 2**38 + MIB)
        busy = ask("the week " * 50_000)
        assert (busy.status_code, busy.headers["retry-after"]) == (429, "1")
        assert ask("my invoice").status_code == 200
        taken.let_go()
        assert ask("the week " * 50_000).status_code == 200
        assert service.inference._memory.held_bytes == 0
