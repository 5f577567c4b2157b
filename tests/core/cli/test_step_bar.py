"""Steps of a long command: lines in a log, a bar where somebody watches."""

from __future__ import annotations

from burnish.cli.step_bar import StepBar
from burnish.cli.terminal import Terminal
from burnish.steps import Steps

from .conftest import FakeScreen


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_off_a_terminal_steps_are_lines_and_parts_now_and_then(capsys) -> None:
    clock = Clock()
    with StepBar(Terminal(), clock=clock) as bar:
        steps = Steps(("merge", "quantize"), bar)
        steps.begin("merge")
        clock.now = 90
        steps.begin("quantize")
        bar.note("int8: trying 4 ways")
        for done in range(1, 5):
            clock.now += 20
            steps.part(done, 4)
    assert capsys.readouterr().err == (
        "step 1 of 2: merge\n"
        "step 2 of 2: quantize, after 90 s\n"
        "int8: trying 4 ways\n"
        "step 2 of 2: quantize: 2 of 4, about 40 s left in this step\n"
    )


def test_on_a_terminal_a_bar_moves_and_is_gone_at_the_end() -> None:
    screen, clock = FakeScreen(), Clock()
    with StepBar(Terminal(notes=screen), clock=clock) as bar:
        bar.note("before")
        steps = Steps(("merge", "quantize"), bar)
        steps.begin("quantize")
        clock.now = 10
        steps.part(1, 3)
        bar.note("a line")
    shown = screen.getvalue()
    assert shown.startswith("before\n")
    assert "step 2 of 2" in shown
    assert "quantize: 1 of 3, about 20 s left in this step" in shown
    assert "a line\n" in shown
    assert shown.rstrip(" ").endswith("\r")
