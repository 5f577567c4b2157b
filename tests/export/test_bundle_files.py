"""What lies in a bundle: these files, no pickle, no text of the rows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from burnish.bundle import read_bundle
from burnish.export import export_run
from burnish.export.files import write_tokenizer
from burnish.run import read_run
from tests.export.test_export import LOOSE, inputs_of


@pytest.mark.parametrize("task", ["classification", "extraction", "qa"])
def test_a_bundle_holds_no_text_of_the_rows_and_no_path_of_the_machine(make_run, tmp_path, task):
    run = make_run(task)
    bundle = export_run(run, tmp_path / "b", budgets=LOOSE)
    texts = [value for row in inputs_of(read_run(run), "train") for value in _texts(row)]
    grams = {g for text in texts for g in _grams(text)}
    assert len(grams) > 10
    for file in sorted(bundle.path.iterdir()):
        content = file.read_bytes().decode("utf-8", errors="ignore")
        assert not [gram for gram in grams if gram in content], file.name
        assert str(run.parent) not in content, file.name


def _texts(row):
    return [value for value in row.values() if isinstance(value, str)]


def _grams(text):
    words = text.split()
    return {" ".join(words[i : i + 8]) for i in range(len(words) - 7)}


def test_a_bundle_is_these_files_and_no_pickle(make_run, tmp_path):
    bundle = export_run(make_run(), tmp_path / "My bundle (2)", precision="fp32")
    names = {path.name for path in bundle.path.iterdir()}
    wanted = {"manifest.json", "model.onnx", "tokenizer.json", "config.json", "README.md"}
    wanted |= {"tokenizer_config.json", "special_tokens_map.json"}
    wanted |= {"sbom.cdx.json", "vex.cdx.json"}
    assert names == wanted
    assert bundle.manifest.name == "My-bundle-2"
    assert bundle.manifest.base_model["name"] == "base"
    assert bundle.manifest.run_digest == read_run(make_run()).digest
    tokenizer = json.loads(bundle.tokenizer_path.read_bytes())
    assert tokenizer["truncation"] is None
    assert tokenizer["padding"] is None
    config = json.loads((bundle.path / "config.json").read_bytes())
    assert config["id2label"] == {"0": "money", "1": "parcel"}
    assert "_name_or_path" not in config
    assert bundle.card.startswith('---\nbase_model: "base"\npipeline_tag: text-classification\n')
    assert "| onnx_equals_torch |" in bundle.card


@pytest.mark.parametrize("task", ["classification", "extraction", "qa"])
def test_transformers_tokenizes_as_the_bundle_does_whatever_the_base_was_called(
    make_run, tmp_path, task
):
    run = Path(shutil.copytree(make_run(task), tmp_path / "run"))
    for name in ("config.json", "tokenizer_config.json"):  # of a cased BERT, lowercased by default
        (run / "model" / name).unlink(missing_ok=True)
    document = json.loads((run / "model" / "tokenizer.json").read_bytes())
    document["normalizer"]["lowercase"] = False
    (run / "model" / "tokenizer.json").write_text(json.dumps(document))
    names = ("input_ids", "attention_mask")
    (tmp_path / "b").mkdir()
    write_tokenizer(run / "model", tmp_path / "b", max_length=32, inputs=names)
    (tmp_path / "b" / "config.json").write_text('{"model_type": "bert"}')

    theirs = AutoTokenizer.from_pretrained(tmp_path / "b")
    ours = Tokenizer.from_file(str(tmp_path / "b" / "tokenizer.json"))
    for text in ("My CARD is late", "my card", "a" * 300):
        assert theirs(text)["input_ids"] == ours.encode(text).ids
    assert set(theirs("a")) == set(names)
    assert theirs.model_max_length == 32


def test_a_bundle_names_its_window_and_its_special_tokens(make_run, tmp_path):
    bundle = export_run(make_run(), tmp_path / "b", precision="fp32")
    theirs = AutoTokenizer.from_pretrained(bundle.path)
    assert theirs.model_max_length == bundle.manifest.task.max_length
    assert (theirs.pad_token, theirs.cls_token, theirs.sep_token) == ("[PAD]", "[CLS]", "[SEP]")
    assert tuple(theirs.model_input_names) == bundle.manifest.inputs
    special = json.loads((bundle.path / "special_tokens_map.json").read_bytes())
    assert special["pad_token"] == "[PAD]"


def test_the_bundle_that_is_written_can_be_read_elsewhere(make_run, tmp_path):
    bundle = export_run(make_run(), tmp_path / "b", precision="fp32")
    copy = Path(shutil.copytree(bundle.path, tmp_path / "copy"))
    assert read_bundle(copy).digest == bundle.digest
