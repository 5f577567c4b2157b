"""The benchmark of text to text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.generation import speed
from benchmarks.generation.identical import count_differences
from burnish.generation.search import Generation


def test_texts_that_differ_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    same = list(count_differences("m2m_100", "full", texts=3))
    assert [(each.beams, each.texts, each.differences) for each in same] == [(1, 3, 0), (4, 3, 0)]

    run = Generation.run

    def other(search: Generation) -> Any:
        found = run(search)
        return type(found)((found.ids[0] + 1, *found.ids[1:]), found.log_probabilities, 0.0, False)

    monkeypatch.setattr(Generation, "run", other)
    for each in count_differences("m2m_100", "full", texts=3):
        assert (each.differences, each.ties) == (3, 0)


def test_engines_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(speed, "_ROUNDS", 1)
    config = speed._config()
    config.d_model, config.encoder_layers, config.decoder_layers = 32, 1, 1
    config.encoder_ffn_dim = config.decoder_ffn_dim = 32
    monkeypatch.setattr(speed, "_config", lambda: config)
    paces = speed.measure_speed(tmp_path, None, tokens=3)
    found = {(each.engine, each.precision, each.beams) for each in paces}
    precisions = (("burnish", "fp32"), ("burnish", "int8"), ("torch", "fp32"))
    assert found == {(*each, beams) for each in precisions for beams in (1, 4)}
    assert all(each.tokens_per_s > 0 and each.ratio is None for each in paces)
