"""Callers that ask every subject the same texts, in short rounds that take turns."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.peers.running import Connection, Running
from benchmarks.peers.sleeping import Sleepers
from benchmarks.peers.subjects import Scores, Subject

__all__ = ["Answer", "Round", "ask_all", "measure_cell"]

SETTLE_S = 0.01


@dataclass(frozen=True, slots=True)
class Answer:
    """What one text got."""

    index: int
    seconds: float
    status: int
    """0: the connection failed."""
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One subject's turn."""

    failed: int
    wall_s: float
    cpu_s: float
    latencies_s: list[float] = field(repr=False)
    """Of the texts that were answered."""
    scores: list[tuple[str, Scores]] = field(repr=False)
    """Of the same texts."""


def measure_cell(
    subjects: Sequence[Running],
    texts: Sequence[str],
    *,
    callers: int,
    seconds: float,
    least: int,
    sleepers: Sleepers,
) -> dict[str, list[Round]]:
    """Rounds by name of the subject: all in turn, in changing order, until the time is used up.

    Args:
        subjects: whose servers run.
        texts: what each is asked in each round.
        callers: how many ask at once.
        seconds: for how long, warm-up included.
        least: rounds, however long they take.
        sleepers: wakes the subject whose turn it is.
    """
    rounds: dict[str, list[Round]] = {one.subject.name: [] for one in subjects}
    order, chance, begin, longest = list(subjects), random.Random(13), time.perf_counter(), 0.0
    for one in subjects:
        with sleepers.awake(one):
            _round(one, texts[:callers], callers=callers)
    done = 0
    while done < least or time.perf_counter() - begin + longest < seconds:
        chance.shuffle(order)
        started = time.perf_counter()
        for one in order:
            with sleepers.awake(one):
                rounds[one.subject.name].append(_round(one, texts, callers=callers))
        longest, done = max(longest, time.perf_counter() - started), done + 1
    return rounds


def ask_all(
    connect: Callable[[], Connection], subject: Subject, bodies: Sequence[bytes], *, callers: int
) -> list[Answer]:
    """Have all bodies asked by callers that each take the next one; in order."""
    waiting, lock = iter(enumerate(bodies)), threading.Lock()
    answers: list[Answer] = []

    def call() -> None:
        connection = connect()
        while True:
            with lock:
                index, body = next(waiting, (-1, b""))
            if index < 0:
                break
            answer = _ask(connection, subject.route, body, index)
            answers.append(answer)
            if not answer.status:
                connection.close()
                connection = connect()
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers, key=lambda answer: answer.index)


def _ask(connection: Connection, route: str, body: bytes, index: int) -> Answer:
    begin = time.perf_counter()
    try:
        status, content = connection.ask(route, body)
    except (OSError, http.client.HTTPException) as error:
        status, content = 0, type(error).__name__.encode()
    return Answer(index, time.perf_counter() - begin, status, content)


def _round(one: Running, texts: Sequence[str], *, callers: int) -> Round:
    bodies = [one.subject.encode(text) for text in texts]
    before, begin = one.cpu_s(), time.perf_counter()
    answers = ask_all(one.connect, one.subject, bodies, callers=callers)
    wall_s = time.perf_counter() - begin
    time.sleep(SETTLE_S)  # what it does after its last answer has left
    after = one.cpu_s()
    if before is None or after is None:  # it died: what it answered cannot be weighed
        answers, before, after = [], 0.0, 0.0
    good = [answer for answer in answers if answer.status == http.client.OK]
    return Round(
        failed=len(texts) - len(good),
        wall_s=wall_s,
        cpu_s=after - before,
        latencies_s=[answer.seconds for answer in good],
        scores=[(texts[a.index], one.subject.scores(a.content)) for a in good],
    )
