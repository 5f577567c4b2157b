"""A run teaches a smaller one: every task, from both kinds of head, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import AutoConfig, AutoModel

from burnish.errors import ConfigError, RunError, UsageError
from burnish.recipe.recipe import write_recipe
from burnish.run import file_digests, read_run, write_record
from burnish.torch_models.checkpoint import load_run_model
from burnish.torch_models.families import encoder_layers
from burnish.torch_models.inner import inner_model
from burnish.torch_models.merging import merge_adapter
from burnish.training import train
from burnish.training.data.splits import encode_parts, make_task, size_task
from burnish.training.pipeline.distillation import pruning
from burnish.training.pipeline.distillation.distilling import distill
from burnish.training.pipeline.distillation.student import Asked
from burnish.training.pipeline.distillation.teaching import teach, teacher_digests
from burnish.training.pipeline.preparation import prepare
from tests.tiny import tiny_base

TASKS = ("one", "several", "extraction", "qa", "pairs", "regression", "path", "branches", "summary")
QUICK = ("train.epochs=2", "train.seeds=1", "train.learning_rate=1e-3", "train.threads=1")


def _layers(run) -> int:
    return len(encoder_layers(inner_model(load_run_model(run))))


@pytest.mark.parametrize("kind", TASKS)
def test_a_run_teaches_a_run_of_half_its_layers(make_recipe, tmp_path: Path, kind) -> None:
    teacher = train(make_recipe(kind))
    said: list[str] = []
    run = distill(teacher, tmp_path / "student", overrides=QUICK, notify=said.append)
    assert (_layers(teacher), _layers(run)) == (2, 1)
    assert run.record.task.task == teacher.record.task.task
    assert run.record.task.output_labels == teacher.record.task.output_labels
    for part in ("train", "validation", "test"):
        assert run.record.data.parts[part].digest == teacher.record.data.parts[part].digest
    taught = run.record.taught_by
    assert taught is not None
    assert Path(taught.run) == teacher.path
    assert "the student is made of layer 1 of the teacher's 2 layers: student-base" in said
    assert "Taught by the answers of run on its rows" in (run.path / "README.md").read_text()
    read_run(run.path)


def test_a_base_of_its_own_is_taught_as_well(make_recipe, tmp_path: Path) -> None:
    """The teacher's windows are longer than the student's, and its tokens are others."""
    teacher = train(make_recipe("one", method="lora"))
    small = tiny_base(tmp_path / "small", "roberta")
    run = distill(
        teacher,
        tmp_path / "student",
        base=str(small),
        overrides=(*QUICK, "train.max_length=24", "train.stride=4"),
    )
    assert run.record.base_model.family == "roberta"
    assert run.record.taught_by is not None


def test_texts_without_labels_are_taught_too(make_recipe, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("my refund is here\n\nmy login is late\nmy refund is here\n")
    teacher = train(make_recipe("one"))
    said: list[str] = []
    run = distill(
        teacher, tmp_path / "student", unlabelled=texts, overrides=QUICK, notify=said.append
    )
    assert "2 texts without labels are taught too" in said
    assert any(line.startswith("texts.txt: 1 row is left out (row 2: ") for line in said)
    taught = run.record.taught_by
    assert taught is not None
    assert taught.unlabelled_sha256 is not None
    other = distill(teacher, tmp_path / "other", overrides=QUICK)
    name = "model/encoder/model.safetensors"
    assert run.record.files[name] != other.record.files[name]


def test_a_student_learns_the_teachers_answers_and_not_the_labels(
    make_recipe, tmp_path: Path
) -> None:
    """The rows' labels are turned round for the student; with own_labels=0 nobody looks at them."""
    teacher = train(make_recipe("one", train={"epochs": 6}))
    data = teacher.recipe.data
    turned = tmp_path / "turned.jsonl"
    other = {"billing": "access", "access": "billing"}
    rows = [json.loads(line) for line in Path(str(data.train)).read_text().splitlines()]
    turned.write_text("\n".join(json.dumps({**r, "label": other[r["label"]]}) for r in rows))
    run = distill(
        teacher,
        tmp_path / "student",
        overrides=(*QUICK, "train.epochs=8", "distill.own_labels=0", f"data.train={turned}"),
    )
    scores = [epoch["score"] for epoch in run.metrics["history"]]
    assert scores[0] == 1  # the probe, of the labels that are turned round
    assert scores[-1] < 0.5


def test_the_same_rows_make_the_same_student(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("extraction"))
    runs = [distill(teacher, tmp_path / name, overrides=QUICK) for name in ("one", "two")]
    digests = [each.record.files["model/model.safetensors"] for each in runs]
    assert digests[0] == digests[1]


def test_a_recipe_of_a_student_trains_it_again(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("one"))
    run = distill(teacher, tmp_path / "student", overrides=QUICK)
    again = train(run.recipe.model_copy(update={"output": tmp_path / "again"}))
    name = "model/encoder/model.safetensors"
    assert again.record.files[name] == run.record.files[name]


def test_a_window_has_its_texts_answer(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("one"))
    recipe = make_recipe("one", distill={"teacher": str(teacher.path)})
    base, split, recipe = prepare(recipe)
    task = make_task(recipe, split, base)
    parts = encode_parts(task, split, base.path / "tokenizer.json")
    recipe, task = size_task(recipe, task, parts)
    found = teach(recipe, task, parts, base, say=lambda _: None)
    assert found is not None
    assert len(found.features) == sum(len(e.windows) for e in parts.train.encodings)
    first = parts.train.encodings[0]
    own = found.features[: len(first.windows)]
    label = task.output_labels.index(parts.train.examples[0].labels[0])
    assert {float(each.target[0]) for each in own} == {float(label)}
    assert sum(each.weight for each in own) == pytest.approx(1)
    model = load_run_model(teacher)
    with torch.inference_mode():
        window = first.windows[0]
        ids = torch.from_numpy(np.array(window.input_ids))[None].long()
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0]
    if len(first.windows) == 1:
        assert torch.allclose(logits, torch.from_numpy(own[0].target[1:]), atol=1e-4)
    assert isinstance(model, nn.Module)


def test_what_cannot_be_distilled_is_refused(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("one"))
    out = tmp_path / "student"
    with pytest.raises(ConfigError, match="--layers 2: the teacher has 2"):
        distill(teacher, out, asked=Asked(layers=2))
    with pytest.raises(RunError, match="is not a run directory"):
        distill(tmp_path, out)
    with pytest.raises(UsageError, match=r"texts\.txt: no such file"):
        distill(teacher, out, unlabelled=tmp_path / "texts.txt", overrides=QUICK)
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(Exception, match="0 rows hold no text that can be read, and 0 do"):
        distill(teacher, out, unlabelled=tmp_path / "empty.txt", overrides=QUICK)
    assert not out.exists()
    assert not (tmp_path / "student-base").exists()


def test_a_teacher_of_another_task_is_refused(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("extraction"))
    recipe = make_recipe("one", distill={"teacher": str(teacher.path)}, output=str(tmp_path / "s"))
    with pytest.raises(RunError, match="is a model for extraction, and the recipe is for class"):
        train(recipe)


def test_a_teacher_without_a_label_is_refused(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("one"))
    rows = tmp_path / "rows.jsonl"
    made = [{"text": f"my card {i}", "label": ("billing", "other")[i % 2]} for i in range(40)]
    rows.write_text("\n".join(map(json.dumps, made)))
    with pytest.raises(RunError, match="does not know 'other'"):
        distill(teacher, tmp_path / "student", overrides=(*QUICK, f"data.train={rows}"))


def test_a_tagger_and_its_teacher_read_the_same_tokens(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("extraction"))
    small = tiny_base(tmp_path / "small", "roberta")
    with pytest.raises(RunError, match="another tokenizer"):
        distill(teacher, tmp_path / "student", base=str(small), overrides=QUICK)
    with pytest.raises(RunError, match=r"set train\.max_length=32 train\.stride=8|windows of 32"):
        distill(teacher, tmp_path / "student", overrides=(*QUICK, "train.max_length=24"))


@pytest.mark.parametrize("method", ["adapters", "prefix"])
def test_parts_between_the_layers_are_not_cut(make_recipe, tmp_path: Path, method) -> None:
    teacher = train(make_recipe("one", method=method))
    with pytest.raises(RunError, match="stand between the layers"):
        distill(teacher, tmp_path / "student", overrides=QUICK)


def test_a_changed_teacher_is_not_gone_on_with(make_recipe, tmp_path: Path) -> None:
    """The digest of its record is a part of what a training rests on."""
    recipe = make_recipe("one")
    teacher = train(recipe)
    taught = recipe.model_copy(
        update={"distill": recipe.distill.model_copy(update={"teacher": teacher.path})}
    )
    before = teacher_digests(taught)
    train(
        recipe.model_copy(update={"train": recipe.train.model_copy(update={"seed": 5})}),
        replace=True,
    )
    assert teacher_digests(taught) != before


def test_a_static_student_has_no_layers(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("one"))
    run = distill(teacher, tmp_path / "student", asked=Asked(static=True), overrides=QUICK)
    assert _layers(run) == 0
    base = AutoModel.from_pretrained(tmp_path / "student-base").eval()
    ids = torch.tensor([[2, 7, 8, 3], [2, 8, 7, 3]])
    with torch.inference_mode():
        one, other = base(input_ids=ids).last_hidden_state
    assert torch.equal(one[1], other[2])  # wherever it stands


@pytest.mark.parametrize("kind", ["extraction", "qa"])
def test_a_static_student_answers_for_whole_texts_alone(make_recipe, tmp_path, kind) -> None:
    teacher = train(make_recipe(kind))
    with pytest.raises(ConfigError, match="sees no word beside another"):
        distill(teacher, tmp_path / "student", asked=Asked(static=True), overrides=QUICK)


class Counted:
    """In place of graphs and a clock: two layers of 64 units cost 1, their units half of it."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}
        self.timed: list[Any] = []

    @contextmanager
    def __call__(self, teacher: nn.Module, **given: Any) -> Iterator[Any]:
        self.given = {"teacher": teacher, **given}
        yield self._cost

    def _cost(self, model: Any) -> float:
        self.timed.append(model)
        config = model.config
        return float(config.num_hidden_layers * (1 + config.intermediate_size / 64) / 4)


@pytest.mark.parametrize(("kind", "pooling"), [("one", "native"), ("one", "mean"), ("qa", "auto")])
def test_a_student_is_pruned_to_a_cost(
    make_recipe, tmp_path: Path, monkeypatch, kind, pooling
) -> None:
    monkeypatch.setattr(pruning, "_FEWEST", 16)
    teacher, served = train(make_recipe(kind, pooling=pooling)), Counted()
    said: list[str] = []
    run = distill(
        teacher,
        tmp_path / "student",
        asked=Asked(cost=0.75),
        overrides=QUICK,
        served=served,
        notify=said.append,
    )
    assert _layers(run) == 2
    assert AutoConfig.from_pretrained(tmp_path / "student-base").intermediate_size == 32
    assert any("32 inner units each, which cost 0.75" in line for line in said)
    # Whole models are timed, on what a user would send.
    assert {type(each) for each in served.timed} == {type(served.given["teacher"])}
    assert len(served.given["inputs"]) == 24
    task = teacher.record.task
    encoder = task.text_encoder(served.given["tokenizer"] / "tokenizer.json")
    assert all(task.encode(each, encoder).windows for each in served.given["inputs"])


def test_nothing_is_as_cheap_as_asked(make_recipe, tmp_path: Path) -> None:
    teacher, asked, out = train(make_recipe("one")), Asked(cost=0.01), tmp_path / "student"
    with pytest.raises(ConfigError, match=r"one layer with 64 inner units costs 0\.50"):
        distill(teacher, out, asked=asked, overrides=QUICK, served=Counted())
    with pytest.raises(UsageError, match="nothing times models as they are served"):
        distill(teacher, out, asked=asked, overrides=QUICK)
    assert not (tmp_path / "student-base").exists()


def test_an_adopted_teacher_asks_for_rows(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("one"))
    rows = teacher.recipe.data.train
    data = teacher.recipe.data.model_copy(update={"train": None})
    path = teacher.path / "recipe.yaml"
    write_recipe(teacher.recipe.model_copy(update={"data": data, "method": "adopted"}), path)
    record = teacher.record.model_copy(update={"files": file_digests(teacher.path)})
    write_record(teacher.path, record)
    with pytest.raises(ConfigError, match="adopted model: the rows"):
        distill(teacher.path, tmp_path / "student", overrides=QUICK)
    given = (*QUICK, f"data.train={rows}")
    run = distill(teacher.path, tmp_path / "student", overrides=given)
    assert run.record.method == "full"


def test_an_adapter_is_merged_before_layers_are_taken(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("one", method="lora"))
    run = distill(teacher, tmp_path / "student", overrides=QUICK)
    assert _layers(run) == 1
    start = AutoModel.from_pretrained(tmp_path / "student-base").state_dict()
    model: Any = merge_adapter(load_run_model(teacher))
    merged = model.encoder.state_dict()
    name = "encoder.layer.0.attention.self.query.weight"
    assert torch.equal(start[name], merged[name])
    base = AutoModel.from_pretrained(teacher.recipe.base_model).state_dict()
    assert not torch.equal(start[name], base[name])


def test_a_method_that_cannot_be_taught_is_refused(make_recipe, tmp_path: Path) -> None:
    recipe = make_recipe("one", method="setfit", distill={"teacher": str(tmp_path / "teacher")})
    with pytest.raises(ConfigError, match="not from a teacher's answers"):
        train(recipe)


def test_the_digest_of_a_folder_is_of_its_texts(make_recipe, tmp_path: Path) -> None:
    teacher = train(make_recipe("one"))
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("my card")
    section = {"teacher": str(teacher.path), "unlabelled": str(folder)}
    recipe = make_recipe("one", distill=section)
    before = teacher_digests(recipe)
    (folder / "a.txt").write_text("my login")
    assert teacher_digests(recipe) != before
