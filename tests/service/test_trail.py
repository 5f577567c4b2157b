"""The trail of requests: strangers are forgotten, whether or not there is an audit log."""

from __future__ import annotations

import asyncio

from burnish.service.access import Strangers
from burnish.service.access.strangers import PERIOD_S
from burnish.service.metrics import Metrics
from burnish.service.trail import AuditTrail, Outcome


def test_strangers_are_forgotten_without_an_audit_log(monkeypatch) -> None:
    monkeypatch.setattr("burnish.service.trail._COLLECT_EVERY_S", 0.01)
    now = 1000.0
    strangers = Strangers(monotonic=lambda: now)
    trail = AuditTrail(None, input_hmac=None, strangers=strangers, metrics=Metrics())

    async def ask() -> None:
        nonlocal now
        for _ in range(3):
            verdict = strangers.take("192.0.2.1", wrong_key=True)
            outcome = Outcome(
                request_id=b"a",
                route="/classify",
                status=401,
                error_type="unauthorized",
                caller=None,
                body=b"",
                response=None,
                verdict=verdict,
                ms=1.0,
            )
            assert trail.write(outcome)
        for _ in range(2):
            now += PERIOD_S
            strangers.take("192.0.2.2", wrong_key=True)
            await asyncio.sleep(0.1)

    asyncio.run(ask())
    trail.close()
    assert not strangers.counting
    assert len(strangers) <= 1
