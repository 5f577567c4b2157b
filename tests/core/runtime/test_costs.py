import time

import pytest

import burnish
from burnish.runtime.costs import CostTable, measure_costs
from tests.tiny_onnx import tiny_bundle


def test_costs_between_measured_lengths_lie_on_a_line():
    table = CostTable.of_points({10: 1.0, 20: 3.0}, longest=20)
    assert table.window_ms(15) == 2.0
    assert table.window_ms(10) == 1.0
    assert table.window_ms(99) == 3.0


def test_a_longer_window_never_costs_less():
    table = CostTable.of_points({8: 2.0, 16: 1.0, 32: 4.0}, longest=32)
    costs = [table.window_ms(n) for n in range(33)]
    assert costs == sorted(costs)


def test_what_is_measured_is_what_a_window_takes():
    def run(window):
        time.sleep(0.0005 * len(window))

    table = measure_costs(run, longest=40)
    assert table.window_ms(40) == pytest.approx(20, rel=0.5)
    assert table.window_ms(20) == pytest.approx(10, rel=0.5)


def test_a_models_costs_are_measured_when_it_is_warmed_up(tmp_path):
    with burnish.load(tiny_bundle(tmp_path / "b"), threads=1) as model:
        nominal = model.costs
        model.warm_up()
        assert model.costs != nominal
        prepared = model.prepare(["my card", "the week " * 100])
        assert prepared.windows > 2
        assert prepared.cost_ms == pytest.approx(
            sum(sum(item.costs_ms) for item in prepared.items), abs=1e-9
        )
        assert prepared.cost_ms > model.prepare(["my card"]).cost_ms > 0
