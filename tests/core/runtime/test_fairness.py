from collections import Counter

from burnish.runtime.fairness import FairQueue


class Steps:
    """Work of some steps of one cost."""

    def __init__(self, name: str, steps: int, cost_ms: float = 1.0, *, flow: str = "") -> None:
        self.name, self.left, self.cost_ms, self.flow = name, steps, cost_ms, flow
        self.long = steps * cost_ms > 50

        self.returning = False

    @property
    def waiting(self) -> bool:
        return self.left > 0

    @property
    def next_cost_ms(self) -> float:
        return self.cost_ms


def taken(queue: FairQueue, count: int = 10_000, *, long: bool = True) -> list[str]:
    """Names in the order in which steps are taken."""
    found: list[str] = []
    while len(found) < count and (work := queue.take(long=long)) is not None:
        assert isinstance(work, Steps)
        work.left -= 1
        found.append(work.name)
    return found


def test_short_work_is_taken_as_it_comes():
    queue = FairQueue()
    for name in "abcdef":
        queue.put(Steps(name, 1))
    assert taken(queue) == list("abcdef")


def test_short_work_passes_a_document_that_has_begun():
    queue = FairQueue()
    queue.put(Steps("book", 1000))
    assert taken(queue, 5) == ["book"] * 5
    queue.put(Steps("note", 1))
    assert "note" in taken(queue, 2)


def test_a_document_goes_on_between_short_work():
    queue = FairQueue()
    queue.put(Steps("book", 1000))
    order = []
    for number in range(100):
        queue.put(Steps(f"note {number}", 1))
        order += taken(queue, 2)
    assert 40 <= order.count("book") <= 110


def test_two_documents_share_equally_by_cost():
    queue = FairQueue()
    queue.put(Steps("small windows", 10_000, 1.0))
    queue.put(Steps("large windows", 10_000, 4.0))
    counts = Counter(taken(queue, 1000))
    assert abs(counts["small windows"] - 4 * counts["large windows"]) <= 8


def test_a_flood_delays_whoever_sends_it_alone():
    queue = FairQueue()
    for number in range(1000):
        queue.put(Steps(f"flood {number}", 1, flow="flooder"))
    taken(queue, 10)
    queue.put(Steps("mine", 1, flow="other"))
    assert "mine" in taken(queue, 2)


def test_callers_share_equally_however_much_each_has_sent():
    queue = FairQueue()
    for number in range(900):
        queue.put(Steps("many", 1, flow="a"))
        if number < 100:
            queue.put(Steps("few", 1, flow="b"))
    assert Counter(taken(queue, 100))["few"] == 50


def test_callers_share_equally_by_cost_and_not_by_step():
    queue = FairQueue()
    queue.put(Steps("small", 1000, 1.0, flow="a"))
    queue.put(Steps("large", 1000, 4.0, flow="b"))
    assert Counter(taken(queue, 100)) == {"small": 80, "large": 20}


def test_steps_are_taken_in_the_order_of_what_each_caller_has_had():
    queue = FairQueue()
    queue.put(Steps("a", 9, 2.0, flow="a"))
    queue.put(Steps("b", 9, 3.0, flow="b"))
    # Had before each step: a 0, b 0; a 2, b 3; a 4, b 3; a 4, b 6; a 6, b 6; a 8, b 6.
    assert taken(queue, 7) == ["a", "b", "a", "b", "a", "a", "b"]


def test_jobs_of_a_caller_are_taken_in_the_order_of_what_each_has_had():
    queue = FairQueue()
    queue.put(Steps("small", 9, 2.0))
    queue.put(Steps("large", 9, 3.0))
    assert taken(queue, 7) == ["small", "large", "small", "large", "small", "small", "large"]


def test_a_new_job_starts_level_with_the_one_served_last():
    queue = FairQueue()
    queue.put(Steps("early", 100, 1.0))
    taken(queue, 30)
    queue.put(Steps("late", 100, 1.0))
    assert Counter(taken(queue, 40)) == {"early": 20, "late": 20}


def test_a_new_caller_starts_level_with_the_one_served_last():
    queue = FairQueue()
    queue.put(Steps("early", 100, 1.0, flow="a"))
    taken(queue, 30)
    queue.put(Steps("late", 100, 1.0, flow="b"))
    # The step that is computed now began at 29: the new caller begins there.
    assert Counter(taken(queue, 40)) == {"early": 19, "late": 21}


def test_a_caller_whose_work_was_dropped_has_no_head_start():
    queue = FairQueue()
    dropped = Steps("dropped", 1, flow="b")
    queue.put(dropped)
    for _ in range(200):
        queue.put(Steps("a", 1, flow="a"))
    for _ in range(100):
        work = queue.take(long=True, callers={"a"})
        assert isinstance(work, Steps)
        work.left -= 1
    dropped.left = 0
    for _ in range(100):
        queue.put(Steps("b", 1, flow="b"))
    assert Counter(taken(queue, 40)) == {"a": 20, "b": 20}


def test_a_caller_who_waits_is_served_first_afterwards():
    queue = FairQueue()
    queue.put(Steps("b", 100, 0.1, flow="b"))
    for _ in range(200):
        queue.put(Steps("a", 1, flow="a"))
    for _ in range(20):
        work = queue.take(long=True, callers={"a"})
        assert isinstance(work, Steps)
        work.left -= 1
    queue.put(Steps("more", 100, 0.1, flow="b"))
    assert set(taken(queue, 100)) == {"b", "more"}


def test_a_caller_who_is_served_late_gives_a_new_one_no_head_start():
    queue = FairQueue()
    queue.put(Steps("b", 1, flow="b"))
    for _ in range(200):
        queue.put(Steps("a", 1, flow="a"))
    for _ in range(20):
        work = queue.take(long=True, callers={"a"})
        assert isinstance(work, Steps)
        work.left -= 1
    assert taken(queue, 1) == ["b"]
    for _ in range(100):
        queue.put(Steps("c", 1, flow="c"))
    assert Counter(taken(queue, 40)) == {"a": 20, "c": 20}


def test_work_of_others_is_left_where_only_some_callers_may_be_served():
    queue = FairQueue()
    queue.put(Steps("a", 1, flow="a"))
    queue.put(Steps("b", 1, flow="b"))
    work = queue.take(long=True, callers={"b", "c"})
    assert isinstance(work, Steps)
    assert work.name == "b"
    work.left = 0
    assert queue.take(long=True, callers={"b", "c"}) is None
    assert taken(queue) == ["a"]


def test_a_caller_whose_work_is_all_taken_is_forgotten():
    queue = FairQueue()
    for name in "abc":
        queue.put(Steps(name, 1, flow=name))
    taken(queue)
    assert queue._flows == {}


def test_an_idle_caller_does_not_save_up_time():
    queue = FairQueue()
    queue.put(Steps("early", 1, flow="b"))
    taken(queue)
    for _ in range(500):
        queue.put(Steps("a", 1, flow="a"))
    taken(queue, 400)
    for _ in range(100):
        queue.put(Steps("b", 1, flow="b"))
    assert 40 <= Counter(taken(queue, 100))["b"] <= 60


def test_long_work_waits_where_it_may_not_be_taken():
    queue = FairQueue()
    queue.put(Steps("book", 1000))
    assert taken(queue, long=False) == []
    queue.put(Steps("note", 1))
    assert taken(queue, long=False) == ["note"]
    assert taken(queue, 1) == ["book"]


def test_dropped_work_is_never_taken():
    queue = FairQueue()
    dropped = Steps("dropped", 5)
    queue.put(dropped)
    queue.put(Steps("kept", 1))
    dropped.left = 0
    assert taken(queue) == ["kept"]


def test_clearing_returns_what_waits():
    queue = FairQueue()
    for name, flow in (("a", "x"), ("b", "y"), ("c", "x")):
        queue.put(Steps(name, 1, flow=flow))
    taken(queue, 1)
    left = {work.name for work in queue.clear() if isinstance(work, Steps)}
    assert left == {"b", "c"}
    assert taken(queue) == []
