"""Every family, whole and with a merged adapter, writes what torch writes, token for token.

``python -m benchmarks.generation`` does the same with 200 texts of each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import onnxruntime
import pytest
import torch
from torch import nn
from torch.onnx.errors import UnsupportedOperatorError

from burnish.errors import BaseModelError, BundleError
from burnish.export.generation import convert_generator, largest_difference, quantize_generator
from burnish.export.generation.fidelity import largest_change
from burnish.export.int8.graph import load_graph
from burnish.generation.layout import DECODER, ENCODER, SHARED, GenerationLayout
from burnish.generation.search import Generation
from burnish.generation.session import Seq2SeqSession
from burnish.torch_models.merging import merge_adapter
from tests.tiny import tiny_config
from tests.tiny_generation import (
    FAMILIES,
    VOCABULARY,
    random_sources,
    roberta_to_roberta,
    settings_of,
    tiny_generator,
    torch_answers,
    with_lora,
)

SOURCES = random_sources(20)
LENGTH = 16


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def built(family: str, method: str) -> Any:
    model = tiny_generator(family)
    return model if method == "full" else merge_adapter(with_lora(model))


def answers(session: Seq2SeqSession, settings) -> list[tuple[int, ...]]:
    return [Generation(session, source, settings).run().ids for source in SOURCES]


@pytest.mark.parametrize("method", ["full", "lora"])
@pytest.mark.parametrize("family", FAMILIES)
def test_graphs_write_what_torch_writes(tmp_path: Path, family: str, method: str) -> None:
    model = built(family, method)
    session = Seq2SeqSession(tmp_path, convert_generator(model, tmp_path))

    for beams in (1, 4):
        settings = settings_of(model, beams=beams, max_length=LENGTH)
        options: Any = {"num_beams": beams, "max_new_tokens": LENGTH, "batch": len(SOURCES)}
        expected = torch_answers(model, SOURCES, **options)
        assert answers(session, settings) == expected
        assert len(set(expected)) > 10


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_are_those_of_torch_at_every_step(tmp_path: Path, family: str) -> None:
    model = tiny_generator(family, scale=0.2)
    session = Seq2SeqSession(tmp_path, convert_generator(model, tmp_path))
    start = model.config.decoder_start_token_id
    pairs = [(source, (start, *source)) for source in SOURCES[:6]]
    assert 0 < largest_difference(model, session, pairs) < 1e-5


def test_a_number_that_is_not_finite_is_an_infinite_difference(tmp_path: Path) -> None:
    model = tiny_generator("marian", scale=0.2)
    session = Seq2SeqSession(tmp_path, convert_generator(model, tmp_path))
    pair = (SOURCES[0], (model.config.decoder_start_token_id, *SOURCES[0]))
    model.get_buffer("final_logits_bias")[..., 7] = float("nan")
    assert largest_difference(model, session, [pair]) == float("inf")
    assert largest_change(model, tiny_generator("marian", scale=0.2), [pair]) == float("inf")


def test_an_adapter_changes_what_is_written() -> None:
    model = tiny_generator("bart")
    options: Any = {"num_beams": 1, "max_new_tokens": LENGTH}
    before = torch_answers(model, SOURCES, **options)
    adapted: Any = merge_adapter(with_lora(model))
    assert torch_answers(adapted, SOURCES, **options) != before


def test_attention_and_answers_of_the_model_are_as_before(tmp_path: Path) -> None:
    model = tiny_generator("encoder-decoder")
    parts: Any = [each for each in model.modules() if hasattr(each, "config")]
    before = [each.config._attn_implementation for each in parts]
    padded = torch.tensor([[*SOURCES[0][:3], 1]])
    mask = torch.tensor([[1, 1, 1, 0]])
    given = {"input_ids": padded, "attention_mask": mask, "decoder_input_ids": padded}
    with torch.inference_mode():
        expected = model(**given).logits
        convert_generator(model, tmp_path)
        assert torch.equal(model(**given).logits, expected)
    assert [each.config._attn_implementation for each in parts] == before


@pytest.mark.parametrize("family", ["marian", "t5", "m2m_100"])
def test_a_table_of_both_graphs_and_the_output_is_stored_once(tmp_path: Path, family: str) -> None:
    convert_generator(tiny_generator(family), tmp_path)

    table = VOCABULARY * 32
    inside = [
        tensor
        for name in (ENCODER, DECODER)
        for tensor in load_graph(tmp_path / name).graph.initializer
        if len(tensor.raw_data) == 4 * table
    ]
    assert inside == []
    assert 4 * table <= (tmp_path / SHARED).stat().st_size < 6 * table


def test_the_graphs_are_plain_onnx(tmp_path: Path) -> None:
    layout = convert_generator(tiny_generator("marian"), tmp_path)
    for name in (ENCODER, DECODER):
        onnx.checker.check_model(str(tmp_path / name))
        kinds = {node.op_type for node in load_graph(tmp_path / name).graph.node}
        assert not kinds & {"If", "Loop", "Where", "IsNaN", "ScatterND"}
    session = onnxruntime.InferenceSession(str(tmp_path / DECODER))
    assert len(session.get_inputs()) == 2 + 4 * layout.layers


def test_the_layout_says_how_long_texts_may_be(tmp_path: Path) -> None:
    limited = convert_generator(tiny_generator("bart"), tmp_path)
    assert (limited.source_positions, limited.target_positions) == (64, 64)
    free = convert_generator(tiny_generator("t5"), tmp_path)
    assert (free.source_positions, free.target_positions) == (None, None)
    sizes = {"source_vocabulary": VOCABULARY, "vocabulary": VOCABULARY}
    assert free == GenerationLayout(layers=2, heads=4, head_size=8, **sizes)


@pytest.mark.parametrize("family", ["bart", "m2m_100", "marian", "encoder-decoder"])
def test_the_longest_text_is_read_and_written_whole(tmp_path: Path, family: str) -> None:
    model = tiny_generator(family, scale=0.2)
    layout = convert_generator(model, tmp_path)
    session = Seq2SeqSession(tmp_path, layout)
    longest = random_sources(1)[0] * 64
    pair = (longest[: layout.source_positions], longest[: layout.target_positions])
    assert len(pair[0]) == len(pair[1]) == 64
    assert largest_difference(model, session, [pair]) < 1e-5


def test_positions_that_begin_after_the_padding_are_fewer(tmp_path: Path) -> None:
    model = roberta_to_roberta()
    layout = convert_generator(model, tmp_path)
    assert (layout.source_positions, layout.target_positions) == (62, 62)
    longest = [5 + place % 90 for place in range(62)]
    session = Seq2SeqSession(tmp_path, layout)
    assert largest_difference(model, session, [(longest, longest)]) < 1e-5


def test_a_model_without_a_cross_attention_is_refused(tmp_path: Path) -> None:
    from transformers import AutoModel

    encoder = AutoModel.from_config(tiny_config("bert", vocabulary=50, padding=0, labels=2))
    with pytest.raises(BaseModelError, match="'bert' model has no decoder"):
        convert_generator(encoder, tmp_path)


def test_what_torch_cannot_trace_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacks(*_: object, **__: object) -> None:
        raise UnsupportedOperatorError("aten::nothing", 18, None)

    monkeypatch.setattr(torch.onnx, "export", lacks)
    with pytest.raises(BaseModelError, match="'t5' model cannot be converted to ONNX"):
        convert_generator(tiny_generator("t5"), tmp_path)


def test_a_graph_that_reads_another_file_is_refused(tmp_path: Path) -> None:
    layout = convert_generator(tiny_generator("marian"), tmp_path)
    model = load_graph(tmp_path / ENCODER)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = "../secret"
    onnx.save(model, str(tmp_path / ENCODER))
    with pytest.raises(BundleError, match="would read another file"):
        Seq2SeqSession(tmp_path, layout)


def test_graphs_that_do_not_fit_the_layout_are_refused(tmp_path: Path) -> None:
    layout = convert_generator(tiny_generator("marian"), tmp_path)
    for wrong in ({"layers": 3}, {"heads": 2}, {"head_size": 4}, {"vocabulary": 99}):
        with pytest.raises(BundleError, match="the manifest says"):
            Seq2SeqSession(tmp_path, layout.model_copy(update=wrong))
    (tmp_path / SHARED).unlink()
    with pytest.raises(BundleError, match="cannot load the graph"):
        Seq2SeqSession(tmp_path, layout)
    (tmp_path / ENCODER).unlink()
    with pytest.raises(BundleError, match="cannot be read"):
        Seq2SeqSession(tmp_path, layout)


@pytest.mark.parametrize("family", ["marian", "mt5", "encoder-decoder"])
def test_int8_is_smaller_and_keeps_its_table_once(tmp_path: Path, family: str) -> None:
    model = tiny_generator(family, scale=0.2)
    plain, small = tmp_path / "fp32", tmp_path / "int8"
    plain.mkdir()
    small.mkdir()
    layout = convert_generator(model, plain)

    quantize_generator(plain, small, least_rows=VOCABULARY)

    session = Seq2SeqSession(small, layout)
    settings = settings_of(model, max_length=LENGTH)
    pairs = [(source, (settings.start_id, *source)) for source in SOURCES[:6]]
    difference = largest_difference(model, session, pairs)
    assert 0 < difference < 0.5 * _spread(model)
    sizes = [sum(each.stat().st_size for each in d.iterdir()) for d in (plain, small)]
    assert sizes[1] < sizes[0]
    assert len(answers(session, settings)) == len(SOURCES)
    kept = [
        tensor
        for name in (ENCODER, DECODER)
        for tensor in load_graph(small / name).graph.initializer
        if tensor.name.endswith("_int8") and tensor.dims[0] == VOCABULARY
    ]
    inside = [each for each in kept if each.raw_data]
    # A decoder of BERT shares its table with its own output alone, and mT5's output has its own.
    assert len(inside) == {"marian": 0, "mt5": 0, "encoder-decoder": 2}[family]


def test_matrices_become_int8_with_a_scale_per_channel(tmp_path: Path) -> None:
    from transformers import MarianConfig, MarianMTModel

    sizes: Any = {"d_model": 128, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128, "vocab_size": 300}
    layers: Any = {"encoder_layers": 1, "decoder_layers": 1, "max_position_embeddings": 40}
    ids: Any = {"pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    torch.manual_seed(0)
    model = MarianMTModel(MarianConfig(**sizes, **layers, **ids, decoder_vocab_size=300)).eval()
    plain, small = tmp_path / "fp32", tmp_path / "int8"
    plain.mkdir()
    small.mkdir()
    layout = convert_generator(model, plain)

    quantize_generator(plain, small, least_rows=300)

    products = [node.op_type for node in load_graph(small / DECODER).graph.node]
    # Self-attention's four, cross-attention's two, two of the inner layer, and the output.
    assert products.count("MatMulInteger") == 9
    assert len([n for n in load_graph(small / ENCODER).graph.node if "Integer" in n.op_type]) == 8
    fp32, int8 = (sum(e.stat().st_size for e in d.iterdir()) for d in (plain, small))
    assert int8 < fp32 / 2.5
    pair = (SOURCES[0], (1, *SOURCES[0]))
    assert 0 < largest_difference(model, Seq2SeqSession(small, layout), [pair]) < 0.05


def _spread(model: nn.Module) -> float:
    ids = torch.tensor([SOURCES[0]])
    with torch.inference_mode():
        logits = model(input_ids=ids, decoder_input_ids=ids).logits
    return float(logits.max() - logits.min())
