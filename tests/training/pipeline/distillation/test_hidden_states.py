"""A student's hidden states are compared with its teacher's: by hand, in a training, refused."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from burnish.errors import ConfigError, StoppedError
from burnish.run import Run
from burnish.torch_models.families import encoder_layers
from burnish.training import train
from burnish.training.pipeline.distillation.distilling import distill
from burnish.training.pipeline.distillation.hidden_states import StateDistance, matching_layers
from burnish.training.pipeline.distillation.student import Asked
from tests.tiny import FAMILIES, tiny_base, tiny_config
from tests.training.sameness import differing

TASKS = ("one", "several", "extraction", "qa", "pairs", "regression", "path", "summary")
QUICK = ("train.epochs=2", "train.seeds=1", "train.learning_rate=1e-3", "train.threads=1")
TAUGHT = (*QUICK, "distill.hidden_states=1")
IDS = torch.tensor([[2, 7, 8, 9, 3], [2, 9, 8, 7, 3]])


def _model(family: str = "bert", *, seed: int = 0) -> Any:
    """A classifier in training, without dropout."""
    torch.manual_seed(seed)
    model = AutoModelForSequenceClassification.from_config(
        tiny_config(family, vocabulary=40, padding=1), attn_implementation="eager"
    )
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model.train()


def _first_loss(run: Run) -> float:
    return float(run.metrics["history"][1]["loss"])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_student_that_equals_its_teacher_has_no_distance(family) -> None:
    student = _model(family)
    states = StateDistance(student, copy.deepcopy(student))
    output = student(input_ids=IDS, attention_mask=torch.ones_like(IDS))
    assert torch.allclose(states.take(), torch.zeros(2), atol=1e-6)
    assert output.hidden_states is None
    states.release()
    other = StateDistance(student, _model(family, seed=1))
    student(input_ids=IDS, attention_mask=torch.ones_like(IDS))
    assert (other.take() > 0.1).all()


def test_the_distance_is_that_of_matching_layers_by_the_teachers_own_size() -> None:
    student, teacher = _model(), _model(seed=1)
    states = StateDistance(student, teacher)
    inputs = {"input_ids": IDS, "attention_mask": torch.ones_like(IDS)}
    student(**inputs)
    found = states.take()
    states.release()
    own, told = (m.bert(**inputs, output_hidden_states=True) for m in (student, teacher))
    layers = [
        (a - b).square().sum(-1) / b.square().sum(-1)
        for a, b in zip(own.hidden_states[1:], told.hidden_states[1:], strict=True)
    ]
    expected = torch.stack(layers).mean((0, 2))
    assert torch.allclose(found, expected)


def test_padding_does_not_count() -> None:
    student = _model()
    states = StateDistance(student, _model(seed=1))
    student(input_ids=IDS[:1], attention_mask=torch.ones_like(IDS[:1]))
    alone = states.take()
    padded = torch.cat([IDS[:1], torch.full((1, 3), 1)], 1)
    mask = (torch.arange(8) < 5).long()[None]
    student(input_ids=padded, attention_mask=mask)
    assert torch.allclose(states.take(), alone, atol=1e-5)


def test_the_gradient_reaches_the_lowest_layer_and_not_the_teacher() -> None:
    student, teacher = _model(), _model(seed=1)
    states = StateDistance(student, teacher)
    student(input_ids=IDS, attention_mask=torch.ones_like(IDS))
    torch.autograd.backward(states.take().mean())
    for layer in encoder_layers(student):
        assert any(p.grad is not None and p.grad.any() for p in layer.parameters())
    assert all(p.grad is None for p in teacher.parameters())


def test_nothing_is_compared_in_scoring_or_after_training() -> None:
    student = _model()
    states = StateDistance(student, _model(seed=1))
    with torch.inference_mode():
        student(input_ids=IDS, attention_mask=torch.ones_like(IDS))
    assert states._seen == []
    states.release()
    student(input_ids=IDS, attention_mask=torch.ones_like(IDS))
    assert states._seen == []
    assert not student.bert._forward_hooks
    assert not student.bert._forward_pre_hooks


def test_a_students_layers_match_even_layers_of_the_teacher() -> None:
    assert matching_layers(6, 2) == (3, 6)
    assert matching_layers(6, 3) == (2, 4, 6)
    assert matching_layers(12, 4) == (3, 6, 9, 12)
    assert matching_layers(6, 4)[-1] == 6
    assert matching_layers(2, 2) == (1, 2)


@pytest.mark.parametrize("kind", TASKS)
def test_hidden_states_are_taught_in_every_task(make_recipe, tmp_path: Path, kind) -> None:
    teacher = train(make_recipe(kind))
    run = distill(teacher, tmp_path / "student", overrides=TAUGHT)
    assert run.recipe.distill.hidden_states == 1
    card = (run.path / "README.md").read_text()
    assert "Taught by the answers and the hidden states of run on its rows" in card
    other = distill(teacher, tmp_path / "other", overrides=QUICK)
    assert _first_loss(run) > _first_loss(other)


def test_a_student_comes_nearer_to_its_teachers_states(make_recipe, tmp_path: Path) -> None:
    """From random weights the answers alone do not bring it there."""
    teacher = train(make_recipe("one", method="lora"))
    base = tiny_base(tmp_path / "same", pooling="mean", seed=5)
    losses = []
    for weight in (0, 1):
        run = distill(
            teacher,
            tmp_path / f"student-{weight}",
            base=str(base),
            overrides=(*QUICK, "train.epochs=8", f"distill.hidden_states={weight}"),
        )
        losses.append(_distance(run, teacher))
    assert losses[1] < 0.7 * losses[0]


def _distance(run: Run, teacher: Run) -> float:
    from burnish.torch_models.checkpoint import load_run_model

    student = load_run_model(run).train()
    for module in student.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    states = StateDistance(student, load_run_model(teacher))
    student(input_ids=IDS, attention_mask=torch.ones_like(IDS))
    return float(states.take().mean())


@pytest.mark.parametrize("method", ["adapters", "prefix"])
def test_a_teacher_with_parts_between_its_layers_teaches_its_states(
    make_recipe, bert: Path, tmp_path: Path, method
) -> None:
    teacher = train(make_recipe("one", method=method))
    run = distill(teacher, tmp_path / "student", base=str(bert), overrides=TAUGHT)
    assert run.recipe.distill.hidden_states == 1


@pytest.mark.parametrize("kind", ["one", "extraction"])
def test_a_stopped_training_goes_on_and_ends_with_the_same_bits(
    make_recipe, interrupt, tmp_path: Path, kind
) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("my refund is here\nanna lives in paris\n")
    teacher = train(make_recipe(kind))
    options: dict[str, Any] = {
        "overrides": (*TAUGHT, "train.seeds=2", "train.checkpoint_minutes=0"),
        "unlabelled": texts,
    }
    undisturbed = distill(teacher, tmp_path / "undisturbed", **options)
    interrupt(4)
    with pytest.raises(StoppedError):
        distill(teacher, tmp_path / "student", **options)
    run = distill(teacher, tmp_path / "student", **options)
    assert run.record.training.resumed == 1
    assert differing(run.path, undisturbed.path) == []


def test_layers_that_are_still_frozen_are_compared_too(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("one"))
    slowly = (*TAUGHT, "train.gradual_unfreezing=true")
    run = distill(teacher, tmp_path / "student", overrides=slowly)
    assert _first_loss(run) > 0


def test_pairs_that_the_teacher_read_otherwise_are_refused(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("pairs", pairs={"reading": "together"}))
    with pytest.raises(ConfigError, match="reads the two texts together") as caught:
        distill(teacher, tmp_path / "student", overrides=(*TAUGHT, "pairs.reading=apart"))
    assert "set pairs.reading=together, or leave" in caught.value.hint


def test_a_student_that_cannot_be_compared_is_refused(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("one"))
    out = tmp_path / "student"
    with pytest.raises(ConfigError, match="a student without layers has no hidden states"):
        distill(teacher, out, asked=Asked(static=True), overrides=TAUGHT)
    other = tiny_base(tmp_path / "other", "roberta")
    with pytest.raises(ConfigError, match="is a bert model with 2 layers of width 32, and the"):
        distill(teacher, out, base=str(other), overrides=TAUGHT)
    with pytest.raises(ConfigError, match="reads windows of 48 tokens, and the teacher") as caught:
        distill(teacher, out, overrides=(*TAUGHT, "train.max_length=48"))
    assert "set train.max_length=32, or leave distill.hidden_states out" in caught.value.hint
    assert not out.exists()


def test_another_tokenizer_is_refused(make_recipe, bert: Path, tmp_path: Path) -> None:
    teacher = train(make_recipe("one"))
    other = tiny_base(tmp_path / "other", pooling="mean")
    text = (other / "tokenizer.json").read_text()
    (other / "tokenizer.json").write_text(text.replace('"refund"', '"refunds"'))
    with pytest.raises(ConfigError, match="has another tokenizer than"):
        distill(teacher, tmp_path / "student", base=str(other), overrides=TAUGHT)
