"""Workers, and jobs for them."""

from collections.abc import Callable, Iterator

import pytest

from burnish.runtime.job import Item, Job
from burnish.runtime.workers import Workers
from tests.core.runtime.jobs import Outcome, encoding


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


@pytest.fixture
def with_express() -> Iterator[Workers]:
    with Workers(1, express=True) as workers:
        yield workers
