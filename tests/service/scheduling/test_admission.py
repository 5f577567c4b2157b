import time

import pytest

from burnish.runtime.backlog import Backlog
from burnish.service.errors import HTTPError
from burnish.service.scheduling.admission import Admission


class FixedWorkers:
    """Workers with a known backlog by caller, in wall-clock milliseconds of two threads."""

    threads = 2

    def __init__(self, **loads: float) -> None:
        self.loads = loads

    def backlog(self, flow: str = "", cost_ms: float = 0.0) -> Backlog:
        own = self.loads.get(flow, 0.0)
        mine = own + cost_ms / 2
        others = sum(min(ms, mine) for name, ms in self.loads.items() if name != flow)
        return Backlog(
            own_ms=own,
            total_ms=sum(self.loads.values()),
            queued_ms=sum(self.loads.values()),
            callers=len(self.loads) + (flow not in self.loads),
            cost_ms=cost_ms / 2,
            delay_ms=mine + others,
        )


def check(admission, workers, flow="a", cost_ms=10.0, client_deadline_ms=None):
    admission.check(workers, flow, cost_ms, client_deadline_ms=client_deadline_ms)


def check_room(admission, workers, flow):
    admission.check_room(workers, flow)


def refused(*args, **kwargs) -> HTTPError:
    with pytest.raises(HTTPError) as caught:
        check(*args, **kwargs)
    return caught.value


def test_what_fits_is_let_in():
    check(Admission(budget_ms=1000), FixedWorkers(a=900))


def test_above_the_budget_it_is_429_and_says_truly_when_to_come_again():
    admission = Admission(budget_ms=1000)
    refusal = refused(admission, FixedWorkers(a=4000), cost_ms=1000)
    assert refusal.status == 429
    # 4,000 ms wait and 500 are asked for: 3,550 must be worked off, to 95 % of the budget.
    assert refusal.headers == {"Retry-After": "4"}
    assert admission.rejected == {"queue": 1}
    check(admission, FixedWorkers(a=4000 - 3550), cost_ms=1000)


def test_who_found_the_queue_full_is_let_in_again_when_there_is_room():
    admission = Admission(budget_ms=1000)
    states = []
    check_room(admission, FixedWorkers(a=999), "a")
    states.append(admission.refusing)
    refused(admission, FixedWorkers(a=999))
    states.append(admission.refusing)
    # 999 ms do not become 950 in less than the 10 for which nobody looks again.
    with pytest.raises(HTTPError):
        check_room(admission, FixedWorkers(a=0), "a")
    check_room(admission, FixedWorkers(a=0), "b")
    time.sleep(0.011)
    with pytest.raises(HTTPError):
        check_room(admission, FixedWorkers(a=960), "a")
    time.sleep(0.011)
    check_room(admission, FixedWorkers(a=940), "a")
    assert [*states, admission.refusing] == [False, True, False]
    assert admission.rejected == {"queue": 3}


def test_a_request_weighs_what_it_costs():
    admission = Admission(budget_ms=1000)
    check(admission, FixedWorkers(a=600), cost_ms=100)
    assert refused(admission, FixedWorkers(a=600), cost_ms=5000).status == 429


def test_however_dear_a_callers_only_request_is_taken():
    check(Admission(budget_ms=1000), FixedWorkers(), cost_ms=50_000)
    check(Admission(budget_ms=1000), FixedWorkers(b=900), cost_ms=50_000)


def test_one_who_fills_the_queue_leaves_the_other_a_part():
    admission = Admission(budget_ms=1000)
    full = FixedWorkers(flooder=1000)
    assert refused(admission, full, "flooder").status == 429
    check(admission, full, "other")
    both = FixedWorkers(flooder=1000, other=400)
    check(admission, both, "other")
    assert refused(admission, both, "flooder").status == 429
    assert admission.rejected == {"queue": 1, "share": 1}


def test_a_deadline_that_cannot_be_met_is_refused_at_once():
    admission = Admission(budget_ms=1000)
    busy = FixedWorkers(a=500)
    refusal = refused(admission, busy, client_deadline_ms=100.0)
    assert refusal.status == 504
    assert refusal.error_type == "deadline"
    assert "505 ms" in refusal.message
    check(admission, busy, client_deadline_ms=600.0)
