"""Jobs whose steps record what is computed, and wait where a test wants it."""

import threading
from dataclasses import dataclass, field

import numpy as np

from burnish.tasks import Encoding, Window


def window(name: int) -> Window:
    ids = np.array([name], dtype=np.int64)
    return Window(ids, ids * 0, start=0, stop=1, prefix=0)


def encoding(names: list[int]) -> Encoding:
    empty = np.empty((0, 2), dtype=np.int64)
    return Encoding(len(names), 0, empty, empty[:, 0], tuple(window(n) for n in names))


@dataclass
class Recorder:
    """Steps that record what is computed; a window waits for its gate, where it has one."""

    computed: list[int] = field(default_factory=list)
    gates: dict[int, threading.Event] = field(default_factory=dict)
    begun: dict[int, threading.Event] = field(default_factory=dict)

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
