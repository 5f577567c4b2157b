"""A loaded bundle: inputs in, typed predictions out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Literal, Self, overload

from burnish.bundle import Bundle
from burnish.errors import BundleError, BurnishError, InputError
from burnish.runtime.abstaining import abstain_below
from burnish.runtime.costs import CostTable, plain_window
from burnish.runtime.inputs import inputs_of
from burnish.runtime.job import Done, Item, Job, Results
from burnish.runtime.opening import open_steps
from burnish.runtime.workers import Workers
from burnish.tasks import Encoding, Input, Prediction, Task
from burnish.tasks.inputs import InputForm
from burnish.tasks.table import find_task

__all__ = ["Model", "Prepared"]

_LOOK_AHEAD = 4
"""Inputs in flight per worker when streaming. Chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Inputs that are tokenized: their cost is known, and nothing is computed yet."""

    items: tuple[Item[Input], ...]
    tokens: int
    windows: int
    unknown: int
    """How many tokens the tokenizer does not know."""
    cost_ms: float
    """Milliseconds of one thread, by the model's cost table."""


class Model:
    """A loaded bundle, and a context manager. Any number of threads may use it at once.

    An answer depends on its own input alone, bit for bit: not on the other inputs of a call, on
    other callers, or on the number of threads.
    """

    def __init__(self, bundle: Bundle, *, workers: Workers, probe: bool = True) -> None:
        self.bundle = bundle
        self._workers = workers
        self._kind = find_task(bundle.manifest.task.task)
        self._steps = open_steps(bundle)
        self.costs = CostTable.nominal(longest=bundle.manifest.task.max_length)
        """The costs of windows and steps; measured by `warm_up`."""
        if probe:
            self.probe()

    @property
    def name(self) -> str:
        """The bundle's name."""
        return self.bundle.manifest.name

    @property
    def task(self) -> str:
        """The bundle's task."""
        return self.bundle.manifest.task.task

    @property
    def threads(self) -> int:
        """How many inputs or windows are computed at once."""
        return self._workers.threads

    def abstaining(self, *, score: float | None = None, reject: float | None = None) -> Model:
        """The same model on the same threads, with another limit for abstaining: the stricter one.

        Args:
            score: 0 to 1; answers with a lower score are marked as abstained. 0 marks none.
            reject: between 0 and 1, the share of the texts out of scope to mark.

        Raises:
            InputError: as :func:`burnish.runtime.abstaining.abstain_below`.
        """
        below = abstain_below(self.bundle.manifest, score=score, reject=reject)
        return self.deciding(self._steps.task.model_copy(update={"abstain_below": below}))

    def thresholded(self, score: float) -> Model:
        """The same model on the same threads, giving the labels or entities of at least a score.

        Raises:
            InputError: no threshold decides what the model answers.
        """
        return self.deciding(self._kind.cells.with_threshold(self._steps.task, score))

    def deciding(self, task: Task) -> Model:
        """The same model on the same threads, with other settings of its task."""
        other = copy(self)
        other._steps = type(self._steps)(task, self.bundle)
        return other

    def warm_up(self) -> None:
        """Measure what windows of several lengths cost on this machine."""
        self.costs = self._steps.measure()

    def prepare(self, inputs: Iterable[object]) -> Prepared:
        """Tokenize inputs, as for `predict`; an input that cannot be answered becomes its error.

        Raises:
            InputError: ``inputs`` is not a list of inputs.
        """
        items = tuple(self._item(given) for given in inputs_of(inputs, form=self._kind.inputs))
        read = [item.encoding for item in items if isinstance(item.encoding, Encoding)]
        return Prepared(
            items=items,
            tokens=sum(encoding.tokens for encoding in read),
            windows=sum(len(encoding.windows) for encoding in read),
            unknown=sum(encoding.unknown for encoding in read),
            cost_ms=sum(sum(item.costs_ms) for item in items),
        )

    def _item(self, given: object) -> Item[Input]:
        try:
            checked = self._kind.inputs.checked(given)
            encoding = self._steps.encode(checked)
        except InputError as error:
            return Item("", error, ())
        costs = tuple(self._steps.cost_ms(window, self.costs) for window in encoding.windows)
        return Item(checked, encoding, costs)

    def expected_ms(self, tokens: float) -> float:
        """What a text of so many tokens is likely to cost, in milliseconds of one thread."""
        longest = self.bundle.manifest.task.max_length
        return tokens / longest * self._steps.cost_ms(plain_window(longest), self.costs)

    def tokenizing_bytes(self, inputs: Sequence[Input]) -> int:
        """Memory that `prepare` may hold at once for these inputs; found without tokenizing."""
        return self._steps.tokenizing_bytes(inputs)

    def answering_bytes(self, prepared: Prepared) -> int:
        """Memory that prepared inputs hold until their answer is written."""
        encodings = [each.encoding for each in prepared.items]
        return self._steps.answering_bytes(
            [each for each in encodings if isinstance(each, Encoding)], threads=self.threads
        )

    @property
    def writes(self) -> bool:
        """Whether even a short text takes memory while it is answered, for what is written."""
        return self.bundle.manifest.generation is not None

    def start(
        self, prepared: Prepared, *, done: Done, flow: str = "", deadline_s: float | None = None
    ) -> Job[Input]:
        """Begin to answer prepared inputs.

        Args:
            prepared: what `prepare` of this model returned.
            done: called with the outcome, in another thread.
            flow: the caller; callers share the processors equally.
            deadline_s: on the monotonic clock; what has not begun by then is dropped.
        """
        job = Job(self._steps, prepared.items, done=done, flow=flow, deadline_s=deadline_s)
        self._workers.submit(job)
        return job

    def submit(self, inputs: Iterable[object]) -> Future[Results]:
        """Begin to answer inputs; cancelling the future drops the work that has not begun.

        Returns:
            a future of one prediction or one error per input, in order.

        Raises:
            InputError: ``inputs`` is not a list of inputs.
        """
        future: Future[Results] = Future()
        job = self.start(self.prepare(inputs), done=partial(_tell, future))
        future.add_done_callback(lambda each: self._drop(job) if each.cancelled() else None)
        return future

    def _drop(self, job: Job[Input]) -> None:
        self._workers.drop(job, BurnishError("nobody waits for the answer any more"))

    def predict(self, inputs: Iterable[object]) -> list[Prediction]:
        """Answer inputs, in order.

        Args:
            inputs: strings: a list, a ``Series``, an array of one dimension, a generator. For
                question answering `Question` objects, or dicts with ``question`` and ``context``.

        Raises:
            InputError: ``inputs`` is a single text, a table, a dict or a set; or an input cannot be
                answered: the message says which one and why, not what it holds.
        """
        checked = [
            _checked(given, index, form=self._kind.inputs)
            for index, given in enumerate(inputs_of(inputs, form=self._kind.inputs))
        ]
        results = _wait(self.submit(checked))
        return [_raised(result, index) for index, result in enumerate(results)]

    def predict_one(self, given: object) -> Prediction:
        """Answer one input: a string, or for question answering a `Question`.

        Raises:
            InputError: it cannot be answered.
        """
        return _raised(_wait(self.submit([given]))[0], None)

    @overload
    def stream(
        self, inputs: Iterable[object], *, errors: Literal["raise"] = "raise"
    ) -> Iterator[Prediction]: ...

    @overload
    def stream(
        self, inputs: Iterable[object], *, errors: Literal["yield"]
    ) -> Iterator[Prediction | InputError]: ...

    def stream(
        self, inputs: Iterable[object], *, errors: Literal["raise", "yield"] = "raise"
    ) -> Iterator[Prediction | InputError]:
        """Answer inputs one after the other, in order, reading only a little ahead.

        Args:
            inputs: as `predict`; a generator is read as its answers are taken.
            errors: raise the error of an input that cannot be answered, or yield it in its place.

        Raises:
            InputError: ``inputs`` is not a list of inputs, or an input cannot be answered (the
                message says which one).
        """
        ahead: deque[Future[Results]] = deque()
        try:
            for index, result in enumerate(self._results(inputs, ahead)):
                yield result if errors == "yield" else _raised(result, index)
        finally:
            for future in ahead:
                future.cancel()

    def _results(
        self, inputs: Iterable[object], ahead: deque[Future[Results]]
    ) -> Iterator[Prediction | InputError]:
        for given in inputs_of(inputs, form=self._kind.inputs):
            ahead.append(self.submit([given]))
            if len(ahead) > _LOOK_AHEAD * self.threads:
                yield ahead.popleft().result()[0]
        while ahead:
            yield ahead.popleft().result()[0]

    def _repr_html_(self) -> str:
        """What a notebook shows: the bundle's scores and gates."""
        from burnish.evidence.notebook import bundle_html

        return bundle_html(self.bundle)

    def close(self) -> None:
        """End the worker threads; whoever waits for an answer gets a `BurnishError`."""
        self._workers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ended(self) -> AbstractContextManager[None]:
        """End every window that is computed during the block, also of models of the same graph."""
        return self._steps.ended()

    def probe(self) -> None:
        """Answer a neutral sentence once: a graph that does not fit its task fails here.

        Raises:
            BundleError: it does not fit.
        """
        given: Input = self._kind.neutral.probes[0]
        try:
            encoding = self._steps.encode(given)
            logits = [self._steps.compute(window) for window in encoding.windows]
            self._check_width(logits[0].shape[-1])
            self._steps.decode(given, encoding, logits)
        except Exception as error:
            reason = getattr(error, "reason", "") or error
            raise BundleError(
                f"{self.bundle.path}: the model cannot answer a plain sentence: {reason}",
                "the graph, the tokenizer and the labels do not fit together; export again",
            ) from error

    def _check_width(self, width: int) -> None:
        wanted = len(self.bundle.manifest.task.output_labels) or width
        if width != wanted:
            raise InputError(f"the graph gives {width} numbers, the task has {wanted}")


def _checked(given: object, index: int, *, form: InputForm[Input]) -> Input:
    """Check that an input is of the task's kind, before any other is computed."""
    try:
        return form.checked(given)
    except InputError as error:
        raise InputError(f"input {index}: {error.message}", error.hint) from None


def _tell(future: Future[Results], outcome: Results | BaseException) -> None:
    if not future.set_running_or_notify_cancel():
        return
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _wait(future: Future[Results]) -> Results:
    try:
        return future.result()
    finally:
        future.cancel()  # after an interrupt: the work is dropped


def _raised(result: Prediction | InputError, index: int | None) -> Prediction:
    if isinstance(result, InputError):
        if index is not None:
            raise type(result)(f"input {index}: {result.message}", result.hint) from result
        raise result
    return result
