"""Requests without a known key: limited by address, and summed up."""

from __future__ import annotations

import pytest

from burnish.service.access import Strangers, network_of
from burnish.service.access.strangers import PERIOD_S


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def strangers(clock: Clock) -> Strangers:
    return Strangers(clock=lambda: 1_777_636_800.0 + clock.now, monotonic=clock)


def test_a_flood_is_two_lines_in_ten_seconds(strangers: Strangers, clock: Clock) -> None:
    own, summed, told = 0, 0, []
    for _ in range(70_000):
        clock.now += 0.001
        own += strangers.take("192.0.2.1", wrong_key=True).recorded
        told += strangers.collect()
    summed = sum(each.count for each in told)
    rest = strangers.collect(all_of_them=True)
    assert own == 1
    assert len(told) == 7 - 1
    assert own + summed + rest[0].count == 70_000, "each is told of once"
    assert {each.address for each in told} == {"192.0.2.1"}
    assert told[0].until - told[0].since == pytest.approx(PERIOD_S, abs=0.1)
    assert strangers.refused == 70_000


def test_wrong_keys_of_an_address_are_limited_and_others_are_not(strangers, clock) -> None:
    limited = [strangers.take("192.0.2.1", wrong_key=True).limited for _ in range(100)]
    assert limited == [False] * 20 + [True] * 80
    assert not strangers.take("192.0.2.2", wrong_key=True).limited
    assert strangers.limited == 80
    clock.now += 3
    again = [strangers.take("192.0.2.1", wrong_key=True).limited for _ in range(4)]
    assert again == [False] * 3 + [True]


def test_whoever_tries_now_and_then_is_never_limited_and_always_recorded(strangers, clock) -> None:
    for _ in range(200):
        clock.now += PERIOD_S
        verdict = strangers.take("192.0.2.1", wrong_key=True)
        assert (verdict.recorded, verdict.limited) == (True, False)
        assert strangers.collect() == []


def test_what_is_wrong_but_no_key_is_counted_and_not_limited(strangers: Strangers) -> None:
    verdicts = [strangers.take("192.0.2.1", wrong_key=False) for _ in range(100)]
    assert sum(verdict.recorded for verdict in verdicts) == 1
    assert not any(verdict.limited for verdict in verdicts)


def test_many_addresses_take_their_turns_as_one(strangers: Strangers, clock: Clock) -> None:
    verdicts = [
        strangers.take(f"192.0.{i // 250}.{i % 250}", wrong_key=True) for i in range(10_000)
    ]
    assert len(strangers) <= 257
    assert sum(verdict.recorded for verdict in verdicts) <= 257
    (rest,) = strangers.collect(all_of_them=True)
    assert rest.address == ""
    assert rest.count == 10_000 - 257
    assert verdicts[-1].limited


def test_whoever_is_long_gone_is_forgotten(strangers: Strangers, clock: Clock) -> None:
    for i in range(200):
        strangers.take(f"192.0.2.{i}", wrong_key=True)
    clock.now += 60
    strangers.collect()
    assert len(strangers) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_a_64_of_ipv6_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network
