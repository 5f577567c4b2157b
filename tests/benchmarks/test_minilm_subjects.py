from __future__ import annotations

import numpy as np
import pytest

from benchmarks.graph import Graph
from benchmarks.minilm_subjects import minilm_subject
from benchmarks.plan import PRECISIONS, TASKS
from burnish.bench.texts import encode_input, inputs_of_length
from burnish.bundle import read_bundle
from burnish.runtime import load_model
from burnish.tasks import Extraction
from tests.tiny import tiny_base

WINDOW = 64


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> str:
    return str(tiny_base(tmp_path_factory.mktemp("base"), pooling="mean"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("bundles")


@pytest.fixture(scope="module", params=TASKS)
def subject(request, base, kept):
    return minilm_subject(request.param, kept, base=base, window=WINDOW)


def test_torch_and_the_bundles_compute_the_same(subject):
    for precision, allowed in (("fp32", 1e-4), ("int8", 0.5)):
        bundle = read_bundle(subject.bundles[precision])
        task = bundle.manifest.task
        encoder = task.text_encoder(bundle.tokenizer_path)
        given = inputs_of_length(task, encoder, 32, count=1)[0]
        (window,) = encode_input(task, encoder, given).windows
        expected = subject.run_torch(window)
        outputs = Graph(bundle).run([window])
        for name, output in zip(task.output_names, outputs, strict=True):
            np.testing.assert_allclose(output, getattr(expected, name), atol=allowed)


def test_a_head_that_nobody_trained_tags_few_tokens(base, kept):
    subject = minilm_subject("extraction", kept, base=base, window=WINDOW)
    with load_model(subject.bundles["fp32"], threads=1) as model:
        task = model.bundle.manifest.task
        encoder = task.text_encoder(model.bundle.tokenizer_path)
        for given in inputs_of_length(task, encoder, WINDOW):
            prediction = model.predict_one(given)
            assert isinstance(prediction, Extraction)
            assert len(prediction.entities) <= WINDOW // 4


def test_bundles_are_kept_and_not_made_again(subject, base, kept):
    before = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    again = minilm_subject(subject.task, kept, base=base, window=WINDOW)
    assert again.bundles == subject.bundles
    assert set(again.bundles) == set(PRECISIONS)
    assert {path: path.stat().st_mtime_ns for path in kept.iterdir()} == before
