"""The express thread: a caller's only short job does not wait for other callers' windows."""

import os
import sys
import time

import pytest

from burnish.errors import DeadlineError
from burnish.runtime.job import LONG_MS
from burnish.runtime.workers import Workers
from tests.core.runtime.jobs import Recorder, held


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
def test_workers_have_a_lower_priority_than_the_express_thread_alone(make_job, express, nicer):
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
