"""Jobs whose steps record what is computed, and wait where a test wants it."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from burnish.tasks import Encoding, Window


def window(name: int) -> Window:
    ids = np.array([name], dtype=np.int64)
    return Window(ids, ids * 0, start=0, stop=1, prefix=0)


def encoding(names: list[int]) -> Encoding:
    empty = np.empty((0, 2), dtype=np.int64)
    return Encoding(len(names), 0, empty, empty[:, 0], tuple(window(n) for n in names))


class Whole:
    """A window that is computed in one slice."""

    def __init__(self, compute: Callable[[Window], np.ndarray], window: Window) -> None:
        self.compute, self.window = compute, window

    def step(self) -> bool:
        self.result = self.compute(self.window)
        return False


@dataclass
class Recorder:
    """Steps that record what is computed; a window waits for its gate, where it has one."""

    computed: list[int] = field(default_factory=list)
    gates: dict[int, threading.Event] = field(default_factory=dict)
    begun: dict[int, threading.Event] = field(default_factory=dict)

    slice_ms = math.inf

    def begin(self, window):
        return Whole(self.compute, window)

    def encode(self, given):
        raise AssertionError("jobs are encoded before")

    def compute(self, window):
        name = int(window.input_ids[0])
        if name in self.begun:
            self.begun[name].set()
        if name in self.gates:
            assert self.gates[name].wait(30)
        self.computed.append(name)
        return np.array([name], dtype=np.float32)

    def decode(self, given, encoding, logits):
        return [int(array[0]) for array in logits]


class Outcome:
    def __init__(self) -> None:
        self.values: list = []
        self._there = threading.Event()

    def __call__(self, found) -> None:
        self.values.append(found)
        self._there.set()

    def wait(self):
        assert self._there.wait(30)
        return self.values[0]


def held(steps: Recorder, name: int) -> threading.Event:
    steps.gates[name], steps.begun[name] = threading.Event(), threading.Event()
    return steps.gates[name]


class Speech:
    """A window that is computed in as many slices as its recorder says."""

    def __init__(self, steps: "Speaker", window: Window) -> None:
        self.steps, self.window = steps, window
        self.left = steps.slices.get(int(window.input_ids[0]), 1)

    def step(self) -> bool:
        self.result = self.steps.compute(self.window)
        self.left -= 1
        return self.left > 0


@dataclass
class Speaker(Recorder):
    """A recorder whose windows have several slices each, of the same cost."""

    slices: dict[int, int] = field(default_factory=dict)
    slice_ms = 25.0

    def begin(self, window):
        return Speech(self, window)
