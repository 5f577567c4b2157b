"""Bundles in a real MLflow store of files, and loaded again where there is no torch."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from burnish.bundle import read_bundle
from burnish.errors import BundleError, BurnishError, MissingExtraError, UsageError
from burnish.mlflow import log_bundle, save_model
from burnish.mlflow.client import found_run, open_client
from tests.tiny_onnx import tiny_bundle

pytestmark = pytest.mark.filterwarnings("ignore")

LOADED = """\
import sys
sys.modules["torch"] = sys.modules["transformers"] = sys.modules["sklearn"] = None
import os
os.environ.update(MLFLOW_ALLOW_FILE_STORE="true", MLFLOW_DISABLE_TELEMETRY="true")
import mlflow, pandas
mlflow.set_tracking_uri({store!r})
model = mlflow.pyfunc.load_model({model!r})
frame = pandas.DataFrame({{"text": ["the invoice", "my parcel"], "n": [1, 2]}}, index=["a", "b"])
answered = model.predict(frame)
print(list(answered.columns), list(answered.index), list(answered["label"]))
"""
PRINTED = "['label', 'score', 'abstained', 'error'] ['a', 'b'] ['billing', 'delivery']"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    pytest.importorskip("mlflow", reason="pip install 'burnish[mlflow]'")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    return (tmp_path / "mlruns").as_uri()


def answered_elsewhere(model: str, store: str, directory: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(model=model, store=store)],
        cwd=directory,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_a_logged_bundle_answers_without_torch(bundle: Path, store: str, tmp_path: Path) -> None:
    model = log_bundle(bundle, tracking_uri=store)
    assert answered_elsewhere(model, store, tmp_path) == PRINTED
    client = open_client(store)
    kept = client.get_run(model.split("/")[1])
    assert kept.data.tags["burnish.bundle_digest"] == read_bundle(bundle).digest
    assert kept.info.status == "FINISHED"


def test_a_saved_model_answers_without_a_store(bundle: Path, store: str, tmp_path: Path) -> None:
    path = save_model(bundle, tmp_path / "model")
    assert answered_elsewhere(str(path), store, tmp_path) == PRINTED
    assert "burnish[mlflow]" in (path / "requirements.txt").read_text()
    with pytest.raises(UsageError, match="exists already"):
        save_model(bundle, path)


def test_texts_and_tasks_of_two_texts_are_answered(store: str, tmp_path: Path) -> None:
    import mlflow

    path = save_model(tiny_bundle(tmp_path / "pairs", "pairs"), tmp_path / "model")
    model = mlflow.pyfunc.load_model(str(path))
    (row,) = model.predict([{"text": "the invoice", "text_pair": "my card"}]).to_dict("records")
    assert row["label"] == "billing"


def test_a_database_that_the_small_package_cannot_write_is_an_error_with_a_way_out(
    bundle: Path, store: str, tmp_path: Path
) -> None:
    if find_spec("alembic"):
        pytest.skip("the whole mlflow is installed")
    with pytest.raises(BurnishError, match="needs the package 'alembic'") as caught:
        log_bundle(bundle, tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    assert "pip install mlflow" in caught.value.hint


def test_a_bundle_that_was_changed_is_refused_when_it_is_loaded(
    bundle: Path, store: str, tmp_path: Path
) -> None:
    import mlflow

    path = save_model(bundle, tmp_path / "model")
    (card,) = path.rglob("README.md")
    card.write_text("another card")
    with pytest.raises(BundleError, match=r"README\.md"):
        mlflow.pyfunc.load_model(str(path))


def test_a_bundle_joins_the_run_of_its_training(bundle: Path, store: str) -> None:
    digest = read_bundle(bundle).manifest.run_digest
    target = found_run(open_client(store), digest, name="training")
    assert log_bundle(bundle, tracking_uri=store) == f"runs:/{target}/bundle"


def test_without_mlflow_the_extra_is_named(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingExtraError) as caught:
        save_model(bundle, tmp_path / "model")
    assert caught.value.hint == "pip install 'burnish[mlflow]'"
