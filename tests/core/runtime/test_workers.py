import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from burnish.errors import BurnishError, DeadlineError
from burnish.runtime.job import DOCUMENT_MS, LONG_MS, Item, Job
from burnish.runtime.workers import Workers
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


@pytest.fixture
def make_job() -> Callable[..., tuple[Job, Outcome]]:
    def make(steps, *inputs: list[int], cost_ms: float = 1.0, **options) -> tuple[Job, Outcome]:
        outcome = Outcome()
        items = [Item("", encoding(names), (cost_ms,) * len(names)) for names in inputs]
        return Job(steps, items, done=outcome, **options), outcome

    return make


@pytest.fixture
def one() -> Iterator[Workers]:
    with Workers(1) as workers:
        yield workers


@pytest.fixture
def two() -> Iterator[Workers]:
    with Workers(2) as workers:
        yield workers


def held(steps: Recorder, name: int) -> threading.Event:
    steps.gates[name], steps.begun[name] = threading.Event(), threading.Event()
    return steps.gates[name]


def test_results_come_in_input_order(two, make_job):
    job, outcome = make_job(Recorder(), [1], [2, 3], [4])
    two.submit(job)
    assert outcome.wait() == [[1], [2, 3], [4]]


def test_work_whose_client_has_gone_is_never_computed(one, make_job):
    steps = Recorder()
    gate = held(steps, 0)
    first, _ = make_job(steps, [0])
    gone, told = make_job(steps, [1, 2, 3], [4])
    last, done = make_job(steps, [5])
    for job in (first, gone, last):
        one.submit(job)
    assert steps.begun[0].wait(30)
    one.drop(gone, BurnishError("left"))
    gate.set()
    done.wait()
    assert steps.computed == [0, 5]
    assert isinstance(told.wait(), BurnishError)
    assert one.totals.dropped == 4


def test_work_past_its_deadline_is_never_computed(one, make_job):
    steps = Recorder()
    gate = held(steps, 0)
    first, _ = make_job(steps, [0])
    late, told = make_job(steps, [1], [2], deadline_s=time.monotonic() + 0.02)
    one.submit(first)
    assert steps.begun[0].wait(30)
    one.submit(late)
    time.sleep(0.05)
    gate.set()
    assert isinstance(told.wait(), DeadlineError)
    one.close()
    assert steps.computed == [0]


def test_the_accounts_are_empty_when_all_is_done(two, make_job):
    steps = Recorder()
    outcomes = []
    for number in range(50):
        job, outcome = make_job(steps, [1] * (number % 5 + 1), [2], flow=str(number % 3))
        two.submit(job)
        outcomes.append(outcome)
        if number % 7 == 0:
            two.drop(job, BurnishError("left"))
    for outcome in outcomes:
        outcome.wait()
    end = time.monotonic() + 10
    while two.backlog().total_ms and time.monotonic() < end:
        time.sleep(0.001)
    assert two.backlog().total_ms == 0
    assert not two._loads
    assert two.totals.steps + two.totals.dropped == sum(n % 5 + 2 for n in range(50))


def test_the_backlog_tells_what_each_caller_has_queued(one, make_job):
    steps = Recorder()
    gate = held(steps, 0)
    job, _ = make_job(steps, [0], cost_ms=10.0, flow="a")
    one.submit(job)
    assert steps.begun[0].wait(30)
    other, done = make_job(steps, [1, 2], cost_ms=15.0, flow="b")
    one.submit(other)
    found = one.backlog("b", 5.0)
    assert (found.own_ms, found.total_ms, found.callers, found.cost_ms) == (30, 40, 2, 5)
    # Of a's 10 ms all come first, of b's own 30 too.
    assert found.delay_ms == 45
    # A third caller waits for no more of each than it has itself.
    assert one.backlog("c", 5.0).delay_ms == 15
    gate.set()
    done.wait()


def test_of_a_document_a_stretch_counts_for_what_is_beside_it(one, make_job):
    steps = Recorder()
    gate = held(steps, 0)
    job, done = make_job(steps, [0, 1], cost_ms=5 * DOCUMENT_MS)
    one.submit(job)
    assert steps.begun[0].wait(30)
    beside = one.backlog(cost_ms=10.0)
    assert (beside.own_ms, beside.total_ms) == (DOCUMENT_MS, DOCUMENT_MS)
    assert (beside.queued_ms, beside.delay_ms) == (10 * DOCUMENT_MS, DOCUMENT_MS + 10)
    second = one.backlog(cost_ms=2 * DOCUMENT_MS)
    assert (second.total_ms, second.cost_ms) == (10 * DOCUMENT_MS, 2 * DOCUMENT_MS)
    first_of_another = one.backlog("b", 2 * DOCUMENT_MS)
    assert (first_of_another.total_ms, first_of_another.cost_ms) == (DOCUMENT_MS, DOCUMENT_MS)
    gate.set()
    done.wait()


def test_what_is_being_tokenized_counts_as_queued(one):
    with one.expecting("a", 40.0), one.expecting("a", 2 * DOCUMENT_MS):
        found = one.backlog("a")
        assert (found.own_ms, found.queued_ms) == (40 + DOCUMENT_MS, 40 + 2 * DOCUMENT_MS)
        assert one.backlog("a", 2 * DOCUMENT_MS).own_ms == 40 + 2 * DOCUMENT_MS
    assert one.backlog("a").queued_ms == 0
    assert not one._loads


def test_short_work_finds_a_worker_while_a_document_is_read(two, make_job):
    steps = Recorder()
    gates = [held(steps, name) for name in (100, 101)]
    note, done = make_job(steps, [1])
    two.submit(note)
    done.wait()
    book, read = make_job(steps, [100, 101, 102], cost_ms=40.0)
    two.submit(book)
    assert steps.begun[100].wait(30)
    # Short work came a moment ago: the second worker is kept for it.
    assert not steps.begun[101].wait(0.1)
    note, done = make_job(steps, [2])
    two.submit(note)
    done.wait()
    assert 100 not in steps.computed
    for gate in gates:
        gate.set()
    assert read.wait() == [[100, 101, 102]]


def test_a_document_has_every_worker_where_nobody_else_asks(two, make_job):
    steps = Recorder()
    gates = [held(steps, name) for name in (100, 101)]
    book, read = make_job(steps, [100, 101], cost_ms=40.0)
    two.submit(book)
    assert steps.begun[100].wait(30)
    assert steps.begun[101].wait(30)
    for gate in gates:
        gate.set()
    read.wait()


def test_a_defect_in_one_job_leaves_the_workers_alive(one, make_job):
    class Broken(Recorder):
        def decode(self, given, encoding, logits):
            raise ZeroDivisionError

    broken, told = make_job(Broken(), [1], [2])
    one.submit(broken)
    assert isinstance(told.wait(), ZeroDivisionError)
    job, outcome = make_job(Recorder(), [3])
    one.submit(job)
    assert outcome.wait() == [[3]]
    assert len(told.values) == 1


def test_pace_follows_what_steps_take(one, make_job):
    class Slow(Recorder):
        def compute(self, window):
            time.sleep(0.002)
            return super().compute(window)

    job, outcome = make_job(Slow(), *[[n] for n in range(100)], cost_ms=1.0)
    one.submit(job)
    outcome.wait()
    assert one.pace > 1.2


def test_a_job_that_came_after_the_close_may_still_be_dropped(make_job):
    workers = Workers(1)
    workers.close()
    job, told = make_job(Recorder(), [1, 2])
    workers.submit(job)
    workers.drop(job, BurnishError("left"))
    assert "closed" in str(told.wait())
    assert len(told.values) == 1


def test_an_idle_worker_holds_on_to_no_job(one, make_job):
    """It would hold on to a request's text and to the model that answered it until the next one."""
    job, outcome = make_job(Recorder(), [1], [2])
    one.submit(job)
    assert outcome.wait() == [[1], [2]]
    gone = weakref.ref(job)
    del job
    for _ in range(1000):
        if gone() is None:
            break
        time.sleep(0.01)
    assert gone() is None


@pytest.fixture
def with_express() -> Iterator[Workers]:
    with Workers(1, express=True) as workers:
        yield workers


def test_a_caller_of_one_job_does_not_wait_for_another_callers_window(with_express, make_job):
    steps = Recorder()
    gate = held(steps, 0)
    flood = [make_job(steps, [number], flow="flood") for number in range(4)]
    for job, _ in flood:
        with_express.submit(job)
    assert steps.begun[0].wait(30)
    calm, told = make_job(steps, [9], flow="calm")
    with_express.submit(calm)
    assert told.wait() == [[9]]
    assert steps.computed == [9]  # and nothing of the flood passed it
    gate.set()
    assert [outcome.wait() for _, outcome in flood] == [[[0]], [[1]], [[2]], [[3]]]


@pytest.mark.parametrize(
    ("flow", "names", "cost_ms"),
    [
        ("flood", [9], 1.0),  # the same caller's
        ("calm", [9], LONG_MS + 1),
    ],
)
def test_express_is_for_short_jobs_of_others(with_express, make_job, flow, names, cost_ms):
    steps = Recorder()
    gate = held(steps, 0)
    first, _ = make_job(steps, [0], flow="flood")
    with_express.submit(first)
    assert steps.begun[0].wait(30)
    job, told = make_job(steps, names, flow=flow, cost_ms=cost_ms)
    with_express.submit(job)
    time.sleep(0.05)
    assert steps.computed == []
    gate.set()
    assert told.wait() == [[9]]


def test_an_express_job_that_fails_and_one_that_is_dropped_leave_the_accounts_empty(
    with_express, make_job
):
    steps = Recorder()
    gate = held(steps, 0)
    first, done = make_job(steps, [0], flow="flood")
    with_express.submit(first)
    assert steps.begun[0].wait(30)
    late, told = make_job(steps, [9], flow="calm", deadline_s=time.monotonic() - 1)
    with_express.submit(late)
    assert isinstance(told.wait(), DeadlineError)
    gate.set()
    done.wait()
    end = time.monotonic() + 10
    while with_express.backlog("calm").queued_ms and time.monotonic() < end:
        time.sleep(0.001)
    assert with_express.backlog("calm").queued_ms == 0


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a niceness on Linux alone")
@pytest.mark.parametrize(("express", "nicer"), [(True, {0, 5}), (False, {0})])
def test_workers_stand_behind_express_alone(make_job, express, nicer):
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with Workers(2, express=express) as workers:
        for number in range(4):  # all threads have begun
            job, outcome = make_job(Recorder(), [number])
            workers.submit(job)
            outcome.wait()
        time.sleep(0.05)
        found = {os.getpriority(os.PRIO_PROCESS, t.native_id or 0) for t in workers._pool}
    assert found == {min(19, own + n) for n in nicer}


def test_two_callers_who_come_to_an_idle_worker_at_once_are_both_answered(make_job):
    for _ in range(50):
        with Workers(1, express=True) as workers:
            steps = Recorder()
            gate = held(steps, 0)
            first, done = make_job(steps, [0], flow="flood")
            calm, told = make_job(steps, [9], flow="calm")
            time.sleep(0.001)  # the worker is idle
            workers.submit(first)
            workers.submit(calm)
            assert told.wait() == [[9]]
            gate.set()
            assert done.wait() == [[0]]


def test_workers_work_where_no_niceness_can_be_set(make_job, monkeypatch):
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    with Workers(1, express=True) as workers:
        job, outcome = make_job(Recorder(), [1])
        workers.submit(job)
        assert outcome.wait() == [[1]]
