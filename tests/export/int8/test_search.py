from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import numpy_helper

from burnish.export import Budgets
from burnish.export.comparison import Comparison, RecallLoss
from burnish.export.exactness import convert_run
from burnish.export.gates import Gates
from burnish.export.int8.activation_ranges import channel_maxima
from burnish.export.int8.candidates import UNIFORM, mixed_plans
from burnish.export.int8.graph import load_graph, save_graph, weight_matmuls
from burnish.export.int8.plans import Plan, write_quantized
from burnish.export.int8.search import Reference, Searcher
from burnish.export.int8.sensitivity import Sensitivity, measure_sensitivity
from burnish.export.int8.timing import Timing
from burnish.export.rows import restore_rows, sample_windows
from burnish.run import read_run
from burnish.steps import Steps
from burnish.tasks.encoded import encode_rows


@pytest.fixture
def reference(make_run, tmp_path) -> Reference:
    run = read_run(make_run(pooling="mean", declared="mean"))
    encoder = run.record.task.text_encoder(run.path / "model" / "tokenizer.json")
    rows = encode_rows(run.record.task, restore_rows(run).validation, encoder)
    return convert_run(
        run,
        rows,
        graph=tmp_path / "fp32.onnx",
        config=tmp_path / "config.json",
        gates=Gates(),
        budgets=Budgets(),
        notify=lambda _: None,
        steps=Steps(),
    )


def test_mixed_plans_spare_the_most_urgent_first():
    ranking = [Sensitivity(f"n{i}", 1.0 / (i + 1), 100) for i in range(12)]
    plans = mixed_plans(Plan("smooth", "channel", smoothing=0.7), ranking)
    assert [(p.name, p.exceptions) for p in plans[:2]] == [
        ("smooth-1-blocks", ("n0",)),
        ("smooth-1-fp32", ("n0",)),
    ]
    assert plans[-1].exceptions == ("n0", "n1", "n2", "n3")
    assert {plan.smoothing for plan in plans} == {0.7}
    assert plans[1].of("n0") == "fp32"
    assert plans[1].of("n1") == "channel"


def test_the_node_that_quantization_hurts_most_is_found(reference, tmp_path):
    victim = weight_matmuls(load_graph(reference.graph))[5]
    model = load_graph(reference.graph)
    for tensor in model.graph.initializer:
        if tensor.name == victim.weight:
            matrix = numpy_helper.to_array(tensor).copy()
            matrix[3, :] *= 200  # one row that leaves the others no precision
            tensor.CopyFrom(numpy_helper.from_array(matrix, tensor.name))
    save_graph(model, tmp_path / "hurt.onnx")
    found = measure_sensitivity(
        tmp_path / "hurt.onnx",
        tmp_path,
        reference.task,
        reference.rows.take(range(4)),
        plan=Plan("channel", "channel"),
        inputs=reference.inputs,
        maxima={},
    )
    assert len(found) == 12
    assert found[0].node == victim.name
    assert found[0].error > 2 * found[1].error


def searcher(reference: Reference, workplace: Path, budgets: Budgets) -> Searcher:
    return Searcher(reference, reference.rows, workplace, budgets, Gates())


def test_what_a_uniform_plan_fails_a_mixed_one_is_tried_for(reference, tmp_path, impossible):
    search = searcher(reference, tmp_path, impossible).run()
    names = [each.plan.name for each in search.candidates]
    assert names[:4] == [plan.name for plan in UNIFORM]
    assert names[4:] == [
        f"smooth-{count}-{scheme}" for count in (1, 2, 4) for scheme in ("blocks", "fp32")
    ]
    assert len(search.ranking) == 12
    assert search.chosen is None


def test_where_a_uniform_plan_is_good_no_node_is_looked_at(reference, tmp_path):
    loose = Budgets(metric_loss=100, agreement=0, speedup=0)
    search = searcher(reference, tmp_path, loose).run()
    assert search.ranking == ()
    assert len(search.candidates) == 4
    assert all(each.passed for each in search.candidates)
    assert search.chosen is not None
    assert search.chosen.timing.speedup >= 0.97 * max(
        each.timing.speedup for each in search.candidates
    )


def test_a_graph_whose_numbers_are_not_finite_is_left_out(reference, tmp_path, monkeypatch):
    def spoil(source, target, plan, *, maxima):
        write_quantized(source, target, plan, maxima=maxima)
        if plan.name == "channel":
            model = load_graph(target)
            scale = next(t for t in model.graph.initializer if t.name.endswith("_scale"))
            array = np.full(tuple(scale.dims), np.nan, dtype=np.float32)
            scale.CopyFrom(numpy_helper.from_array(array, scale.name))
            save_graph(model, target)

    monkeypatch.setattr("burnish.export.int8.search.write_quantized", spoil)
    lines: list[str] = []
    trier = searcher(reference, tmp_path, Budgets(metric_loss=100, agreement=0, speedup=0))
    trier.notify = lines.append
    names = [each.plan.name for each in trier.run().candidates]
    assert "channel" not in names
    assert "smooth" in names
    assert any("channel: left out, the model's numbers" in line for line in lines)


def test_a_budget_of_recall_is_a_gate_only_where_it_is_set(reference, tmp_path):
    comparison = Comparison(9, "accuracy", 1, 1, 1.0, 0, 0, 1.0, RecallLoss("money", 20.0, 5))
    for budget, passed in ((None, True), (10.0, False), (25.0, True)):
        trier = searcher(reference, tmp_path, Budgets(recall_loss=budget))
        gates = trier.judge(UNIFORM[1], reference.graph, comparison, Timing(1, 2)).gates
        found = next(gate for gate in gates if gate.name == "int8_recall_loss")
        assert (found.passed, found.value, found.threshold) == (passed, 20.0, budget)
        assert "'money', 5 times true" in found.detail


def test_int8_that_is_slower_fails_unless_it_was_asked_for(reference, tmp_path):
    comparison = Comparison(9, "accuracy", 1, 1, 1.0, 0, 0, 1.0, RecallLoss("", 0, 0))
    trier = searcher(reference, tmp_path, Budgets())
    slow = trier.judge(UNIFORM[3], reference.graph, comparison, Timing(1, 0.7))
    assert not trier.gates.holds(slow.gates)
    asked = replace(trier, forced=True)
    assert asked.gates.holds(
        asked.judge(UNIFORM[3], reference.graph, comparison, Timing(1, 0.7)).gates
    )


def test_calibration_sees_the_largest_value_of_each_channel(reference):
    maxima = channel_maxima(reference.graph, reference.rows.windows[:3])
    sources = {m.source: m.rows for m in weight_matmuls(load_graph(reference.graph))}
    assert {name: len(values) for name, values in maxima.items()} == sources
    fewer = channel_maxima(reference.graph, reference.rows.windows[:1])
    assert all((maxima[name] >= fewer[name]).all() for name in maxima)


def test_timed_windows_stand_for_every_length(reference):
    lengths = [len(window) for window in sample_windows(reference.rows, 3)]
    everything = sorted(len(window) for window in reference.rows.windows)
    assert lengths[0] == everything[0]
    assert lengths[-1] == everything[-1]
    assert lengths == sorted(lengths)
