"""Models that write: encoder-decoders as they are, and encoders that became both halves of one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, EncoderDecoderModel

from burnish.errors import BaseModelError, ConfigError
from burnish.tasks import TranslationTask
from burnish.tasks.windows import Encoding
from burnish.torch_models.base import BaseModel, resolve_base
from burnish.torch_models.build import build_model, input_names, is_writer
from burnish.torch_models.logits import predict_logits
from burnish.torch_models.writers import open_writer, save_writer, settle_task
from tests.tiny import tiny_base
from tests.tiny_generation import BEGIN, tiny_generator

FAMILIES = ("t5", "mt5", "bart", "mbart", "m2m_100", "pegasus", "marian")
TEXTS = ("my card is lost", "where is my parcel", "a", "the invoice was late " * 3)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A base a family; the encoder-decoders have the tokenizer of an XLM-R."""
    place = tmp_path_factory.mktemp("bases")
    found = {family: tiny_base(place / family, family) for family in ("bert", "xlm-roberta")}
    for family in FAMILIES:
        model = tiny_generator(family, scale=0.2)
        model.generation_config.eos_token_id = 2
        model.save_pretrained(place / family)
        shutil.copyfile(found["xlm-roberta"] / "tokenizer.json", place / family / "tokenizer.json")
        found[family] = place / family
    return found


def settled(base: BaseModel, **options: Any) -> TranslationTask:
    task = settle_task(TranslationTask(max_length=32, longest=12, **options), base)
    assert isinstance(task, TranslationTask)
    return task


def encodings(task: TranslationTask, base: BaseModel) -> list[Encoding]:
    encoder = task.text_encoder(base.path / "tokenizer.json")
    return [task.encode(text, encoder) for text in TEXTS]


@pytest.mark.parametrize("family", ["bert", "xlm-roberta", *FAMILIES])
def test_a_saved_model_writes_what_it_wrote(
    places: dict[str, Path], tmp_path: Path, family: str
) -> None:
    base = resolve_base(str(places[family]))
    task = settled(base)
    model: Any = build_model(base, task, pooling="native", seed=0).module
    assert is_writer(model)
    assert input_names(model) == ("input_ids", "attention_mask", "decoder_input_ids")
    save_writer(model, tmp_path / "saved")
    again = open_writer(tmp_path / "saved", task)
    theirs: Any = AutoModelForSeq2SeqLM
    if isinstance(model, EncoderDecoderModel):
        theirs = EncoderDecoderModel
    other = theirs.from_pretrained(tmp_path / "saved").eval()
    read = encodings(task, base)
    wanted = predict_logits(model, task, read)
    for found in (predict_logits(again, task, read), predict_logits(other, task, read)):
        for one, two in zip(wanted, found, strict=True):
            np.testing.assert_array_equal(one[0], two[0])


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("family", ["bert", "marian", "t5"])
def test_an_answer_is_the_same_alone_and_among_others(
    places: dict[str, Path], family: str, beams: int
) -> None:
    base = resolve_base(str(places[family]))
    task = settled(base, beams=beams)
    model = build_model(base, task, pooling="native", seed=0).module
    read = encodings(task, base)
    together = predict_logits(model, task, read)
    for encoding, (array,) in zip(read, together, strict=True):
        ((alone,),) = predict_logits(model, task, [encoding])
        np.testing.assert_array_equal(alone[:, 0], array[:, 0])
        np.testing.assert_allclose(alone[:, 1], array[:, 1], atol=1e-4)
        assert 1 <= len(array) <= task.most_tokens(encoding.windows[0])


def test_the_probabilities_are_those_of_the_tokens_before(places: dict[str, Path]) -> None:
    base = resolve_base(str(places["marian"]))
    task = settled(base)
    model: Any = build_model(base, task, pooling="native", seed=0).module.eval()
    encoding = encodings(task, base)[0]
    ((array,),) = predict_logits(model, task, [encoding])
    ids = [int(each) for each in array[:, 0]]
    assert task.generation is not None
    with torch.inference_mode():
        logits = model(
            input_ids=torch.from_numpy(encoding.windows[0].input_ids)[None],
            decoder_input_ids=torch.tensor([[task.generation.start_id, *ids[:-1]]]),
        ).logits[0]
    own = torch.log_softmax(logits, -1)[range(len(ids)), ids]
    np.testing.assert_allclose(array[:, 1], own.numpy(), atol=1e-5)


def test_both_halves_of_an_encoder_share_one_table(places: dict[str, Path]) -> None:
    base = resolve_base(str(places["bert"]))
    built = build_model(base, settled(base), pooling="native", seed=0)
    model: Any = built.module
    table = model.encoder.get_input_embeddings().weight
    assert model.decoder.get_input_embeddings().weight is table
    assert model.decoder.get_output_embeddings().weight is table
    assert any("crossattention" in name for name in built.missing)
    assert set(built.missing) <= {name for name, _ in model.named_parameters()}
    own = {name for name, _ in model.named_parameters() if "crossattention" not in name}
    assert not any("embeddings" in name for name in built.missing)
    assert own - set(built.missing)


def test_a_text_starts_and_ends_as_the_base_says(places: dict[str, Path]) -> None:
    of = {name: settled(resolve_base(str(places[name]))).generation for name in ("bert", "marian")}
    tokens = settled(resolve_base(str(places["bert"]))).text_encoder(
        places["bert"] / "tokenizer.json"
    )
    assert of["bert"] is not None
    assert (of["bert"].start_id, of["bert"].end_ids) == (
        tokens.id_of("[CLS]"),
        (tokens.id_of("[SEP]"),),
    )
    assert of["marian"] is not None
    assert of["marian"].end_ids == (2,)


def test_a_base_of_several_languages_needs_one(places: dict[str, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(places["mbart"], tmp_path / "mbart"))
    for name in ("config.json", "generation_config.json"):
        document = json.loads((copy / name).read_text())
        document["decoder_start_token_id"] = None
        (copy / name).write_text(json.dumps(document))
    base = resolve_base(str(copy))
    with pytest.raises(ConfigError, match="starts a text with the token of its language"):
        settled(base)
    with pytest.raises(ConfigError, match="no token 'xx_YY' for a language"):
        settled(base, target_language="xx_YY")


def test_a_base_that_says_nothing_of_its_end_is_refused(
    places: dict[str, Path], tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(places["t5"], tmp_path / "t5"))
    (copy / "generation_config.json").unlink()
    document = json.loads((copy / "config.json").read_text())
    document["eos_token_id"] = None
    (copy / "config.json").write_text(json.dumps(document))
    with pytest.raises(BaseModelError, match="do not say how a text starts and ends"):
        settled(resolve_base(str(copy)))


def test_weights_that_lack_a_layer_are_refused(places: dict[str, Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    copy = Path(shutil.copytree(places["marian"], tmp_path / "marian"))
    tensors = load_file(copy / "model.safetensors")
    gone = next(name for name in tensors if "decoder.layers.1.fc1" in name)
    del tensors[gone]
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    base = resolve_base(str(copy))
    with pytest.raises(BaseModelError, match="lack 1 tensors"):
        build_model(base, settled(base), pooling="native", seed=0)


def test_the_habits_of_the_base_are_not_the_tasks(places: dict[str, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(places["bart"], tmp_path / "bart"))
    document = json.loads((copy / "generation_config.json").read_text())
    document.update(num_beams=4, min_length=30, length_penalty=2.0, bos_token_id=BEGIN)
    (copy / "generation_config.json").write_text(json.dumps(document))
    plain, other = resolve_base(str(places["bart"])), resolve_base(str(copy))
    task = settled(plain)
    models = [build_model(base, task, pooling="native", seed=0).module for base in (plain, other)]
    one, two = (predict_logits(model, task, encodings(task, plain)) for model in models)
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first[0], second[0])
