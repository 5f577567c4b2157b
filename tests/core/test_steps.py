from __future__ import annotations

from burnish.steps import Step, Steps


def test_steps_know_their_place_and_their_parts() -> None:
    told: list[Step] = []
    steps = Steps(("merge", "convert"), told.append)
    steps.part(1, 2)  # before the first step, nobody knows of what
    steps.begin("convert")
    steps.part(1, 3)
    assert told == [
        Step(name="convert", number=2, of=2),
        Step(name="convert", number=2, of=2, done=1, parts=3),
    ]
    Steps(("merge",)).begin("merge")
