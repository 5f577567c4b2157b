import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

import burnish
from burnish.bundle import read_bundle, write_manifest
from burnish.errors import BurnishError, InputError
from burnish.runtime import Model, ModelFaultError
from burnish.tasks import Classification, Extraction, Input, QAPrediction, Question, TextPair
from tests.tiny_onnx import tiny_bundle

WORDS = ["invoice", "card", "parcel", "courier", "hello", "the", "Paris", "Anna", "🙂", "café"]


def texts(count: int, *, words: int = 40) -> list[str]:
    random = np.random.default_rng(7)
    return [" ".join(random.choice(WORDS, random.integers(1, words))) for _ in range(count)]


def inputs_of(task: str, count: int) -> list[Input]:
    if task == "qa":
        return [Question("where is it?", f"{text} seven {text}") for text in texts(count)]
    if task == "pairs":
        return [TextPair("my invoice", text) for text in texts(count)]
    return list(texts(count))


@pytest.fixture(
    scope="module", params=["classification", "extraction", "qa", "pairs", "regression", "taxonomy"]
)
def int8_model(request, tmp_path_factory) -> Iterator[Model]:
    path = tiny_bundle(tmp_path_factory.mktemp("b") / "b", request.param, int8=True)
    with burnish.load(path, threads=4) as model:
        yield model


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Iterator[Model]:
    with burnish.load(tiny_bundle(tmp_path_factory.mktemp("b") / "b"), threads=2) as model:
        yield model


def test_a_text_is_classified(model):
    answer = model.predict_one("My invoice is not it")
    assert isinstance(answer, Classification)
    assert answer.labels == ("billing",)
    assert (answer.tokens, answer.windows) == (5, 1)
    assert sum(score.score for score in answer.scores) == pytest.approx(1)


def test_entities_are_extracted(tmp_path):
    with burnish.load(tiny_bundle(tmp_path / "b", "extraction")) as model:
        answer = model.predict_one("Anna was in Paris")
    assert isinstance(answer, Extraction)
    found = [(e.label, e.text, e.start, e.end) for e in answer.entities]
    assert found == [("person", "Anna", 0, 4), ("place", "Paris", 12, 17)]


def test_a_question_is_answered(tmp_path):
    with burnish.load(tiny_bundle(tmp_path / "b", "qa")) as model:
        answer = model.predict_one(Question("how many days is it?", "it was seven days"))
    assert isinstance(answer, QAPrediction)
    assert (answer.best.text, answer.best.start, answer.best.end) == ("seven", 7, 12)


def test_an_answer_never_depends_on_its_neighbours(int8_model):
    """Bit for bit: alone, in a list, in a stream, and with 16 callers."""
    inputs = inputs_of(int8_model.task, 60)
    alone = [int8_model.predict_one(given) for given in inputs]
    assert int8_model.predict(inputs) == alone
    assert int8_model.predict(inputs[::-1]) == alone[::-1]
    assert list(int8_model.stream(inputs)) == alone
    found: dict[int, list] = {}

    def call(number: int) -> None:
        order = np.random.default_rng(number).permutation(len(inputs)).tolist()
        answers = [int8_model.predict_one(inputs[i]) for i in order]
        found[number] = [answers[order.index(i)] for i in range(len(inputs))]

    callers = [threading.Thread(target=call, args=(number,)) for number in range(16)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert all(answers == alone for answers in found.values())
    assert len(found) == 16


def test_padding_would_have_changed_the_answer(tmp_path):
    """The negative control: what the runtime does not do makes a difference with int8."""
    with burnish.load(tiny_bundle(tmp_path / "b", int8=True)) as model:
        session = model._steps._session._session
        window = model._steps.encode("my parcel").windows[0]
        alone = model._steps.compute(window)
        longer = model._steps.encode("invoice card card courier hello the week").windows[0]
        ids = np.zeros((2, len(longer)), dtype=np.int64)
        ids[0, : len(window)] = window.input_ids
        ids[1] = longer.input_ids
        mask = (ids != 0).astype(np.int64)
        batch = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
    assert not np.array_equal(batch[0], alone)


def test_threads_make_no_difference(tmp_path):
    path = tiny_bundle(tmp_path / "b", int8=True)
    inputs = texts(30)
    with burnish.load(path, threads=1) as one, burnish.load(path, threads=3) as three:
        assert one.threads == 1
        assert one.predict(inputs) == three.predict(inputs)


def test_a_long_text_is_read_whole_and_by_all_threads(tmp_path):
    with burnish.load(tiny_bundle(tmp_path / "b", "extraction"), threads=3) as model:
        used = set()
        compute = model._steps.compute

        def spy(window):
            used.add(threading.current_thread().name)
            time.sleep(0.001)
            return compute(window)

        model._steps.compute = spy  # type: ignore[method-assign]
        text = "the week " * 2000 + "Paris"
        answer = model.predict_one(text)
    assert isinstance(answer, Extraction)
    assert [(e.text, e.start) for e in answer.entities] == [("Paris", len(text) - 5)]
    assert answer.tokens == 4001
    assert answer.windows > 150
    assert len(used) == 3


def test_a_long_text_does_not_keep_others_waiting(tmp_path):
    with burnish.load(tiny_bundle(tmp_path / "b"), threads=1) as model:
        long = model.submit(["the week " * 20_000])
        for _ in range(5):
            model.predict_one("hello")
        assert not long.done()
        assert long.result(60)


def test_cancelled_work_is_dropped(tmp_path):
    with burnish.load(tiny_bundle(tmp_path / "b"), threads=1) as model:
        computed = []
        compute = model._steps.compute
        begun, left = threading.Event(), threading.Event()

        def spy(window):
            computed.append(window)
            begun.set()
            assert left.wait(30)
            return compute(window)

        model._steps.compute = spy  # type: ignore[method-assign]
        windows = len(model._steps.encode("the week " * 20_000).windows)
        future = model.submit(["the week " * 20_000])
        assert begun.wait(30)
        assert future.cancel()
        left.set()
        model.predict_one("hello")
        assert len(computed) < windows


@pytest.mark.parametrize("text", ["", "  \n\t", "\u2003"])
def test_an_empty_text_is_an_error(model, text):
    with pytest.raises(InputError, match="empty"):
        model.predict_one(text)


def test_an_error_says_which_input_and_not_what(model):
    with pytest.raises(InputError, match=r"input 1: .*surrogate") as caught:
        model.predict(["fine", "secret\ud800", "fine"])
    assert "secret" not in str(caught.value)


def test_no_inputs_have_no_answers(model):
    assert model.predict([]) == []


def test_numbers_that_are_not_finite_are_an_error_of_that_input_alone(tmp_path):
    with burnish.load(tiny_bundle(tmp_path / "b", poison="week"), threads=2) as model:
        good = model.predict_one("my card")
        inputs = ["my card", "the week", "my card", "week " * 100]
        results = list(model.stream(inputs, errors="yield"))
        assert results[0] == results[2] == good
        assert isinstance(results[1], ModelFaultError)
        assert isinstance(results[3], ModelFaultError)
        with pytest.raises(ModelFaultError, match=r"input 1: .*not finite"):
            model.predict(inputs)


def with_a_token_that_the_graph_lacks(path: Path) -> Path:
    """A bundle whose tokenizer has one token more than the graph has embeddings."""
    manifest = read_bundle(path).manifest
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.add_tokens(["secretword"])
    tokenizer.save(str(path / "tokenizer.json"))
    (path / "manifest.json").unlink()
    write_manifest(path, manifest)
    return path


def test_a_failure_of_the_graph_is_an_error_of_that_input_alone(tmp_path, capfd):
    path = with_a_token_that_the_graph_lacks(tiny_bundle(tmp_path / "b"))
    with burnish.load(path, threads=2) as model:
        good = model.predict_one("my card")
        inputs = ["my card", "a secretword", "my card", "the week " * 40 + "secretword"]
        results = list(model.submit(inputs).result())
        assert results[0] == results[2] == good
        for failed in (results[1], results[3]):
            assert isinstance(failed, ModelFaultError)
            assert str(failed).startswith("the model fails on this text")
            assert "secretword" not in str(failed)
        with pytest.raises(ModelFaultError, match="input 1: the model fails"):
            model.predict(inputs)
    assert capfd.readouterr().err == ""  # ONNX Runtime would tell the token's number


def test_a_fault_in_a_worker_reaches_the_caller(tmp_path):
    with burnish.load(tiny_bundle(tmp_path / "b")) as model:
        model._steps.decode = lambda *_: 1 / 0  # type: ignore[assignment, method-assign]
        with pytest.raises(ZeroDivisionError):
            model.predict(["a", "b"])


def test_a_stream_reads_only_a_little_ahead(model):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield "hello"

    stream = model.stream(endless())
    for _ in range(3):
        next(stream)
    assert len(taken) <= 3 + 4 * model.threads
    stream.close()


def test_a_closed_model_says_so_instead_of_waiting(tmp_path):
    model = burnish.load(tiny_bundle(tmp_path / "b"))
    model.close()
    with pytest.raises(BurnishError, match="the model was closed"):
        model.predict_one("hello")


def test_closing_a_model_tells_whoever_waits(tmp_path):
    model = burnish.load(tiny_bundle(tmp_path / "b"), threads=1)
    compute, begun, go_on = model._steps.compute, threading.Event(), threading.Event()

    def held(window):
        begun.set()
        assert go_on.wait(30)
        return compute(window)

    model._steps.compute = held  # type: ignore[method-assign]
    running, half_done, waiting = (
        model.submit(texts) for texts in (["hello"], ["hello", "hello"], ["hello"])
    )
    assert begun.wait(30)
    closing = threading.Thread(target=model.close)
    closing.start()
    while not model._workers._closed:
        time.sleep(0.001)
    go_on.set()
    closing.join(30)
    assert isinstance(running.result(5)[0], Classification)
    for future in (half_done, waiting):
        with pytest.raises(BurnishError, match="the model was closed") as caught:
            future.result(5)
        assert caught.value.hint


def test_importing_burnish_is_light_and_the_runtime_needs_no_torch(tmp_path):
    path = tiny_bundle(tmp_path / "b")
    code = (
        "import sys, burnish\n"
        "heavy = {'numpy', 'onnxruntime', 'pydantic', 'tokenizers'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        f"burnish.load({str(path)!r}).predict_one('hello')\n"
        "rooms = {'torch', 'transformers', 'sklearn', 'bentoml', 'onnx'} & set(sys.modules)\n"
        "assert not rooms, rooms\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(burnish.__file__).parents[1])
