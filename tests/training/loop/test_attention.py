"""What a question-answering training leaves out: attention dropout, and tuning of word vectors."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModel

from burnish.training import train
from burnish.training.loop.attention import without_attention_dropout

FAMILIES = ("bert", "roberta", "distilbert", "electra", "mpnet", "deberta-v2", "xlm-roberta")
SMALL = {
    "vocab_size": 40,
    "hidden_size": 16,
    "dim": 16,
    "num_hidden_layers": 2,
    "n_layers": 2,
    "num_attention_heads": 2,
    "n_heads": 2,
    "intermediate_size": 16,
    "hidden_dim": 16,
    "max_position_embeddings": 40,
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, in DeBERTa's import
@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("family", FAMILIES)
def test_without_it_and_without_the_others_nothing_is_random(family, implementation) -> None:
    none = {"hidden_dropout_prob": 0.0, "dropout": 0.0}
    config = AutoConfig.for_model(family, **SMALL, **none)
    config.attention_probs_dropout_prob = config.attention_dropout = 0.5
    usable = (
        implementation if family in ("bert", "roberta", "distilbert", "xlm-roberta") else "eager"
    )
    torch.manual_seed(1)
    model = AutoModel.from_config(config, attn_implementation=usable).train()
    ids = torch.arange(2, 22).reshape(1, -1)

    def random() -> bool:
        one, two = (model(input_ids=ids)[0] for _ in range(2))
        return not torch.equal(one, two)

    assert random()
    assert without_attention_dropout(model) == 2
    assert not random()


@pytest.mark.parametrize("embeddings", ["frozen", "tuned"])
def test_word_vectors_are_tuned_where_asked(make_recipe, bert, embeddings) -> None:
    run = train(make_recipe("extraction", train={"epochs": 8, "embeddings": embeddings}))
    before = load_file(bert / "model.safetensors")
    after = load_file(run.path / "model" / "model.safetensors")
    (name,) = [key for key in after if key.endswith("word_embeddings.weight")]

    assert torch.equal(after[name], before[name]) == (embeddings == "frozen")
    assert (run.record.training.best_epoch or 0) > 0


def test_a_pooled_classifier_can_freeze_them_too(make_recipe) -> None:
    frozen = train(make_recipe("one", train={"embeddings": "frozen"})).record.training
    tuned = train(make_recipe("one"), replace=True).record.training

    assert (frozen.parameters_trained or 0) < frozen.parameters
    assert tuned.parameters_trained == tuned.parameters


def test_questions_do_without_both_by_default(make_recipe) -> None:
    train_section = train(make_recipe("qa", train={"epochs": 1})).recipe.train
    assert (train_section.embeddings, train_section.attention_dropout) == ("frozen", "none")
