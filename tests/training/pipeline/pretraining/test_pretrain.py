"""A base is pre-trained further, can be gone on with, and is a base."""

from __future__ import annotations

import json
import random
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import AutoModelForMaskedLM

from burnish.digest import file_sha256
from burnish.errors import BaseModelError, DataError, RunError, StoppedError, UsageError
from burnish.tasks.regimes import IGNORED
from burnish.torch_models.base import read_base, resolve_base
from burnish.torch_models.families import LAYERS
from burnish.torch_models.quiet import quiet
from burnish.training import train
from burnish.training.loop.loop import TrainingLoop
from burnish.training.pipeline.pretraining.added_tokens import choose_tokens, write_tokenizer
from burnish.training.pipeline.pretraining.judging import judge_bases
from burnish.training.pipeline.pretraining.model import load_masked
from burnish.training.pipeline.pretraining.pretraining import pretrain
from burnish.training.pipeline.pretraining.settings import PretrainSettings
from tests.tiny import tiny_base

SETTINGS = PretrainSettings(epochs=2, batch_size=4, max_length=24, threads=1, learning_rate=1e-3)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    rng = random.Random(3)
    nouns = ("refund", "card", "parcel", "login", "invoice")
    lines = [f"my {rng.choice(nouns)} is late, the {rng.choice(nouns)} {n}" for n in range(120)]
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(lines))
    return path


def test_the_new_base_has_read_and_is_a_base(bert, texts, tmp_path, make_recipe) -> None:
    done = pretrain(texts, tmp_path / "new", base_model=str(bert), settings=SETTINGS)
    assert done.after.domain < done.before.domain
    assert not done.new_head
    assert done.texts == 120
    base = resolve_base(str(tmp_path / "new"))
    assert base.declared_pooling == "mean"
    assert base.digest != resolve_base(str(bert)).digest
    record = json.loads((tmp_path / "new/pretraining.json").read_bytes())
    assert record["after"]["domain"] == done.after.domain
    card = (tmp_path / "new/README.md").read_text()
    assert f"{done.after.domain:.4f}" in card
    assert "refund" not in card
    run = train(make_recipe("one", base_model=str(tmp_path / "new")))
    assert run.record.base_model.digest == base.digest


def test_a_base_without_a_head_gets_one(texts, tmp_path) -> None:
    tiny_base(tmp_path / "old", checkpoint="encoder")
    said: list[str] = []
    old = str(tmp_path / "old")
    done = pretrain(texts, tmp_path / "new", base_model=old, settings=SETTINGS, notify=said.append)
    assert done.new_head
    assert any("a new one is trained alone first" in line for line in said)
    again = load_masked(read_base(tmp_path / "new"), seed=1)
    assert not again.new_head
    with quiet():
        _, info = AutoModelForMaskedLM.from_pretrained(tmp_path / "new", output_loading_info=True)
    assert not info["missing_keys"]


@pytest.mark.parametrize("family", sorted(LAYERS))
def test_the_head_reads_masked_tokens_as_the_whole_model_does(tmp_path, family) -> None:
    tiny_base(tmp_path / "base", family, checkpoint="mlm")
    with quiet():
        reference = AutoModelForMaskedLM.from_pretrained(tmp_path / "base").eval()
    ids = torch.tensor([[2, 7, 8, 9, 10, 3], [2, 9, 8, 7, 6, 3]])
    mask = torch.ones_like(ids)
    targets = torch.full_like(ids, IGNORED)
    targets[0, 2], targets[1, 4] = 8, 6
    with torch.inference_mode():
        logits = reference(input_ids=ids, attention_mask=mask).logits
        expected = functional.cross_entropy(logits.transpose(1, 2), targets, ignore_index=IGNORED)
        model = load_masked(read_base(tmp_path / "base"), seed=1)
        found = model.loss()(model(input_ids=ids, attention_mask=mask), targets, mask.float())
        assert float(found) == pytest.approx(float(expected), rel=1e-4)
        whole = model.whole()
        assert torch.allclose(whole(input_ids=ids, attention_mask=mask).logits, logits, atol=1e-5)


@pytest.mark.parametrize("stage_step", [(1, 3), (1, 8), (2, 5), (2, 14)])
def test_what_was_stopped_ends_with_the_same_bits(texts, tmp_path, monkeypatch, stage_step) -> None:
    tiny_base(tmp_path / "old", checkpoint="encoder")
    old = str(tmp_path / "old")
    whole = pretrain(texts, tmp_path / "whole", base_model=old, settings=SETTINGS)
    stage, step = stage_step
    real, loops, at = TrainingLoop._step, [], []

    def stopping(self, batches):
        if self not in loops:
            loops.append(self)
        done = real(self, batches)
        if (len(loops), done.number) == (stage, step):
            at.append(done.number)
            signal.raise_signal(signal.SIGTERM)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLoop, "_step", stopping)
        with pytest.raises(StoppedError):
            pretrain(texts, tmp_path / "new", base_model=old, settings=SETTINGS)
    assert at == [step]
    assert not (tmp_path / "new").exists()
    done = pretrain(texts, tmp_path / "new", base_model=old, settings=SETTINGS)
    assert (done.before, done.after) == (whole.before, whole.after)
    digests = [file_sha256(tmp_path / name / "model.safetensors") for name in ("whole", "new")]
    assert digests[0] == digests[1]
    assert not (tmp_path / ".new.training").exists()


def test_other_texts_do_not_go_on_with_it(bert, texts, tmp_path, monkeypatch) -> None:
    real = TrainingLoop._step

    def stopping(self, batches):
        done = real(self, batches)
        if done.number == 3:
            signal.raise_signal(signal.SIGTERM)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLoop, "_step", stopping)
        with pytest.raises(StoppedError):
            pretrain(texts, tmp_path / "new", base_model=str(bert), settings=SETTINGS)
    texts.write_text(texts.read_text() + "\none more")
    with pytest.raises(RunError, match="SHA-256 of the texts"):
        pretrain(texts, tmp_path / "new", base_model=str(bert), settings=SETTINGS)
    done = pretrain(texts, tmp_path / "new", base_model=str(bert), settings=SETTINGS, fresh=True)
    assert done.texts == 121


def test_texts_of_ones_own_measure_it(bert, texts, tmp_path) -> None:
    others = tmp_path / "others.txt"
    others.write_text("\n".join(f"the card is late {number}" for number in range(30)))
    done = pretrain(
        texts, tmp_path / "new", base_model=str(bert), held_out=others, settings=SETTINGS
    )
    kept = pretrain(texts, tmp_path / "kept", base_model=str(bert), settings=SETTINGS)
    assert done.tokens > kept.tokens
    assert done.before.domain != kept.before.domain
    assert done.before.neutral == kept.before.neutral


def test_what_cannot_be_read_leaves_nothing_behind(bert, tmp_path) -> None:
    few = tmp_path / "few.txt"
    few.write_text("one\n")
    with pytest.raises(DataError, match="holds one text, which is held out"):
        pretrain(few, tmp_path / "new", base_model=str(bert), settings=SETTINGS)
    few.write_text("one\ntwo\n")
    with pytest.raises(DataError, match="less than one window"):
        pretrain(few, tmp_path / "new", base_model=str(bert), settings=SETTINGS)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        pretrain(few, tmp_path / "taken", base_model=str(bert), settings=SETTINGS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["few.txt", "taken"]


def test_rows_judge_a_base_against_another(bert, tmp_path, make_recipe) -> None:
    other = tiny_base(tmp_path / "other", pooling="mean", seed=5)
    found = judge_bases(make_recipe("one"), [str(bert), str(other)], notify=lambda _: None)
    assert len(found.examples) == 12
    (duel,) = found.duels
    assert duel.name == str(other)
    same = judge_bases(make_recipe("one"), [str(bert), str(bert)], notify=lambda _: None)
    assert same.duels[0].difference.value == 0
    assert not same.differing


def test_without_a_probe_both_are_tuned(bert, tmp_path, make_recipe) -> None:
    recipe, bases = make_recipe("extraction", train={"epochs": 1}), [str(bert), str(bert)]
    with pytest.raises(UsageError, match="has no linear probe"):
        judge_bases(recipe, bases, notify=lambda _: None)
    found = judge_bases(recipe, bases, full=True, notify=lambda _: None)
    assert np.isfinite(found.duels[0].difference.value)
    assert not recipe.output.exists()


def test_added_tokens_begin_as_the_mean_of_their_pieces(tmp_path) -> None:
    """The tiny tokenizer reads `parcels` in pieces."""
    old = read_base(tiny_base(tmp_path / "old", checkpoint="mlm"))
    texts = ["parcels is late"] * 6 + ["refunds is late"] * 3
    terms = choose_tokens(old, texts, 10)
    assert [term.word for term in terms] == ["parcels"]  # the other one is too rare
    write_tokenizer(old, tmp_path / "tokenizer", terms)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer/tokenizer.json"))
    index = tokenizer.token_to_id("parcels")
    assert tokenizer.encode("my parcels", add_special_tokens=False).ids[1:] == [index]
    before = load_masked(old, seed=1).encoder.get_input_embeddings().weight
    model = load_masked(old, seed=1, added=terms)
    after = model.encoder.get_input_embeddings().weight
    vocabulary = Tokenizer.from_file(str(old.path / "tokenizer.json")).get_vocab()
    pieces = [vocabulary[piece] for piece in terms[0].pieces]
    assert torch.allclose(after[index], before[pieces].mean(0))
    assert torch.equal(after[: len(before)], before)
    whole = model.whole()
    assert whole.get_output_embeddings().weight is whole.get_input_embeddings().weight


def test_a_base_with_more_tokens_is_a_base(texts, tmp_path, make_recipe) -> None:
    old = str(tiny_base(tmp_path / "old", checkpoint="mlm", pooling="mean"))
    texts.write_text(texts.read_text().replace("parcel", "parcels"))
    settings = replace(SETTINGS, add_tokens=5)
    done = pretrain(texts, tmp_path / "new", base_model=old, settings=settings)
    assert done.added == ("parcels",)
    tokenizer = Tokenizer.from_file(str(tmp_path / "new/tokenizer.json"))
    assert tokenizer.token_to_id("parcels") == tokenizer.get_vocab_size() - 1
    train(make_recipe("one", base_model=str(tmp_path / "new")))
    again = pretrain(texts, tmp_path / "again", base_model=old, settings=settings)
    assert again.after == done.after


def test_tokens_are_added_to_wordpiece_alone(texts, tmp_path) -> None:
    old = str(tiny_base(tmp_path / "old", "roberta", checkpoint="mlm"))
    settings = replace(SETTINGS, add_tokens=5)
    with pytest.raises(BaseModelError, match="can be added to a WordPiece tokenizer"):
        pretrain(texts, tmp_path / "new", base_model=old, settings=settings)
    assert not (tmp_path / "new").exists()
