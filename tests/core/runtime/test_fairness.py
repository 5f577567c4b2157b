from collections import Counter

from burnish.runtime.fairness import FairQueue


class Steps:
    """Work of some steps of one cost."""

    def __init__(self, name: str, steps: int, cost_ms: float = 1.0, *, flow: str = "") -> None:
        self.name, self.left, self.cost_ms, self.flow = name, steps, cost_ms, flow
        self.long = steps * cost_ms > 50

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


def test_an_idle_caller_saves_no_claim():
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
