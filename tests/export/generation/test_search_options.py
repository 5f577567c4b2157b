"""Every option of a search has the effect that it has in ``generate`` of transformers."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
import torch

from burnish.errors import InputError
from burnish.export.generation import convert_generator
from burnish.generation.search import Generation
from burnish.generation.session import Seq2SeqSession
from burnish.runtime.session import ModelFaultError
from tests.tiny_generation import ENDS, random_sources, settings_of, tiny_generator

SOURCES = random_sources(6)
LENGTH = 14

OPTIONS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"length_penalty": 0.2}, {}),
    ({"length_penalty": 3.0}, {}),
    ({"length_penalty": -1.0}, {}),
    ({"early_stopping": True}, {}),
    ({"early_stopping": "never"}, {}),
    ({"no_repeat_ngram_size": 1}, {}),
    ({"no_repeat_ngram_size": 2}, {}),
    ({"repetition_penalty": 1.7}, {}),
    ({"min_length": 9}, {"min_new_tokens": 9}),
    ({"forced_start_id": 77}, {"forced_bos_token_id": 77}),
    ({"forced_end_ids": (2,), "min_length": 14}, {"forced_eos_token_id": 2, "min_new_tokens": 14}),
    ({"suppressed": (9, *ENDS[:12])}, {"suppress_tokens": [9, *ENDS[:12]]}),
    (
        {"bad_words": ((1,), (2,), (60, 61), tuple(range(90, 94)))},
        {"bad_words_ids": [[1], [2], [60, 61], [90, 91, 92, 93]]},
    ),
    ({"end_ids": (2,)}, {"eos_token_id": 2}),
    ({"max_length": 1}, {"max_new_tokens": 1}),
]


@pytest.fixture(scope="module")
def model() -> Any:
    torch.set_num_threads(1)
    return tiny_generator("m2m_100")


@pytest.fixture(scope="module")
def session(model, tmp_path_factory: pytest.TempPathFactory) -> Seq2SeqSession:
    directory = tmp_path_factory.mktemp("graphs")
    return Seq2SeqSession(directory, convert_generator(model, directory))


def asked(model: Any, sources: list[list[int]], beams: int, **options: Any) -> list[Any]:
    found = []
    for source in sources:
        given = torch.tensor([source])
        found.append(
            model.generate(
                given,
                attention_mask=torch.ones_like(given),
                do_sample=False,
                num_beams=beams,
                return_dict_in_generate=True,
                output_scores=True,
                output_logits=True,
                **options,
            )
        )
    return found


@pytest.mark.parametrize("beams", [1, 4])
@pytest.mark.parametrize(("ours", "theirs"), OPTIONS, ids=lambda value: ",".join(value))
def test_an_option_is_transformers_option(
    model: Any, session: Seq2SeqSession, ours: dict[str, Any], theirs: dict[str, Any], beams: int
) -> None:
    settings = settings_of(model, **{"beams": beams, "max_length": LENGTH, **ours})
    options = {"max_new_tokens": LENGTH, **(theirs or ours)}
    for source, expected in zip(SOURCES, asked(model, SOURCES, beams, **options), strict=True):
        found = Generation(session, source, settings).run()
        assert list(found.ids) == expected.sequences[0, 1:].tolist()
        assert len(found.log_probabilities) == len(found.ids)
        if beams > 1:
            score = float(expected.sequences_scores[0])
            assert found.score == pytest.approx(score, rel=1e-4, abs=1e-4)
        else:
            logs = [step[0].log_softmax(-1) for step in expected.logits]
            steps = zip(found.ids, logs, strict=True)
            plain = [float(log[token]) for token, log in steps]
            assert found.log_probabilities == pytest.approx(plain, abs=1e-3)


def test_a_text_s_answer_is_the_same_bit_for_bit_whoever_else_asks(
    model: Any, session: Seq2SeqSession
) -> None:
    settings = settings_of(model, beams=4, max_length=LENGTH)
    alone = [Generation(session, source, settings).run() for source in SOURCES]
    turns = [Generation(session, source, settings) for source in SOURCES]
    while sum(each.step() for each in turns):
        pass
    assert [each.result for each in turns] == alone
    found: dict[int, Any] = {}

    def ask(place: int) -> None:
        found[place] = Generation(session, SOURCES[place], settings).run()

    threads = [Thread(target=ask, args=(place,)) for place in range(len(SOURCES))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[place] for place in range(len(SOURCES))] == alone


def test_a_source_that_the_model_cannot_read_whole_is_refused(
    model: Any, session: Seq2SeqSession
) -> None:
    settings = settings_of(model)
    with pytest.raises(InputError, match="has 65 tokens, and the model can read 64"):
        Generation(session, [5] * 65, settings_of(model, max_length=9)).run()
    with pytest.raises(InputError, match="has no token"):
        Generation(session, [], settings_of(model, max_length=9)).run()
    with pytest.raises(InputError, match="150"):
        Generation(session, [5, 150], settings_of(model, max_length=9)).run()
    assert settings.max_length > 64


def test_a_run_can_be_ended_from_outside(model: Any, session: Seq2SeqSession) -> None:
    search = Generation(session, SOURCES[0], settings_of(model, max_length=9))
    search.step()
    with session.ended(), pytest.raises(ModelFaultError):
        search.step()
    assert Generation(session, SOURCES[0], settings_of(model, max_length=9)).run().ids
