"""An item that the model cannot answer, among others that it can."""

from __future__ import annotations

import json
import threading
from typing import Any

from qualification.bench import Bench, make_tiny
from qualification.rows import Measurement, Row
from qualification.servers import Served

__all__ = ["ROWS"]

POISON = "berlin"
"""A word of the tiny vocabulary that no probe holds, so that the model itself is served."""
GOOD = ("my card", "the parcel is in", "hello", "an invoice of the courier", "it was not to be")
CALLERS = 8


def measure_poison(bench: Bench) -> Measurement:
    """Lists with items whose logits are not numbers, from several callers at once."""
    # Of numbers that are not finite no scale can be found, so this one stays fp32.
    path = bench.folder / "poisoned"
    bundle = make_tiny(path, "classification", int8=False, poison=POISON)
    rounds = bench.pick(50, 5)
    found: list[tuple[int, int, int]] = []
    with bench.serving(bundle) as served:
        alone = {text: _content(served, text) for text in GOOD}

        def ask() -> None:
            found.extend(_ask(served, alone, number) for number in range(rounds))

        threads = [threading.Thread(target=ask) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        single = served.ask("POST", "/classify", {"inputs": POISON})
        alive = served.is_ready()
    poisoned, right, wrong = (sum(column) for column in zip(*found, strict=True))
    figure = f"{poisoned:,} poisoned items alone err; {right:,} others right, {wrong} not"
    whole = len(found) == rounds * CALLERS and poisoned > 0
    named = single.status == 500 and json.loads(single.content)["error_type"] == "model"
    return Measurement(figure, whole and wrong == 0 and named and alive, {"single": single.status})


def _ask(served: Served, alone: dict[str, Any], number: int) -> tuple[int, int, int]:
    """A list with a poisoned item at a place that moves: poisoned, right and wrong items."""
    texts = [GOOD[index % len(GOOD)] for index in range(16)]
    place = number % len(texts)
    texts[place] = f"the {POISON} is {POISON}"
    answers = _content(served, texts)
    if not isinstance(answers, list) or len(answers) != len(texts):
        return 0, 0, len(texts)
    right = wrong = poisoned = 0
    for index, (text, answer) in enumerate(zip(texts, answers, strict=True)):
        if index == place:
            erred = isinstance(answer, dict) and answer.get("error_type") == "model"
            poisoned, wrong = poisoned + erred, wrong + (not erred)
        else:
            right, wrong = right + (answer == alone[text]), wrong + (answer != alone[text])
    return poisoned, right, wrong


def _content(served: Served, inputs: object) -> Any:
    return json.loads(served.ask("POST", "/classify", {"inputs": inputs}).content)


ROWS = (
    Row(
        name="poison",
        test="poison item in a batch, NaN logits",
        anchor="BentoML fails the batch",
        bar="that item alone errors",
        measure=measure_poison,
        guards=("fails-together",),
        timed=False,
    ),
)
