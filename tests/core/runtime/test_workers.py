"""The workers: order, accounts, deadlines and defects of jobs."""

import time
import weakref

from burnish.errors import BurnishError, DeadlineError
from burnish.runtime.job import DOCUMENT_MS
from burnish.runtime.workers import Workers
from tests.core.runtime.jobs import Recorder, held


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
