"""When a checkpoint is due."""

from __future__ import annotations

from burnish.interruption import Interruption
from burnish.training.checkpointing.checkpoints import Checkpoints, Clock, Keeping


def test_checkpoints_take_a_twentieth_of_the_time_at_most(tmp_path, monkeypatch) -> None:
    now = [0.0]
    monkeypatch.setattr("burnish.training.checkpointing.checkpoints.time.monotonic", lambda: now[0])
    stop = Interruption()
    keeping = Keeping(stop=stop, clock=Clock(0.0), say=lambda _: None)
    checkpoints = Checkpoints(tmp_path / "stage", keeping, every_s=60)
    monkeypatch.setattr(
        "burnish.training.checkpointing.checkpoints.write_snapshot",
        lambda *_, **__: now.__setitem__(0, now[0] + 2.0),
    )
    assert not checkpoints.is_due(ends_epoch=False)
    assert checkpoints.is_due(ends_epoch=True)
    checkpoints.write(1, {}, {})
    now[0] += 39.0
    assert not checkpoints.is_due(ends_epoch=True)
    now[0] += 1.0
    assert checkpoints.is_due(ends_epoch=True)
    assert not checkpoints.is_due(ends_epoch=False)
    now[0] += 20.0
    assert checkpoints.is_due(ends_epoch=False)
