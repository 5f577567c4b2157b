"""Models that write: a bundle of two graphs, answered slice by slice."""

import gc
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import burnish
from burnish.bundle import read_bundle, write_manifest
from burnish.errors import BundleError, BurnishError, DeadlineError, InputError
from burnish.generation.layout import DECODER, ENCODER, SHARED
from burnish.runtime import Model, ModelFaultError, Results, load_model, open_model, steps, writing
from burnish.runtime.sharing import Shared
from burnish.tasks import Classification, Prediction
from burnish.tasks.translation.prediction import Translation
from burnish.tasks.translation.settings import TranslationTask
from tests.core.runtime.jobs import Outcome
from tests.tiny_onnx import tiny_bundle
from tests.tiny_writer import LEXICON

WORDS = ["invoice", "card", "parcel", "courier", "hello", "the", "week", "🙂", "ä", "in\n"]


def texts(count: int, *, words: int = 40) -> list[str]:
    random = np.random.default_rng(7)
    return [" ".join(random.choice(WORDS, random.integers(1, words))) for _ in range(count)]


@pytest.fixture
def sliced(monkeypatch):
    """Each slice is a single step of the search."""
    monkeypatch.setattr(writing, "_SLICE_MS", 0.0)


@pytest.fixture(scope="module", params=[(1, False), (3, False), (1, True)], ids=str)
def model(request, tmp_path_factory) -> Iterator[Model]:
    beams, int8 = request.param
    path = tiny_bundle(tmp_path_factory.mktemp("b") / "b", "translation", beams=beams, int8=int8)
    with burnish.load(path, threads=4) as model:
        yield model


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    return tiny_bundle(tmp_path_factory.mktemp("b") / "b", "translation")


def translated(model: Model, text: str) -> Translation:
    found = model.predict_one(text)
    assert isinstance(found, Translation)
    return found


def test_a_text_is_translated_line_by_line(model):
    found = translated(model, "My invoice is in the parcel.\n\n  hello courier\n")
    assert found.text == "my card is in the courier.\n\n  hello parcel"
    assert (found.tokens, found.windows, found.writing.steps) == (9, 2, 11)
    assert 0.9 < found.writing.score < 1
    assert found.writing.ended


@pytest.mark.parametrize("word", LEXICON)
def test_the_tiny_model_knows_its_words(model, word):
    assert translated(model, word).text == LEXICON[word]


def test_a_translation_never_depends_on_its_neighbours(model, sliced):
    """Token for token and bit for bit: alone, in a list, in a stream, and with 16 callers."""
    inputs = texts(10)
    alone = [model.predict_one(given) for given in inputs]
    assert len({each.text for each in alone if isinstance(each, Translation)}) == 10
    assert model.predict(inputs) == alone
    assert model.predict(inputs[::-1]) == alone[::-1]
    assert list(model.stream(inputs)) == alone
    found: dict[int, list[Prediction]] = {}

    def call(number: int) -> None:
        order = np.random.default_rng(number).permutation(len(inputs)).tolist()
        answers = [model.predict_one(inputs[i]) for i in order]
        found[number] = [answers[order.index(i)] for i in range(len(inputs))]

    callers = [threading.Thread(target=call, args=(number,)) for number in range(16)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(found) == 16
    assert all(answers == alone for answers in found.values())


def test_slices_make_no_difference(model, monkeypatch):
    given = texts(5)
    whole = model.predict(given)
    monkeypatch.setattr(writing, "_SLICE_MS", 0.0)
    assert model.predict(given) == whole


@pytest.fixture
def watched(bundle, monkeypatch, sliced):
    """A model of one thread, the steps that it has computed, and what holds the second of them."""
    computed: list[int] = []
    begun, go_on = threading.Event(), threading.Event()
    step = writing._Writing.step

    def spy(self) -> bool:
        computed.append(1)
        if len(computed) == 2:
            begun.set()
            assert go_on.wait(30)
        return step(self)

    monkeypatch.setattr(writing._Writing, "step", spy)
    with load_model(bundle, threads=1, probe=False) as model:
        yield model, computed, begun, go_on


LONG = "the week " * 14
"""A window with room for more than 25 steps."""


def test_a_deadline_within_an_answer_ends_it(watched):
    model, computed, begun, go_on = watched
    told = Outcome()
    model.start(model.prepare([LONG]), done=told, deadline_s=time.monotonic() + 0.1)
    assert begun.wait(30)
    time.sleep(0.11)
    go_on.set()
    assert isinstance(told.wait(), DeadlineError)
    model.predict_one("hello")  # the worker is free
    assert len(computed) < 2 + 10


def test_an_answer_that_nobody_waits_for_ends_within_a_step(watched):
    model, computed, begun, go_on = watched
    future = model.submit([LONG, LONG])
    assert begun.wait(30)
    assert future.cancel()
    go_on.set()
    model.predict_one("hello")
    assert len(computed) < 2 + 10


def test_a_short_classification_passes_a_long_translation(watched, tmp_path):
    model, computed, begun, go_on = watched
    answered: list[int] = []

    def note(found: Results | BaseException) -> None:
        assert isinstance(found, list)
        assert isinstance(found[0], Classification)
        answered.append(len(computed))

    future = model.submit([LONG])
    assert begun.wait(30)
    bundle = read_bundle(tiny_bundle(tmp_path / "b"))
    other = open_model(bundle, workers=model._workers)
    other.start(other.prepare(["my card"]), done=note, flow="another caller")
    go_on.set()
    assert future.result(30)
    assert len(computed) > 25
    assert answered == [2]  # after the step that ran when it came


def test_ended_ends_an_answer_after_its_node(bundle, sliced):
    with burnish.load(bundle, threads=1) as model:
        with model.ended(), pytest.raises(ModelFaultError):
            model.predict_one("hello")
        assert translated(model, "hello").text == "hello"


def test_what_an_answer_costs_is_known_before(bundle):
    with burnish.load(bundle, threads=1) as model:
        nominal = model.costs
        model.warm_up()
        assert model.costs != nominal
        assert model.costs.step_ms + model.costs.beam_ms > 0
        cost = {n: model.prepare(["the week " * n]).cost_ms for n in (1, 10, 100)}
        assert 0 < cost[1] < cost[10] < cost[100]
        assert cost[100] == pytest.approx(model.expected_ms(200), rel=0.5)
        task = model.bundle.manifest.task
        assert isinstance(task, TranslationTask)
        short = model.deciding(task.searching(most=2))
        assert short.prepare(["the week " * 10]).cost_ms < cost[10]


def test_more_beams_cost_more(bundle):
    with burnish.load(bundle, threads=1) as model:
        task = model.bundle.manifest.task
        assert isinstance(task, TranslationTask)
        one, many = (model.deciding(task.searching(beams=n)) for n in (1, 32))
        prepared = one.prepare(["the week"]), many.prepare(["the week"])
        assert prepared[1].cost_ms > 4 * prepared[0].cost_ms
        assert many.answering_bytes(prepared[1]) > 4 * one.answering_bytes(prepared[0])


def test_the_memory_of_an_answer_counts_its_cache(bundle):
    with burnish.load(bundle, threads=2) as model:
        assert model.writes
        sizes = [model.answering_bytes(model.prepare(["the week " * n])) for n in (1, 10, 500)]
        assert sizes[0] < sizes[1] < sizes[2]
        layout = model.bundle.manifest.generation
        assert layout is not None
        window = model.prepare(["the week " * 500]).items[0].encoding.windows[0]  # type: ignore[union-attr]
        positions = len(window) + 2 * 2.0 * len(window)
        assert sizes[2] > 2 * layout.position_bytes * positions


def test_an_answer_that_is_cut_says_so(bundle):
    with burnish.load(bundle, threads=1) as model:
        task = model.bundle.manifest.task
        assert isinstance(task, TranslationTask)
        found = translated(model.deciding(task.searching(most=3)), "the week is in")
        assert (found.text, found.writing.ended) == ("the week is", False)
        assert translated(model, "the week is in").writing.ended


@pytest.mark.parametrize("text", ["", "  \n\t", "\u2003"])
def test_an_empty_text_is_an_error(model, text):
    with pytest.raises(InputError, match="empty"):
        model.predict_one(text)


def test_half_a_surrogate_pair_is_an_error_that_does_not_quote_the_text(model):
    with pytest.raises(InputError, match=r"input 1: .*surrogate") as caught:
        model.predict(["fine", "secret\ud800"])
    assert "secret" not in str(caught.value)


def test_a_million_characters_are_weighed_before_anything_is_written(bundle):
    with burnish.load(bundle, threads=1) as model:
        line = "the week " * 14
        prepared = model.prepare([f"{line}\n" * (1_000_000 // len(line))])
        assert prepared.windows == 1_000_000 // len(line)
        assert prepared.cost_ms == pytest.approx(prepared.windows * model.prepare([line]).cost_ms)


def test_numbers_that_are_not_finite_are_an_error_of_that_text_alone(tmp_path):
    path = tiny_bundle(tmp_path / "b", "translation", poison="week")
    with load_model(path, threads=2, probe=False) as model:
        results = list(model.stream(["my card", "the week", "my card"], errors="yield"))
        assert isinstance(results[0], Translation)
        assert results[0] == results[2]
        assert isinstance(results[1], ModelFaultError)


@pytest.mark.parametrize("name", [ENCODER, DECODER, SHARED])
def test_a_file_exchanged_after_its_check_is_not_served(bundle, tmp_path, name, monkeypatch):
    path = shutil.copytree(bundle, tmp_path / "b")
    verified = read_bundle(path)
    other = bytearray((path / name).read_bytes())
    if name == SHARED:
        other[100] ^= 1
    else:
        other = bytearray(bytes(other).replace(b"tiny", b"othr"))
    (path / name).unlink()
    (path / name).write_bytes(other)
    monkeypatch.setattr(steps, "_SESSIONS", Shared())
    with pytest.raises(BundleError, match=f"{name} was changed while the bundle was loaded"):
        open_model(verified, threads=1)


def test_bundles_of_the_same_files_share_what_is_in_memory(bundle, tmp_path):
    other = shutil.copytree(bundle, tmp_path / "other")
    before = len(steps._SESSIONS._parts)
    first, second = burnish.load(bundle, threads=1), burnish.load(other, threads=1)
    assert first._steps._session is second._steps._session
    assert translated(first, "my card") == translated(second, "my card")
    first.close()
    second.close()
    del first, second
    gc.collect()
    assert len(steps._SESSIONS._parts) <= before


def changed(path: Path, **update) -> Path:
    """A bundle with another manifest."""
    manifest = read_bundle(path).manifest
    (path / "manifest.json").unlink()
    write_manifest(path, manifest.model_copy(update=update))
    return path


def test_an_answer_stays_within_the_positions_of_the_decoder(bundle, tmp_path):
    layout = read_bundle(bundle).manifest.generation
    assert layout is not None
    path = changed(
        shutil.copytree(bundle, tmp_path / "b"),
        generation=layout.model_copy(update={"target_positions": 3}),
    )
    with burnish.load(path, threads=1) as model:
        assert translated(model, "the week is in").text == "the week is"
        model.warm_up()


def test_a_window_that_the_model_cannot_read_is_refused_at_once(bundle, tmp_path):
    layout = read_bundle(bundle).manifest.generation
    assert layout is not None
    path = changed(
        shutil.copytree(bundle, tmp_path / "b"),
        generation=layout.model_copy(update={"source_positions": 16}),
    )
    with pytest.raises(BundleError, match=r"window has 32 tokens, .* can read 16"):
        burnish.load(path, threads=1)


def test_graphs_of_another_task_are_refused(bundle, tmp_path):
    other = read_bundle(tiny_bundle(tmp_path / "other")).manifest.task
    path = changed(shutil.copytree(bundle, tmp_path / "b"), task=other)
    with pytest.raises(BundleError, match="its task is classification"):
        burnish.load(path, threads=1)


def test_a_model_without_its_own_tokens_is_refused(bundle, tmp_path):
    task = read_bundle(bundle).manifest.task.model_copy(update={"generation": None})
    path = changed(shutil.copytree(bundle, tmp_path / "b"), task=task)
    with pytest.raises(BundleError, match="no generation settings"):
        burnish.load(path, threads=1)


def test_closing_tells_whoever_waits_for_an_answer(watched):
    model, _, begun, go_on = watched
    future = model.submit([LONG])
    assert begun.wait(30)
    closing = threading.Thread(target=model.close)
    closing.start()
    with pytest.raises(BurnishError, match="the model was closed"):
        future.result(30)
    go_on.set()
    closing.join(30)
