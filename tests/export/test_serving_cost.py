"""What a model costs as it is served, by what another costs."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from burnish.export import serving_cost
from burnish.export.int8.graph import load_graph
from burnish.export.rows import restore_rows
from burnish.export.serving_cost import served_share, share_in_turn
from burnish.run import read_run
from burnish.runtime import load_model
from burnish.torch_models.checkpoint import load_run_model


class Machine:
    """A clock that goes on by what each answer costs."""

    def __init__(self) -> None:
        self.now = 0.0
        self.answered: list[str] = []

    def model(self, name: str, cost: float, *, disturbed: float = 0.0) -> Any:
        """A model that costs more per letter, and more again in every round but one in four."""
        calls = 0

        def answer(given: str) -> None:
            nonlocal calls
            calls += 1
            self.answered.append(name)
            self.now += cost * len(given) + (disturbed if calls % 4 else 0.0)

        return answer


def test_the_least_of_each_input_counts() -> None:
    machine = Machine()
    teacher = machine.model("teacher", 2.0, disturbed=50.0)
    student = machine.model("student", 0.5, disturbed=10.0)
    share = share_in_turn(student, teacher, ["one", "twelve"], clock=lambda: machine.now)
    assert share == pytest.approx(0.25)


def test_one_model_answers_all_inputs_before_the_other_begins() -> None:
    """So that none finds the other's weights in the cache; the first answer is not counted."""
    machine = Machine()
    teacher, student = machine.model("t", 2.0), machine.model("s", 1.0)
    share_in_turn(student, teacher, ["one", "two"], clock=lambda: machine.now)
    assert "".join(machine.answered[:12]) == "tttsss" * 2


@pytest.mark.parametrize(
    ("task", "pooling"), [("classification", "native"), ("classification", "mean"), ("qa", "auto")]
)
def test_models_are_timed_from_text_to_answer_in_int8(make_run, monkeypatch, task, pooling) -> None:
    run = read_run(make_run(task, pooling=pooling))
    model: Any = load_run_model(run)
    kinds: list[set[str]] = []
    timed: list[Any] = []

    def loaded(directory, **options):
        assert options == {"threads": 1}
        graph = load_graph(directory / "model.onnx").graph
        kinds.append({node.op_type for node in graph.node})
        return load_model(directory, **options)

    def share(candidate, reference, inputs) -> float:
        timed.append([answer(given) for answer in (candidate, reference) for given in inputs])
        return 0.5

    monkeypatch.setattr(serving_cost, "load_model", loaded)
    monkeypatch.setattr(serving_cost, "share_in_turn", share)
    examples = restore_rows(run).validation[:4]
    inputs = [run.record.task.example_input(each) for each in examples]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    attention = model.config._attn_implementation
    tokenizer = run.path / "model"
    with served_share(model, task=run.record.task, tokenizer=tokenizer, inputs=inputs) as meter:
        assert meter(model) == 0.5
    assert all("MatMulInteger" in found for found in kinds)
    assert len(kinds) == 2
    answers = timed[0]
    assert answers[:4] == answers[4:]
    assert {type(each) for each in answers} == {type(run.record.task.unanswered)}
    assert model.config._attn_implementation == attention
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
