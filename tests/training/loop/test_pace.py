"""How long a training will take, told from its own steps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from burnish.training.loop.loop import Step
from burnish.training.loop.pace import Pace, StepPace


class Loop:
    """Ten epochs of ten steps, each of 100 tokens."""

    settings = SimpleNamespace(epochs=10)

    def __init__(self) -> None:
        self.done = 0

    def tokens_left(self) -> int:
        return 100 * (100 - self.done)


def run(*, steps: int, seconds: float, shown: bool) -> list[str]:
    said: list[str] = []
    now = [0.0]
    loop: Any = Loop()
    pace = Pace(loop, say=said.append, shown=shown, clock=lambda: now[0])
    for number in range(1, steps + 1):
        now[0] += 50 * seconds if number == 1 else seconds  # the first one is slow
        loop.done = number
        pace.saw(Step(number, number / 10, 0.5, 1e-3, ends_epoch=False, tokens=100))
    return said


def test_the_first_estimate_is_made_on_two_steps_without_the_first() -> None:
    assert run(steps=2, seconds=3, shown=False) == []
    told = "time: about 5 min for at most 10 epochs (measured on 2 steps)"
    assert run(steps=3, seconds=3, shown=False) == [told]


def test_without_a_bar_the_rest_is_told_every_two_minutes() -> None:
    assert len(run(steps=90, seconds=3, shown=True)) == 1
    _, second, third = run(steps=90, seconds=3, shown=False)
    assert second == "time: about 3 min left at most; epoch 4.3 of 10"
    assert third == "time: about 51 s left at most; epoch 8.3 of 10"


def test_steps_that_are_all_done_are_told_every_two_minutes() -> None:
    said: list[str] = []
    now = [0.0]
    pace = StepPace(100, done=20, say=said.append, shown=False, clock=lambda: now[0])
    for number in range(21, 101):
        now[0] += 10.0
        pace.saw(number)
    assert said[0] == "time: about 11 min left; step 32 of 100"
    assert len(said) == 6
    hidden: list[str] = []
    pace = StepPace(9, done=0, say=hidden.append, shown=True, clock=lambda: now[0])
    now[0] += 1000
    pace.saw(1)
    assert hidden == []
