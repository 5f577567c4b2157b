from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import BertProcessing

from burnish.bench.texts import encode_input, inputs_of_length
from burnish.errors import BundleError, UsageError
from burnish.tasks import ClassificationTask, Question, TextEncoder
from tests.tiny_onnx import tiny_task, tiny_tokenizer


@pytest.fixture
def tokenizer_json(tmp_path) -> Path:
    path = tmp_path / "tokenizer.json"
    tiny_tokenizer().save(str(path))
    return path


def window_tokens(task, encoder, given) -> int:
    """The length that a window would have if it were long enough."""
    encoding = encode_input(task, encoder, given)
    return (
        encoding.tokens
        + len(encoding.windows[0])
        - (encoding.windows[0].stop - encoding.windows[0].start)
    )


@pytest.mark.parametrize("name", ["classification", "extraction", "qa"])
@pytest.mark.parametrize("tokens", [16, 31, 32, 33, 128, 513])
def test_inputs_have_exactly_the_tokens_asked_for(name, tokens, tokenizer_json):
    task = tiny_task(name)
    encoder = task.text_encoder(tokenizer_json)
    inputs = inputs_of_length(task, encoder, tokens)
    assert len(inputs) == 8
    assert {window_tokens(task, encoder, given) for given in inputs} == {tokens}


def test_a_length_of_the_window_is_one_window_and_one_more_is_two(tokenizer_json):
    task = tiny_task("classification")
    encoder = task.text_encoder(tokenizer_json)

    def windows(tokens: int) -> int:
        given = inputs_of_length(task, encoder, tokens, count=1)[0]
        return len(encode_input(task, encoder, given).windows)

    assert windows(task.max_length) == 1
    assert windows(task.max_length + 1) == 2


def test_inputs_differ_and_are_the_same_each_time(tokenizer_json):
    task = tiny_task("classification")
    encoder = task.text_encoder(tokenizer_json)
    inputs = inputs_of_length(task, encoder, 64, count=5)
    assert len(set(inputs)) == 5
    assert inputs == inputs_of_length(task, encoder, 64, count=5)


def test_question_answering_gets_questions(tokenizer_json):
    task = tiny_task("qa")
    given = inputs_of_length(task, task.text_encoder(tokenizer_json), 64, count=1)[0]
    assert isinstance(given, Question)


def test_too_short_a_length_is_refused_with_the_shortest_possible(tokenizer_json):
    task = tiny_task("classification")
    with pytest.raises(UsageError, match="2 tokens is too short") as caught:
        inputs_of_length(task, task.text_encoder(tokenizer_json), 2)
    assert "from 3 tokens on" in caught.value.hint


def test_a_tokenizer_of_whole_words_meets_the_length():
    """Words and punctuation, all of them unknown."""
    vocabulary = {"[CLS]": 0, "[SEP]": 1, "[UNK]": 2}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = BertProcessing(("[SEP]", 1), ("[CLS]", 0))
    task = ClassificationTask(labels=("a", "b"))
    encoder = TextEncoder(tokenizer, max_length=128, stride=32)
    given = inputs_of_length(task, encoder, 100, count=1)[0]
    assert window_tokens(task, encoder, given) == 100


def test_a_tokenizer_that_never_meets_the_length_is_an_error():
    """One token, whatever the text."""
    tokenizer = Tokenizer(WordLevel({"[CLS]": 0, "[SEP]": 1, "[UNK]": 2}, unk_token="[UNK]"))
    tokenizer.post_processor = BertProcessing(("[SEP]", 1), ("[CLS]", 0))
    encoder = TextEncoder(tokenizer, max_length=128, stride=32)
    with pytest.raises(BundleError, match="exactly 100 tokens"):
        inputs_of_length(ClassificationTask(labels=("a", "b")), encoder, 100)
