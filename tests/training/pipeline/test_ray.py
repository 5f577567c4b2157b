"""Ray Train: two workers of a local Ray, where it is installed."""

from __future__ import annotations

import os
import sys

import pytest

from burnish.errors import ConfigError, MissingExtraError
from burnish.training import train
from burnish.training.pipeline.ray import train_on_ray


def test_without_ray_the_extra_is_named(make_recipe, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "ray.train", None)
    with pytest.raises(MissingExtraError) as caught:
        train_on_ray(make_recipe("one"))
    assert caught.value.hint == "pip install 'burnish[ray]'"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_two_workers_leave_the_run_of_two_processes(make_recipe, tmp_path, monkeypatch) -> None:
    ray = pytest.importorskip("ray", reason="pip install 'burnish[ray]'")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        recipe = make_recipe("extraction", train={"batch_size": 8})
        run = train_on_ray(recipe, workers=2)
        alone = train(recipe.model_copy(update={"output": tmp_path / "alone"}))

        assert run.path == recipe.output
        assert run.record.training.processes == 2
        assert run.record.training.steps == alone.record.training.steps
        assert run.record.data.parts == alone.record.data.parts
        with pytest.raises(ConfigError, match="batch_size: 7"):
            train_on_ray(make_recipe("one", train={"batch_size": 7}), replace=True)
    finally:
        ray.shutdown()
