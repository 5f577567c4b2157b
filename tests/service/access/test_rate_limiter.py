"""RateLimiter: what a bucket grants, and that a wait that is told is true."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.service.access import Caller, Keyring, KeyScope, RateLimiter, create_key

INFER: frozenset[KeyScope] = frozenset({"infer"})


def caller(requests: int | None = None, tokens: int | None = None, key_id: str = "a") -> Caller:
    return Caller(key_id, INFER, None, requests, tokens)


def test_without_a_limit_nothing_is_counted() -> None:
    limiter = RateLimiter()
    assert [limiter.take_request(caller(), 0.0) for _ in range(1000)] == [0.0] * 1000
    assert limiter.take_tokens(caller(), 10**9, 0.0) == 0.0
    assert len(limiter) == 0


def test_a_minutes_allowance_may_come_at_once_and_then_one_by_one() -> None:
    limiter, who = RateLimiter(), caller(requests=6)
    assert [limiter.take_request(who, 100.0) for _ in range(6)] == [0.0] * 6
    assert limiter.take_request(who, 100.0) == pytest.approx(10.0)
    assert limiter.take_request(who, 104.0) == pytest.approx(6.0)
    assert limiter.take_request(who, 110.0) == 0.0
    assert limiter.take_request(who, 110.0) == pytest.approx(10.0)
    assert [limiter.take_request(who, 1000.0) for _ in range(7)].count(0.0) == 6, (
        "it never overflows"
    )


def test_a_refusal_takes_nothing() -> None:
    limiter, who = RateLimiter(), caller(requests=1)
    limiter.take_request(who, 0.0)
    for now in range(1, 60):
        assert limiter.take_request(who, float(now)) == pytest.approx(60.0 - now)
    assert limiter.take_request(who, 60.0) == 0.0


def test_tokens_are_counted_by_the_request() -> None:
    limiter, who = RateLimiter(), caller(tokens=600)
    assert limiter.take_tokens(who, 500, 0.0) == 0.0
    assert limiter.take_tokens(who, 200, 0.0) == pytest.approx(10.0)
    assert limiter.take_tokens(who, 100, 0.0) == 0.0
    assert limiter.take_tokens(who, 1, 0.0) == pytest.approx(0.1)


def test_a_request_larger_than_the_bucket_waits_for_a_full_one_and_leaves_a_debt() -> None:
    limiter, who = RateLimiter(), caller(tokens=60)
    assert limiter.take_tokens(who, 180, 0.0) == 0.0
    assert limiter.take_tokens(who, 1, 0.0) == pytest.approx(121.0)
    assert limiter.take_tokens(who, 180, 100.0) == pytest.approx(80.0), "until it is full"
    assert limiter.take_tokens(who, 1, 121.0) == 0.0
    assert limiter.take_tokens(who, 180, 180.0) > 0
    assert limiter.take_tokens(who, 180, 181.0) == 0.0


def test_requests_and_tokens_and_keys_have_buckets_of_their_own() -> None:
    limiter = RateLimiter()
    first, second = caller(1, 1, "a"), caller(1, 1, "b")
    assert limiter.take_request(first, 0.0) == limiter.take_request(second, 0.0) == 0.0
    assert limiter.take_tokens(first, 1, 0.0) == limiter.take_tokens(second, 1, 0.0) == 0.0
    assert limiter.take_request(first, 0.0) > 0
    assert limiter.take_tokens(second, 1, 0.0) > 0


@given(
    per_minute=st.integers(1, 10**6),
    amounts=st.lists(st.integers(1, 10**6), min_size=1, max_size=30),
    start=st.floats(0, 1e9),
)
def test_whoever_waits_as_long_as_told_gets_through(per_minute, amounts, start) -> None:
    limiter, who, now = RateLimiter(), caller(tokens=per_minute), start
    for amount in amounts:
        wait = limiter.take_tokens(who, amount, now)
        if wait:
            assert limiter.take_tokens(who, amount, now + 0.99 * wait - 1e-5) > 0, "nor sooner"
            now += wait
            assert limiter.take_tokens(who, amount, now) == 0.0


@given(
    per_minute=st.integers(1, 1000),
    gaps=st.lists(st.floats(0, 30), min_size=1, max_size=100),
)
def test_no_span_lets_more_through_than_its_minutes_and_one(per_minute, gaps) -> None:
    limiter, who = RateLimiter(), caller(requests=per_minute)
    now, granted = 0.0, list[float]()
    for gap in gaps:
        now += gap
        granted += [now for _ in range(per_minute // 10 + 1) if not limiter.take_request(who, now)]
    for i, begin in enumerate(granted):
        count = len(granted) - i
        assert count <= per_minute * ((granted[-1] - begin) / 60 + 1) + 1e-3


def test_memory_is_bounded_by_the_keys_in_use() -> None:
    limiter = RateLimiter()
    for number in range(10_000):  # each is used once, an hour after the one before
        limiter.take_request(caller(requests=60, key_id=f"k{number}"), number * 3600.0)
    assert len(limiter) <= 65


def test_a_bucket_that_is_not_full_is_never_dropped() -> None:
    limiter = RateLimiter()
    callers = [caller(requests=1, key_id=f"k{number}") for number in range(1000)]
    assert all(limiter.take_request(each, 0.0) == 0.0 for each in callers)
    assert all(limiter.take_request(each, 1.0) > 0.0 for each in callers)


def test_the_state_outlives_a_reload_and_a_new_limit_counts_at_once(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    new = create_key(file, name="a", requests_per_minute=2, now=datetime.now(UTC))
    ring, limiter = Keyring(file), RateLimiter()
    header = f"Bearer {new.key}".encode()

    def take(now: float) -> float:
        who = ring.caller(header)
        assert who is not None
        return limiter.take_request(who, now)

    assert [take(0.0), take(0.0)] == [0.0, 0.0]
    create_key(file, name="b")
    ring.reload()
    assert take(0.0) == pytest.approx(30.0)
    text = file.read_text().replace('"requests_per_minute": 2', '"requests_per_minute": 60')
    file.write_text(text)
    ring.reload()
    assert take(1.5) == 0.0
