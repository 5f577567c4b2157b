"""Options that take numbers: what is out of range is wrong usage, said in a sentence."""

from __future__ import annotations

import pytest

from burnish.cli.command import command_parser, load_command

_COUNT = "is not a whole number of at least 1"
_PORT = "is not a port, from 0 to 65535"
_SHARE = "is not a share, from 0 to 1"
_INNER = "is not a share between 0 and 1"
_FINITE = "is not a finite number of at least 0"


@pytest.mark.parametrize(
    ("words", "option", "value", "sentence"),
    [
        (["serve", "b"], "--port", "99999", _PORT),
        (["serve", "b"], "--port", "-1", _PORT),
        (["serve", "b"], "--port", "http", _PORT),
        (["serve", "b"], "--threads", "-1", _COUNT),
        (["predict", "b", "text"], "--threads", "-1", _COUNT),
        (["predict", "b", "text"], "--threads", "0", _COUNT),
        (["predict", "b", "text"], "--top-k", "-1", _COUNT),
        (["predict", "b", "text"], "--top-k", "1.5", _COUNT),
        (["bench", "b"], "--threads", "-1", _COUNT),
        (["bench", "b"], "--lengths", "0", _COUNT),
        (["bench", "b"], "--seconds", "inf", _FINITE),
        (["evaluate", "b", "rows.csv"], "--threads", "-1", _COUNT),
        (["export", "r", "-o", "b"], "--search-rows", "-3", _COUNT),
        (["export", "r", "-o", "b"], "--agreement", "98", _SHARE),
        (["export", "r", "-o", "b"], "--agreement", "nan", _SHARE),
        (["export", "r", "-o", "b"], "--abstain-error", "0", _INNER),
        (["export", "r", "-o", "b"], "--abstain-error", "1", _INNER),
        (["export", "r", "-o", "b"], "--abstain-confidence", "1.0", _INNER),
        (["export", "r", "-o", "b"], "--abstain-confidence", "0.0", _INNER),
        (["export", "r", "-o", "b"], "--abstain-reject", "-0.1", _INNER),
        (["export", "r", "-o", "b"], "--abstain-reject", "0", _INNER),
        (["export", "r", "-o", "b"], "--abstain-score", "1.01", _SHARE),
        (["predict", "b", "text"], "--abstain-reject", "1", _INNER),
        (["predict", "b", "text"], "--abstain-score", "-0.01", _SHARE),
        (["export", "r", "-o", "b"], "--metric-loss", "nan", _FINITE),
        (["export", "r", "-o", "b"], "--recall-loss", "-1", _FINITE),
        (["export", "r", "-o", "b"], "--speedup", "-inf", _FINITE),
        (["export", "r", "-o", "b"], "--difference", "much", _FINITE),
        (["export", "r", "-o", "b"], "--merge-difference", "-1e-4", _FINITE),
    ],
)
def test_a_number_out_of_range_is_wrong_usage(
    shell, words: list[str], option: str, value: str, sentence: str
) -> None:
    done = shell(*words, f"{option}={value}")
    assert (done.code, done.out) == (2, "")
    assert f"error: argument {option}: {value!r} {sentence}\n" in done.notes


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (["serve", "b", "--port", "0"], "port", 0),
        (["serve", "b", "--port", "65535"], "port", 65535),
        (["export", "r", "-o", "b", "--agreement", "1"], "agreement", 1.0),
        (["export", "r", "-o", "b", "--abstain-error", "0.001"], "abstain_error", 0.001),
        (["export", "r", "-o", "b", "--abstain-score", "0"], "abstain_score", 0.0),
        (["export", "r", "-o", "b", "--abstain-score", "1"], "abstain_score", 1.0),
        (["export", "r", "-o", "b", "--metric-loss", "0"], "metric_loss", 0.0),
        (["predict", "b", "--top-k", "1"], "top_k", 1),
    ],
)
def test_the_ends_of_a_range_are_taken(words: list[str], name: str, value: float) -> None:
    command = command_parser(words[0], load_command(words[0]))
    assert getattr(command.parse_intermixed_args(words[1:]), name) == value
