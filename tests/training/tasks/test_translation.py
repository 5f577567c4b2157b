"""Trainings of models that write: their loss, their lessons, their bases and what they refuse."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from burnish.cli import main
from burnish.data import read_rows
from burnish.errors import BaseModelError, ConfigError
from burnish.recipe.recipe import write_recipe
from burnish.tasks import TranslationTask
from burnish.tasks.regimes import IGNORED
from burnish.tasks.windows import Window
from burnish.torch_models.base import resolve_base
from burnish.training import train
from burnish.training.data.batches import Collator
from burnish.training.data.features import Feature
from burnish.training.loop.loss import loss_for
from burnish.training.methods import METHODS
from burnish.training.pipeline.train import loaded_run
from burnish.training.tasks.translation import COPY, LEXICON
from tests.tiny import tiny_base

SMALL = {"vocabulary": 200, "hidden_size": 32, "layers": 1, "heads": 2, "dropout": 0.0}


def window(*ids: int) -> Window:
    array = np.array(ids)
    return Window(array, np.zeros_like(array), start=0, stop=len(ids), prefix=0)


def test_a_decoder_reads_what_it_wrote_before() -> None:
    names = ("input_ids", "attention_mask", "decoder_input_ids")
    features = [
        Feature(window(5, 6), np.array([7, 8, 2]), 1.0),
        Feature(window(5), np.array([9, 2]), 1.0),
    ]
    found = Collator(names, pad_id=1, start_id=4)(features)
    assert found["decoder_input_ids"].tolist() == [[4, 7, 8], [4, 9, 2]]
    assert found["targets"].tolist() == [[7, 8, 2], [9, 2, IGNORED]]
    longer = [features[1], Feature(window(5), np.array([1, 1, 1, 2]), 1.0)]
    assert Collator(names, pad_id=1, start_id=4)(longer)["decoder_input_ids"][0].tolist() == [
        *[4, 9, 2],
        1,
    ]


def test_the_loss_is_smoothed_and_counts_each_token_once() -> None:
    loss = loss_for(TranslationTask())
    logits = torch.randn(2, 3, 5)
    targets = torch.tensor([[1, 4, 2], [3, 2, IGNORED]])
    known = targets != IGNORED
    wanted = functional.cross_entropy(logits[known], targets[known], label_smoothing=0.1)
    found = loss(SimpleNamespace(logits=logits), targets, torch.ones(2))
    assert float(found) == pytest.approx(float(wanted), rel=1e-6)
    assert int(loss.weight(targets, torch.ones(2))) == 5


@pytest.mark.parametrize("method", ["full", "lora"])
def test_an_encoder_learns_to_write(make_recipe, method) -> None:
    said: list[str] = []
    recipe = make_recipe("translation", method=method, train={"epochs": 3, "learning_rate": 5e-3})
    run = train(recipe, notify=said.append, progress=False)
    epochs = [line.split() for line in said if line.startswith("epoch") and "train" in line]
    scores = [float(words[3].rstrip(",")) for words in epochs]
    assert max(scores) > scores[0]
    assert set(run.metrics["baselines"]) == {COPY, LEXICON}
    assert {"chrf", "bleu"} <= run.metrics["test"]["metrics"].keys()
    assert run.metrics["bias"] == {}
    assert isinstance(run.record.task, TranslationTask)
    assert run.record.task.generation is not None
    with loaded_run(run) as answer:
        rows = read_rows(recipe.data.train, "translation", columns=recipe.data.columns())
        again = answer(rows)
    assert len(again.predictions) == 60


def test_a_base_from_scratch_has_a_tokenizer_of_the_rows(make_recipe, tmp_path) -> None:
    recipe = make_recipe(
        "translation", base_model="new", new=SMALL, train={"epochs": 2, "learning_rate": 1e-2}
    )
    run = train(recipe, progress=False)
    place = tmp_path / "run-base"
    base = resolve_base(str(place))
    assert base.family == "pegasus"
    encoder = run.record.task.text_encoder(place / "tokenizer.json")
    for text in ("My parcel is late 47.", 'no "x-ray" (yet)!'):
        assert encoder.text_of(encoder.ids(text)) == text
    assert run.metrics["forgetting"] is None
    assert not any("knew" in note for note in run.record.notes)
    assert "a new one" in (run.path / "README.md").read_text()
    before = load_file(place / "model.safetensors")
    train(recipe, progress=False, replace=True, fresh=True)
    after = load_file(place / "model.safetensors")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_base_of_other_rows_is_made_anew_and_other_files_stay(make_recipe, tmp_path) -> None:
    recipe = make_recipe("translation", base_model="new", new=SMALL, train={"epochs": 1})
    train(recipe, progress=False)
    first = json.loads((tmp_path / "run-base" / "new.json").read_text())
    other = recipe.model_copy(update={"new": recipe.new.model_copy(update={"layers": 2})})
    train(other, progress=False, replace=True, fresh=True)
    second = json.loads((tmp_path / "run-base" / "new.json").read_text())
    assert (first["sizes"]["layers"], second["sizes"]["layers"]) == (1, 2)


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("full", "lora")])
def test_other_methods_are_refused(make_recipe, method) -> None:
    with pytest.raises(ConfigError, match="it is for models that do not write") as caught:
        train(make_recipe("translation", method=method), progress=False)
    assert "full, lora can" in caught.value.hint


def test_an_encoder_that_cannot_become_a_decoder_is_refused(make_recipe, tmp_path) -> None:
    base = tiny_base(tmp_path / "distilbert", "distilbert")
    with pytest.raises(BaseModelError, match="cannot export for translation"):
        train(make_recipe("translation", base_model=str(base)), progress=False)


def test_a_new_base_is_for_models_that_write(make_recipe) -> None:
    with pytest.raises(ConfigError, match="base_model: new is for models that write"):
        train(make_recipe("one", base_model="new"), progress=False)
    with pytest.raises(ConfigError, match="a new one knows nothing yet"):
        train(make_recipe("translation", base_model="new", method="lora"), progress=False)
    with pytest.raises(BaseModelError, match="there is none yet"):
        resolve_base("new")


def test_no_model_learns_to_write_from_a_teacher(make_recipe, tmp_path) -> None:
    recipe = make_recipe("translation", distill={"teacher": str(tmp_path)})
    with pytest.raises(ConfigError, match="no model learns translation from a teacher"):
        train(recipe, progress=False)


def test_rows_are_checked_before_there_is_a_new_base(make_recipe, tmp_path, capsys) -> None:
    path = tmp_path / "recipe.yaml"
    write_recipe(make_recipe("translation", base_model="new"), path)
    main(["check", "--recipe", str(path)])
    told = capsys.readouterr()
    assert "33 translation rows" in told.out + told.err
    assert "a new one is made of them" in told.out + told.err
    assert "error" not in told.err
