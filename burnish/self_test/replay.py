"""What a bundle has to show before it answers anybody: its self-test, on this machine."""

from __future__ import annotations

from burnish.errors import BundleError
from burnish.runtime import Model, ModelFaultError
from burnish.self_test.comparison import mismatches
from burnish.self_test.texts import probes_for

__all__ = ["check_bundle", "replay_probes"]

_SHOWN = 3
"""Mismatches in a message."""


def check_bundle(model: Model) -> None:
    """Run a loaded model's self-test and warm it up.

    Raises:
        BundleError: an answer is not the recorded one; says which, with both figures.
    """
    replay_probes(model)
    model.warm_up()


def replay_probes(model: Model) -> None:
    """Ask the self-test's texts, and compare the answers with those recorded at export.

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
                f"{model.bundle.path}: it fails in its self-test: {answer.reason}",
                "export the run again: burnish export RUN -o BUNDLE",
            )
    if manifest.probes is None:
        return
    found = list(mismatches(manifest.probes, answers, manifest.task))
    if found:
        more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
        raise BundleError(
            f"{model.bundle.path}: its self-test gives other answers than at export: "
            + "; ".join(found[:_SHOWN])
            + more,
            "this processor or this version of onnxruntime gives other numbers: export the run on "
            "this machine, or with --precision fp32",
        )
