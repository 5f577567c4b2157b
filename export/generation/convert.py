"""From an encoder-decoder of torch to two ONNX graphs that a search runs step by step.

*The encoder's graph* takes one text and gives each decoder layer's keys and values of it, so that
these are computed once for a text. *The decoder's graph* takes one token a beam, the beam of the
step before that each one continues, the keys and values of the source and those of the tokens
written so far; it gives logits and the grown cache. It serves the first step too, with a cache of
length 0, so there is no second graph and no ``If``. Both attend without masks: a text is run alone,
and each step has one query.

No family is named here: the cross-attention's keys and values are what the library's own cache
holds after one decoder token, and the tracer leaves out whatever does not lead to them.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.onnx import OnnxExporterError
from transformers import PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

from burnish.errors import BaseModelError
from burnish.generation.layout import (
    DECODER,
    ENCODER,
    GenerationLayout,
    cache_names,
)
from burnish.torch_models.architecture import longest_input
from burnish.torch_models.base_files import first_line
from burnish.torch_models.quiet import quiet

from ..convert import OPSET
from .attention import unmasked_attention
from .cache import States, empty_cache, filled_cache, states
from .sharing import share_weights

__all__ = ["convert_generator"]

_BEAMS, _PAST_BEAMS, _WRITTEN, _SOURCE = 3, 2, 5, 7
"""Of what is traced. None may be 1, which the tracer would take for a constant."""


def convert_generator(model: PreTrainedModel, directory: Path) -> GenerationLayout:
    """Write an encoder-decoder as ``encoder.onnx``, ``decoder.onnx`` and their shared weights.

    Args:
        model: any encoder-decoder of transformers with a cache, its adapter merged, in fp32; it is
            put into ``eval`` mode.
        directory: an existing directory for the files.

    Returns:
        What a session needs to know of the graphs.

    Raises:
        BaseModelError: the model is not an encoder-decoder, or torch cannot convert its
            architecture.
        BundleError: a graph is larger than a single ONNX file can be.
    """
    family = model.config.model_type
    if not model.config.is_encoder_decoder:
        raise BaseModelError(
            f"a {family!r} model has no decoder that reads a source text",
            "choose an encoder-decoder, such as Marian, T5, BART or M2M-100",
        )
    model.eval()  # type: ignore[no-untyped-call]
    with unmasked_attention(model), torch.no_grad():
        source = torch.arange(_SOURCE)[None] % 3 + 3
        encoder = _Encoder(model)
        cross = encoder(source)
        decoder = _Decoder(model, layers=len(cross) // 2)
        own = tuple(each[:, :, :_WRITTEN].repeat(_PAST_BEAMS, 1, 1, 1) for each in cross)
        tokens = torch.arange(_BEAMS) % 3 + 3
        beams = torch.arange(_BEAMS) % _PAST_BEAMS
        layers = len(cross) // 2
        try:
            _export_encoder(encoder, source, directory / ENCODER, layers)
            _export_decoder(decoder, (tokens, beams, *cross, *own), directory / DECODER, layers)
        except OnnxExporterError as error:
            raise BaseModelError(
                f"a {family!r} model cannot be converted to ONNX: {first_line(error)}"
            ) from error
        logits = decoder(tokens, beams, *cross, *own)[0]
    share_weights(directory)
    encoded: Any = model.get_encoder()
    written: Any = model.get_decoder()  # type: ignore[no-untyped-call]
    return GenerationLayout(
        layers=layers,
        heads=cross[0].shape[1],
        head_size=cross[0].shape[3],
        source_vocabulary=encoded.get_input_embeddings().num_embeddings,
        vocabulary=logits.shape[1],
        source_positions=longest_input(encoded, encoded.config),
        target_positions=longest_input(written, written.config),
    )


class _Encoder(nn.Module):
    """A source text in, the keys and values of each cross-attention out."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor) -> States:
        cache = empty_cache()
        start = torch.zeros((1, 1), dtype=torch.long)
        self.model(input_ids=input_ids, decoder_input_ids=start, cache=cache, use_cache=True)
        return states(cache.cross_attention_cache)


class _Decoder(nn.Module):
    """One step: a token a beam in, logits and the grown cache out."""

    def __init__(self, model: PreTrainedModel, *, layers: int) -> None:
        super().__init__()
        self.model = model
        self.tensors = 2 * layers

    def forward(self, tokens: torch.Tensor, beams: torch.Tensor, *cached: torch.Tensor) -> States:
        cross, own = cached[: self.tensors], cached[self.tensors :]
        cache = filled_cache([each.index_select(0, beams) for each in own], cross)
        # Only the library's checks look at it: the cross-attention has its keys and values.
        encoded = BaseModelOutput(last_hidden_state=torch.zeros(1, 2, self._encoder_width()))
        output = self.model(
            encoder_outputs=encoded, decoder_input_ids=tokens[:, None], cache=cache, use_cache=True
        )
        return output.logits[:, 0], *states(cache.self_attention_cache)

    def _encoder_width(self) -> int:
        config: Any = self.model.get_encoder().config
        return int(config.hidden_size)


def _export_encoder(encoder: nn.Module, source: torch.Tensor, target: Path, layers: int) -> None:
    names = cache_names("cross", layers)
    axes: dict[str, dict[int, str]] = {"input_ids": {1: "source_length"}}
    axes.update({name: {2: "source_length"} for name in names})
    _export(encoder, (source,), target, ["input_ids"], list(names), axes)


def _export_decoder(
    decoder: nn.Module, given: tuple[torch.Tensor, ...], target: Path, layers: int
) -> None:
    cross, past, present = (cache_names(kind, layers) for kind in ("cross", "past", "present"))
    axes: dict[str, dict[int, str]] = {
        "tokens": {0: "beams"},
        "beams": {0: "beams"},
        "logits": {0: "beams"},
        **{name: {2: "source_length"} for name in cross},
        **{name: {0: "past_beams", 2: "written"} for name in past},
        **{name: {0: "beams", 2: "written_now"} for name in present},
    }
    inputs = ["tokens", "beams", *cross, *past]
    _export(decoder, given, target, inputs, ["logits", *present], axes)


def _export(
    traced: nn.Module,
    given: Sequence[torch.Tensor],
    target: Path,
    inputs: list[str],
    outputs: list[str],
    axes: dict[str, dict[int, str]],
) -> None:
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's: the graphs are compared with the model
        torch.onnx.export(
            traced.eval(),
            tuple(given),
            str(target),
            dynamo=False,
            opset_version=OPSET,
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=axes,
        )
