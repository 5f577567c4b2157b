"""What a bundle has to show before it answers anybody: its probes, asked on this machine."""

from __future__ import annotations

from burnish.errors import BundleError
from burnish.probes.comparison import mismatches
from burnish.probes.texts import probes_for
from burnish.runtime import Model, ModelFaultError

__all__ = ["check_bundle", "replay_probes"]

_SHOWN = 3
"""Mismatches in a message."""


def check_bundle(model: Model) -> None:
    """Ask a loaded model its probes and warm it up.

    Raises:
        BundleError: an answer is not the recorded one; says which, with both figures.
    """
    replay_probes(model)
    model.warm_up()


def replay_probes(model: Model) -> None:
    """Ask the probes, and hold the answers against those that were recorded at export.

    A bundle that has none recorded, of an older export, is asked all the same: one that cannot
    answer fails here.

    Raises:
        BundleError: the model fails, or an answer is not the recorded one; says which, with both
            figures.
    """
    manifest = model.bundle.manifest
    answers = list(model.stream(probes_for(model.task), errors="yield"))
    for answer in answers:
        if isinstance(answer, ModelFaultError) and answer.reason:
            raise BundleError(
                f"{model.bundle.path}: it fails at a neutral sentence: {answer.reason}",
                "export the run again: burnish export RUN -o BUNDLE",
            )
    if manifest.probes is None:
        return
    found = list(mismatches(manifest.probes, answers, manifest.task))
    if found:
        more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
        raise BundleError(
            f"{model.bundle.path}: it does not answer as it did at export: "
            + "; ".join(found[:_SHOWN])
            + more,
            "this processor or this version of onnxruntime computes otherwise: export the run on "
            "this machine, or with --precision fp32",
        )
