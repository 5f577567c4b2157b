"""What a fetch leaves is what an offline machine needs, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from burnish.cli import main
from burnish.digest import file_sha256
from burnish.errors import BaseModelError, UsageError
from burnish.torch_models.base import resolve_base
from burnish.training.pipeline.fetching import fetch_model
from tests.tiny import tiny_base
from tests.training.pipeline.fake_hub import COMMIT, ID, FakeHub, fake_hub

NEEDED = {
    "1_Pooling/config.json",
    "config.json",
    "fetched.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    source = tiny_base(tmp_path / "source", pooling="mean")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    others = {"pytorch_model_DOT_bin": b"\x80\x04", "modeling_DOT_py": b"raise SystemExit"}
    with fake_hub(source, **others, README_DOT_md=b"# a card") as served:
        monkeypatch.setattr(constants, "ENDPOINT", served.url)
        template = served.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        huggingface_hub.close_session()
        yield served
        huggingface_hub.close_session()


def _files(directory: Path) -> set[str]:
    return {p.relative_to(directory).as_posix() for p in directory.rglob("*") if p.is_file()}


def test_it_writes_what_an_offline_machine_needs_and_nothing_else(
    hub: FakeHub, tmp_path: Path
) -> None:
    output = tmp_path / "encoders" / "bert"
    assert main(["models", "fetch", ID, "-o", str(output)]) == 0
    assert _files(output) == NEEDED
    manifest = json.loads((output / "fetched.json").read_text())
    assert manifest["revision"] == COMMIT
    assert manifest["license"] == "apache-2.0"
    assert manifest["files"] == {n: file_sha256(output / n) for n in NEEDED - {"fetched.json"}}
    assert [path.name for path in output.parent.iterdir()] == ["bert"]
    assert not [asked for asked in hub.asked if asked.endswith((".bin", ".py"))]
    assert resolve_base(str(output)).declared_pooling == "mean"


def test_a_fetch_that_was_cut_off_goes_on(hub: FakeHub, tmp_path: Path) -> None:
    output = tmp_path / "bert"
    hub.lies["model.safetensors"] = hub.files["model.safetensors"][:5000]
    with pytest.raises(BaseModelError, match=r"model\.safetensors"):
        fetch_model(ID, output)
    assert not output.exists()
    hub.lies.clear()
    hub.asked.clear()
    fetch_model(ID, output)
    assert _files(output) == NEEDED
    assert {asked.partition(" ")[0] for asked in hub.asked} == {"model.safetensors"}


def test_weights_that_are_not_those_of_the_hub_are_refused(hub: FakeHub, tmp_path: Path) -> None:
    content = hub.files["model.safetensors"]
    hub.lies["model.safetensors"] = content[:-1] + bytes([content[-1] ^ 1])
    with pytest.raises(BaseModelError, match="not the file that the hub describes"):
        fetch_model(ID, tmp_path / "bert")
    assert not (tmp_path / "bert").exists()


def test_a_config_that_would_run_code_is_refused_before_the_weights(
    hub: FakeHub, tmp_path: Path
) -> None:
    config = json.loads(hub.files["config.json"]) | {"auto_map": {"AutoModel": "modeling.Bert"}}
    hub.files["config.json"] = json.dumps(config).encode()
    with pytest.raises(BaseModelError, match="auto_map"):
        fetch_model(ID, tmp_path / "bert")
    assert "model.safetensors" not in hub.asked
    assert not (tmp_path / "bert").exists()


def test_a_model_without_safetensors_is_refused(hub: FakeHub, tmp_path: Path) -> None:
    del hub.files["model.safetensors"]
    with pytest.raises(BaseModelError, match=r"no model\.safetensors") as caught:
        fetch_model(ID, tmp_path / "bert")
    assert "pickle" in caught.value.hint
    assert "pytorch_model.bin" not in hub.asked


def test_a_file_that_changed_on_the_way_is_named(hub: FakeHub, tmp_path: Path) -> None:
    fetch_model(ID, tmp_path / "bert")
    config = tmp_path / "bert" / "tokenizer_config.json"
    config.write_text(config.read_text() + "\n")
    with pytest.raises(BaseModelError, match=r"tokenizer_config\.json is not the file"):
        resolve_base(str(tmp_path / "bert"))


def test_an_output_with_files_is_left_alone(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "bert").mkdir()
    (tmp_path / "bert" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError):
        fetch_model(ID, tmp_path / "bert")
    assert _files(tmp_path / "bert") == {"mine.txt"}
    assert hub.asked == []


def test_an_id_that_the_hub_lacks_and_an_offline_machine_are_told(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BaseModelError, match="has no model 'nobody/nothing'"):
        fetch_model("nobody/nothing", tmp_path / "bert")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    huggingface_hub.close_session()
    with pytest.raises(BaseModelError, match="HF_HUB_OFFLINE"):
        fetch_model(ID, tmp_path / "bert")
