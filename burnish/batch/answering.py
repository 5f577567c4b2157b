"""Answers in the order of their inputs, a few of them computed ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING

from burnish.batch.fields import Asked
from burnish.errors import InputError
from burnish.tasks import Prediction

if TYPE_CHECKING:
    from burnish.runtime import Model

__all__ = ["answers"]

_AHEAD = 4
"""Inputs in flight for each thread."""


def answers(model: Model, items: Iterable[Asked | None]) -> Iterator[Prediction | InputError]:
    """Answers in input order. While a pipe sends nothing, all inputs so far are answered.

    Args:
        model: what is asked.
        items: the inputs; None where the next one is not there yet.
    """
    ahead: deque[Future[list[Prediction | InputError]]] = deque()
    try:
        for item in items:
            if item is not None:
                ahead.append(_submit(model, item))
            while ahead and (item is None or len(ahead) > _AHEAD * model.threads):
                yield ahead.popleft().result()[0]
        while ahead:
            yield ahead.popleft().result()[0]
    finally:
        for future in ahead:
            future.cancel()


def _submit(model: Model, item: Asked) -> Future[list[Prediction | InputError]]:
    if not isinstance(item, InputError):
        return model.submit([item])
    refused: Future[list[Prediction | InputError]] = Future()
    refused.set_result([item])
    return refused
