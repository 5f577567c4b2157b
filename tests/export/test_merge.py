from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file, save_file

from burnish.errors import RunError
from burnish.export.answers import largest_difference
from burnish.run import read_run
from burnish.torch_models.checkpoint import has_adapter, load_run_model
from burnish.torch_models.logits import predict_logits
from burnish.torch_models.merging import merge_adapter

TEXT = "my card was late please wait"


def logits(model, run):
    task = run.record.task
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    return predict_logits(model, task, [task.encode(TEXT, encoder)])


@pytest.mark.parametrize("pooling", ["native", "mean"])
def test_merging_keeps_every_tensor_that_the_base_lacks(make_run, pooling):
    # The base is a masked language model: it has no pooler, and of course no head.
    run = read_run(make_run(method="lora", pooling=pooling))
    model = load_run_model(run)
    assert has_adapter(model)
    names = set(load_file(run.path / "model" / "adapter_model.safetensors"))
    assert any("classifier" in name for name in names)
    assert any("pooler" in name for name in names) == (pooling == "native")
    before = logits(model, run)
    merged = merge_adapter(model)
    assert not has_adapter(merged)
    assert largest_difference(before, logits(merged, run)) < 1e-5
    assert not any("lora" in name for name, _ in merged.named_parameters())


def test_merging_moves_what_the_adapter_learnt_into_the_weights(make_run, tmp_path):
    run = read_run(make_run(method="lora", pooling="mean"))
    model = load_run_model(run)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            if "lora_B" in name:
                tensor.normal_(std=0.3)
    before = logits(model, run)
    merged = merge_adapter(model)
    assert largest_difference(before, logits(merged, run)) < 1e-4
    assert largest_difference(before, logits(load_run_model(run), run)) > 1e-2


def test_a_model_without_adapter_is_left_alone(make_run):
    run = read_run(make_run())
    model = load_run_model(run)
    assert merge_adapter(model) is model


def test_a_merge_in_half_precision_is_refused(make_run):
    model = load_run_model(read_run(make_run(method="lora", pooling="mean"))).to(torch.bfloat16)
    with pytest.raises(RunError, match=r"torch\.bfloat16, not fp32"):
        merge_adapter(model)


def test_an_adapter_on_other_weights_is_refused(make_run, tmp_path):
    run = read_run(make_run(method="lora", pooling="mean"))
    base = run.path.parent / "base" / "model.safetensors"
    original = base.read_bytes()
    try:
        tensors = load_file(base)
        name = next(iter(tensors))
        tensors[name] = tensors[name] + 0.01
        save_file(tensors, base, metadata={"format": "pt"})
        with pytest.raises(RunError, match="adapter to a base model with SHA-256"):
            load_run_model(run)
    finally:
        base.write_bytes(original)
