"""Windows in slices: what is left of one waits again, so that no job holds a worker to its end."""

import threading
import time

import pytest

from burnish.errors import BurnishError, DeadlineError, InputError
from burnish.runtime.fairness import FairQueue
from burnish.runtime.job import LONG_MS
from burnish.runtime.workers import Workers
from tests.core.runtime.jobs import Speaker, held

LONG = 1000.0


def settled(workers: Workers) -> bool:
    """Whether nothing is left in the accounts, soon."""
    end = time.monotonic() + 30
    while workers.backlog().queued_ms and time.monotonic() < end:
        time.sleep(0.001)
    return not workers._loads


def test_a_window_is_computed_slice_by_slice_and_answered_once(one, make_job):
    steps = Speaker(slices={1: 3, 2: 2})
    job, told = make_job(steps, [1, 2], [3], cost_ms=75.0)
    one.submit(job)
    assert told.wait() == [[1, 2], [3]]
    assert steps.computed == [1, 1, 1, 2, 2, 3]  # what has begun is finished first
    assert settled(one)
    assert (one.totals.steps, one.totals.dropped) == (3, 0)
    assert one.totals.estimated_ms == 3 * 75.0


def test_a_short_text_waits_for_a_slice_and_not_for_a_whole_answer(one, make_job):
    steps = Speaker(slices={0: 50})
    gate = held(steps, 0)
    long, told = make_job(steps, [0], cost_ms=50 * 25.0)
    one.submit(long)
    assert steps.begun[0].wait(30)
    notes = [make_job(steps, [number], cost_ms=1.0) for number in (1, 2, 3)]
    for job, _ in notes:
        one.submit(job)
    gate.set()
    assert [outcome.wait() for _, outcome in notes] == [[[1]], [[2]], [[3]]]
    assert told.wait() == [[0]]
    assert [steps.computed.index(number) for number in (1, 2, 3)] == [1, 2, 3]
    assert steps.computed.count(0) == 50


def test_another_callers_short_text_passes_a_flood_of_long_answers(one, make_job):
    steps = Speaker(slices=dict.fromkeys(range(10), 20))
    gate = held(steps, 0)
    flood = [make_job(steps, [n], cost_ms=500.0, flow="flood") for n in range(10)]
    for job, _ in flood:
        one.submit(job)
    assert steps.begun[0].wait(30)
    note, told = make_job(steps, [99], cost_ms=1.0, flow="calm")
    one.submit(note)
    gate.set()
    assert told.wait() == [[99]]
    assert all(outcome.wait() for _, outcome in flood)
    assert steps.computed.index(99) == 1


def test_two_callers_long_answers_take_turns(one, make_job):
    steps = Speaker(slices={0: 20, 1: 20})
    gate = held(steps, 0)
    jobs = [make_job(steps, [number], cost_ms=500.0, flow=f"{number}") for number in (0, 1)]
    one.submit(jobs[0][0])
    assert steps.begun[0].wait(30)
    one.submit(jobs[1][0])
    gate.set()
    assert [outcome.wait() for _, outcome in jobs] == [[[0]], [[1]]]
    assert steps.computed == [0, 1] * 20


def test_a_deadline_ends_an_answer_between_two_slices(one, make_job):
    steps = Speaker(slices={0: 10_000})
    gate = held(steps, 0)
    job, told = make_job(steps, [0, 1], cost_ms=LONG, deadline_s=time.monotonic() + 0.05)
    one.submit(job)
    assert steps.begun[0].wait(30)
    time.sleep(0.06)
    gate.set()
    assert isinstance(told.wait(), DeadlineError)
    assert settled(one)
    assert steps.computed == [0]
    assert one.totals.dropped == 2


def test_a_dropped_answer_ends_with_its_slice(one, make_job):
    steps = Speaker(slices={0: 10_000})
    gate = held(steps, 0)
    job, told = make_job(steps, [0, 1], cost_ms=LONG)
    one.submit(job)
    assert steps.begun[0].wait(30)
    one.drop(job, BurnishError("left"))
    gate.set()
    assert isinstance(told.wait(), BurnishError)
    assert settled(one)
    assert steps.computed == [0]
    assert one.totals.dropped == 2


def test_a_dropped_answer_that_waits_for_its_turn_is_forgotten(one, make_job):
    steps = Speaker(slices={0: 10_000})
    gate = held(steps, 1)
    job, _ = make_job(steps, [0], cost_ms=LONG)
    note, told = make_job(steps, [1])
    one.submit(job)
    one.submit(note)
    assert steps.begun[1].wait(30)
    one.drop(job, BurnishError("left"))
    count = steps.computed.count(0)
    gate.set()
    assert told.wait() == [[1]]
    assert settled(one)
    assert steps.computed.count(0) == count > 0


@pytest.mark.parametrize("cost_ms", [0.0, 1.0, 60.0, LONG])
def test_an_answer_of_another_length_than_foreseen_leaves_the_accounts_empty(
    two, make_job, cost_ms
):
    steps = Speaker(slices={0: 30, 1: 2})
    job, told = make_job(steps, [0, 1, 0, 1], [1], cost_ms=cost_ms)
    two.submit(job)
    assert told.wait() == [[0, 1, 0, 1], [1]]
    assert settled(two)
    assert job.left_ms == pytest.approx(0)


def test_an_answer_that_fails_in_a_later_slice_fails_its_input_alone(one, make_job):
    class Failing(Speaker):
        def compute(self, window):
            if int(window.input_ids[0]) == 1 and self.computed.count(1) == 2:
                raise InputError("too strange")
            return super().compute(window)

    steps = Failing(slices={0: 2, 1: 5, 2: 2})
    job, told = make_job(steps, [0], [1, 0], [2], cost_ms=100.0)
    one.submit(job)
    first, second, third = told.wait()
    assert (first, third) == ([0], [2])
    assert isinstance(second, InputError)
    assert settled(one)
    assert steps.computed.count(1) == 2


def test_closing_ends_an_answer_with_its_slice_and_tells_whoever_waits(make_job):
    workers = Workers(1)
    steps = Speaker(slices={0: 10_000})
    gate = held(steps, 0)
    job, told = make_job(steps, [0], cost_ms=LONG)
    workers.submit(job)
    assert steps.begun[0].wait(30)
    closing = threading.Thread(target=workers.close)
    closing.start()
    assert isinstance(told.wait(), BurnishError)
    gate.set()
    closing.join(30)
    assert not closing.is_alive()
    assert steps.computed == [0]


def test_what_the_express_thread_begins_is_finished_by_a_worker_that_was_idle(
    with_express, make_job
):
    steps = Speaker(slices={9: 3})
    gates = [held(steps, number) for number in (0, 9)]
    first, done = make_job(steps, [0], flow="flood")
    calm, told = make_job(steps, [9], flow="calm", cost_ms=LONG_MS - 1)
    with_express.submit(first)
    assert steps.begun[0].wait(30)
    with_express.submit(calm)
    assert steps.begun[9].wait(30)  # on the express thread, since the worker is busy
    gates[0].set()
    assert done.wait() == [[0]]
    while not with_express._idle:
        time.sleep(0.001)
    gates[1].set()
    assert told.wait() == [[9]]
    assert settled(with_express)


def test_answers_in_slices_are_the_same_by_any_number_of_threads(make_job):
    for threads in (1, 3):
        with Workers(threads) as workers:
            jobs = []
            for number in range(30):
                steps = Speaker(slices={1: 4, 2: 7, 3: 1})
                jobs.append(make_job(steps, [1, 2], [3], cost_ms=60.0, flow=str(number % 3)))
                workers.submit(jobs[-1][0])
            assert all(outcome.wait() == [[1, 2], [3]] for _, outcome in jobs)
            assert settled(workers)


class Returning:
    """Work of one step at a time, which comes back after it has been computed."""

    def __init__(self, flow: str) -> None:
        self.flow, self.long = flow, True
        self.waiting, self.returning, self.next_cost_ms = True, False, 25.0

    def take(self) -> None:
        self.waiting, self.returning = False, True

    def come_back(self) -> None:
        self.waiting, self.returning = True, False


def test_work_that_comes_back_has_kept_its_place_behind_other_callers():
    queue = FairQueue()
    away, other = Returning("a"), Returning("b")
    queue.put(away)
    assert queue.take(long=True) is away
    away.take()
    queue.put(other)
    assert queue.take(long=True) is other  # the first is with a thread
    other.take()
    assert queue.take(long=True) is None
    taken = []
    for _ in range(10):
        for each in (away, other):
            each.come_back()
        work = queue.take(long=True)
        assert isinstance(work, Returning)
        taken.append(work.flow)
        away.take()
        other.take()
    assert taken == ["a", "b"] * 5


def test_an_emptied_queue_tells_of_work_that_would_have_come_back():
    queue = FairQueue()
    work = Returning("a")
    queue.put(work)
    assert queue.take(long=True) is work
    work.take()
    assert queue.take(long=True) is None
    assert queue.clear() == [work]
    assert queue.take(long=True) is None
