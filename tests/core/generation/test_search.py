"""Searches of a model that is a table: the next token depends on the last one alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from burnish.arrays import DoubleArray, FloatArray, IntArray
from burnish.errors import ConfigError
from burnish.generation.search import Generation, highest, log_softmax
from burnish.generation.settings import GenerationSettings

START, END, TOKENS = 0, 1, 6


class Table:
    """Logits by the last token; remembers what it was asked."""

    target_positions: int | None = 20

    def __init__(self, logits: DoubleArray) -> None:
        self.logits = logits.astype(np.float32)
        self.vocabulary = logits.shape[1]
        self.asked: list[tuple[IntArray, IntArray]] = []

    def begin(self, source: Sequence[int]) -> Table:
        return self

    def step(self, tokens: IntArray, beams: IntArray) -> FloatArray:
        self.asked.append((tokens.copy(), beams.copy()))
        return self.logits[tokens]


@pytest.fixture
def table() -> Table:
    return Table(np.random.default_rng(4).normal(size=(TOKENS, TOKENS)))


def settings(**options: Any) -> GenerationSettings:
    return GenerationSettings(**{"start_id": START, "end_ids": (END,), "max_length": 5, **options})


def run(table: Table, **options: Any) -> Any:
    return Generation(table, (3,), settings(**options)).run()


def every_text(table: Table, length: int) -> dict[tuple[int, ...], float]:
    """The log probability of each text that ends by its end, or at the length."""
    logs = log_softmax(table.logits)
    found = {}
    for size in range(1, length + 1):
        for ids in product(range(TOKENS), repeat=size):
            if END in ids[:-1] or (size < length and ids[-1] != END):
                continue
            found[ids] = sum(logs[a, b] for a, b in zip((START, *ids), ids, strict=False))
    return found


def test_enough_beams_find_the_likeliest_text(table: Table) -> None:
    texts = every_text(table, 3)
    best = max(texts, key=lambda ids: texts[ids])
    found = run(table, max_length=3, beams=32, length_penalty=0.0, early_stopping="never")
    assert found.ids == best
    assert found.score == pytest.approx(texts[best], abs=1e-6)
    assert found.ended == (best[-1] == END)


def test_greedy_takes_the_likeliest_token_each_time(table: Table) -> None:
    found = run(table)
    logs, last = log_softmax(table.logits), START
    for token, log in zip(found.ids, found.log_probabilities, strict=True):
        assert token == table.logits[last].argmax()
        assert log == pytest.approx(logs[last, token], abs=1e-6)
        last = token
    assert found.score == pytest.approx(sum(found.log_probabilities) / len(found.ids), abs=1e-6)


def test_log_probabilities_of_beams_are_the_chosen_text_s(table: Table) -> None:
    found = run(table, beams=3, length_penalty=2.0)
    logs = log_softmax(table.logits)
    path = zip((START, *found.ids), found.ids, strict=False)
    assert found.log_probabilities == pytest.approx([logs[a, b] for a, b in path], abs=1e-6)
    expected = sum(found.log_probabilities) / len(found.ids) ** 2
    assert found.score == pytest.approx(expected, abs=1e-5)


def test_a_search_advances_one_decoder_step_at_a_time(table: Table) -> None:
    search = Generation(table, (3,), settings(beams=2, min_length=5))
    assert search.step()  # the encoder
    assert (search.steps, table.asked) == (0, [])
    with pytest.raises(RuntimeError, match="has not ended"):
        _ = search.result
    steps = 0
    while search.step():
        steps += 1
        assert search.steps == len(table.asked) == steps
    assert search.done
    assert search.steps == 5
    assert not search.step()
    assert len(table.asked) == 5


def test_searches_that_take_turns_do_not_disturb_each_other(table: Table) -> None:
    alone = [run(table, beams=beams) for beams in (1, 2, 3)]
    several = [Generation(table, (3,), settings(beams=beams)) for beams in (1, 2, 3)]
    while sum(each.step() for each in several):
        pass
    assert [each.result for each in several] == alone


def test_the_first_step_needs_one_beam_and_later_ones_continue_their_parents(table: Table) -> None:
    run(table, beams=3, min_length=5)
    tokens, parents = table.asked[0]
    assert (tokens.tolist(), parents.tolist()) == ([START], [0])
    tokens, parents = table.asked[1]
    assert len(set(tokens.tolist())) == 3
    assert parents.tolist() == [0, 0, 0]


@pytest.mark.parametrize("beams", [1, 3])
def test_constraints(table: Table, beams: int) -> None:
    assert len(run(table, beams=beams, min_length=4).ids) >= 4
    assert run(table, beams=beams, forced_start_id=4).ids[0] == 4
    forced = run(table, beams=beams, min_length=3, max_length=3, forced_end_ids=5)
    assert forced.ids[-1] == 5
    assert not forced.ended
    written = run(table, beams=beams, suppressed=(2, 3), bad_words=((4,), (END,))).ids
    assert not {2, 3, 4} & set(written)
    plain = run(table, beams=beams, min_length=5).ids
    assert plain[:2] != run(table, beams=beams, min_length=5, bad_words=(plain[:2],)).ids[:2]


def test_no_pair_of_tokens_occurs_twice(table: Table) -> None:
    ids = (START, *run(table, min_length=12, max_length=12, no_repeat_ngram_size=2).ids)
    pairs = list(pairwise(ids))
    assert len(set(pairs)) == len(pairs)
    free = (START, *run(table, min_length=12, max_length=12).ids)
    assert len(set(pairwise(free))) < 12


def test_several_tokens_may_end_a_text(table: Table) -> None:
    found = run(table, beams=2, end_ids=(END, 2, 3, 4, 5))
    assert len(found.ids) == 1
    assert found.ended


def test_equal_scores_go_to_the_lower_token() -> None:
    same = Table(np.zeros((TOKENS, TOKENS)))
    assert run(same, max_length=3).ids == (0, 0, 0)
    assert run(same, max_length=3, beams=2, min_length=3).ids == (0, 0, 0)
    assert highest(np.array([1, 3, 3, 2, 3], np.float32), 2).tolist() == [1, 2]
    assert highest(np.array([-np.inf, 0, -np.inf], np.float32), 2).tolist() == [1, 0]


def test_highest_is_a_stable_sort() -> None:
    draw = np.random.default_rng(0)
    for count in (1, 3, 8, 50):
        values = draw.integers(0, 12, 50).astype(np.float32)
        assert (
            highest(values, count).tolist() == np.argsort(-values, kind="stable")[:count].tolist()
        )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"beams": 0}, "beams: .*greater than or equal to 1, not 0"),
        ({"beams": 1000}, "beams: .*less than or equal to 32, not 1000"),
        ({"max_length": 0}, "max_length: .*not 0"),
        ({"max_length": 10**6}, "max_length: .*less than or equal to 4096"),
        ({"min_length": 9}, "min_length is 9, above max_length, which is 5"),
        ({"length_penalty": float("nan")}, "length_penalty: .*finite"),
        ({"repetition_penalty": 0}, "repetition_penalty: .*greater than 0"),
        ({"early_stopping": "maybe"}, "early_stopping: must be true, false or never"),
        ({"early_stopping": 1}, "early_stopping: must be true, false or never"),
        ({"end_ids": ()}, "end_ids: .*at least 1 item"),
        ({"suppressed": (-1,)}, "-1 cannot be a token's id"),
        ({"bad_words": ((),)}, "an empty sequence would forbid everything"),
        ({"beam": 2}, "beam: Extra inputs"),
    ],
    ids=str,
)
def test_wrong_settings_are_named(wrong: dict[str, Any], message: str) -> None:
    values = {"start_id": START, "end_ids": (END,), "max_length": 5, **wrong}
    with pytest.raises(ConfigError, match=message):
        GenerationSettings.checked(**values)


def test_settings_are_stored_as_json() -> None:
    given = settings(beams=4, early_stopping="never", end_ids=2, forced_end_ids=None)
    assert given.end_ids == (2,)
    assert GenerationSettings.model_validate_json(given.model_dump_json()) == given


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"forced_start_id": 77}, "token 77 is not in the model's vocabulary of 6 tokens"),
        ({"max_length": 21}, "max_length is 21, and the model can write 20 tokens"),
        ({"beams": 2, "end_ids": tuple(range(6))}, "too small for a beam search"),
    ],
)
def test_settings_that_do_not_fit_the_model_are_refused(
    table: Table, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        Generation(table, (3,), settings(**wrong))
