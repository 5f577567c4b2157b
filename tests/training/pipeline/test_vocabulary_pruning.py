"""A base without the tokens that texts do not use answers as the whole one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModel

from burnish.errors import BaseModelError, DataError, RunError, UsageError
from burnish.tasks import TextEncoder
from burnish.torch_models.base import resolve_base
from burnish.torch_models.smaller_vocabulary import smaller_tensors
from burnish.training import train
from burnish.training.pipeline import vocabulary_pruning
from burnish.training.pipeline.vocabulary_pruning import prune_vocabulary
from tests.tiny import tiny_base


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text("".join(f"my card is late {number}\n" for number in range(80)))
    return path


@pytest.mark.parametrize("family", ["bert", "mpnet", "xlm-roberta", "deberta-v2", "electra"])
@pytest.mark.parametrize("checkpoint", ["mlm", "encoder"])
def test_the_same_tokens_have_the_same_vectors(tmp_path, texts, family, checkpoint) -> None:
    old = tiny_base(tmp_path / "old", family, checkpoint=checkpoint, pooling="mean")
    done = prune_vocabulary(str(old), texts, tmp_path / "new")
    assert done.after < done.before
    assert done.bytes_after < done.bytes_before
    assert done.proved > 10
    new = resolve_base(str(tmp_path / "new"))
    assert new.declared_pooling == "mean"
    vectors = []
    for path in (old, new.path):
        encoder = TextEncoder.from_file(path / "tokenizer.json", max_length=32, stride=0)
        ids = torch.from_numpy(encoder.encode("my card is late").windows[0].input_ids)
        model = AutoModel.from_pretrained(path).eval()
        with torch.inference_mode():
            vectors.append(model(input_ids=ids.long()[None]).last_hidden_state)
    assert torch.equal(*vectors)


def test_a_run_can_be_trained_on_it(tmp_path, texts, make_recipe) -> None:
    old = tiny_base(tmp_path / "old", pooling="mean")
    prune_vocabulary(str(old), texts, tmp_path / "new")
    run = train(make_recipe("one", base_model=str(tmp_path / "new")))
    assert run.record.base_model.digest == resolve_base(str(tmp_path / "new")).digest


def test_what_is_lost_is_measured_and_written(tmp_path, texts) -> None:
    old = tiny_base(tmp_path / "old")
    lines = texts.read_text() + "".join(f"refund {number}x\n" for number in range(40))
    texts.write_text(lines)
    done = prune_vocabulary(str(old), texts, tmp_path / "new")
    assert 0 < done.held_out < 60
    record = json.loads((tmp_path / "new/vocabulary.json").read_bytes())
    assert record["changed"] == done.changed
    assert "card" not in (tmp_path / "new/README.md").read_text()


def test_what_cannot_be_pruned_leaves_nothing_behind(tmp_path, texts, monkeypatch) -> None:
    roberta = tiny_base(tmp_path / "roberta", "roberta")
    with pytest.raises(BaseModelError, match="built of others"):
        prune_vocabulary(str(roberta), texts, tmp_path / "new")
    old = tiny_base(tmp_path / "old")
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(DataError, match="holds no text"):
        prune_vocabulary(str(old), tmp_path / "empty.txt", tmp_path / "new")
    real = smaller_tensors

    def wrong(tensors, kept, *, rows):
        return real(tensors, [*kept[:-2], kept[-1], kept[-2]], rows=rows)

    with monkeypatch.context() as patch:
        patch.setattr(vocabulary_pruning, "smaller_tensors", wrong)
        patch.setattr(
            vocabulary_pruning,
            "kept_ids",
            lambda document, used, *, config, name: sorted({*range(5), *used}),
        )
        texts.write_text("my card\n" * 3 + "my late\n")
        with pytest.raises(RunError, match="gives other vectors"):
            prune_vocabulary(str(old), texts, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        prune_vocabulary(str(old), texts, tmp_path / "mine", replace=True)


def test_an_older_one_is_replaced(tmp_path, texts) -> None:
    old = tiny_base(tmp_path / "old")
    first = prune_vocabulary(str(old), texts, tmp_path / "new")
    with pytest.raises(UsageError, match="--replace"):
        prune_vocabulary(str(old), texts, tmp_path / "new")
    assert prune_vocabulary(str(old), texts, tmp_path / "new", replace=True) == replace(first)
