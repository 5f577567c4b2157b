"""The same answers alone, in a list, and with 16 callers, bit for bit, with int8 models."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest

WORDS = ["invoice", "card", "parcel", "courier", "hello", "the", "Paris", "Anna", "seven", "🙂"]


def texts(count: int) -> list[str]:
    random = np.random.default_rng(3)
    return [" ".join(random.choice(WORDS, random.integers(1, 60))) for _ in range(count)]


def inputs_for(path: str) -> list:
    if path == "/answer":
        return [{"question": "where is it?", "context": text} for text in texts(48)]
    return texts(48)


@pytest.mark.parametrize("path", ["/classify", "/extract", "/answer"])
def test_an_answer_never_depends_on_its_neighbours(server, path):
    inputs = inputs_for(path)

    def ask(client: httpx.Client, given) -> bytes:
        reply = client.post(path, json={"inputs": given})
        assert reply.status_code == 200, reply.text
        return reply.content

    def caller(number: int) -> list[bytes]:
        order = np.random.default_rng(number).permutation(len(inputs)).tolist()
        with httpx.Client(base_url=server.url, timeout=60) as client:
            answers = {i: ask(client, inputs[i]) for i in order}
        return [answers[i] for i in range(len(inputs))]

    with httpx.Client(base_url=server.url, timeout=60) as client:
        alone = [ask(client, given) for given in inputs]
        listed = ask(client, inputs)
    assert listed == b"[" + b",".join(alone) + b"]"
    with ThreadPoolExecutor(16) as callers:
        assert all(answers == alone for answers in callers.map(caller, range(16)))
