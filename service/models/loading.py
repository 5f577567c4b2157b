"""Loading one bundle: room for it, every byte of it verified, its probes asked, warmed up."""

from __future__ import annotations

from collections.abc import Collection

from burnish.errors import BurnishError
from burnish.runtime import Model, Workers, load_model

from .checks import check_bundle
from .memory import check_room, memory_need
from .served import ServedModel
from .sources import Candidate, Source

__all__ = ["load_served", "reason_of"]


def load_served(
    source: Source,
    candidate: Candidate,
    *,
    workers: Workers,
    limit: int | None,
    beside: Collection[ServedModel],
) -> ServedModel:
    """Load a bundle and check all of it; nothing that is served is touched.

    Args:
        source: gives the name.
        candidate: the bundle.
        workers: compute for every model.
        limit: of the process's memory, in bytes.
        beside: models that are loaded; equal parts are shared with them.

    Raises:
        BundleError: it is damaged, or answers otherwise than at export.
        MemoryLimitError: there is no room for it.
    """
    if limit is not None:
        loaded = {digest for each in beside for digest in _digests(each.model)}
        need = memory_need(candidate.path, threads=workers.threads, loaded=loaded)
        check_room(candidate.path, need, limit=limit)
    model = load_model(candidate.path, workers=workers)
    check_bundle(model)
    bundle = model.bundle
    name = source.name or bundle.manifest.name
    return ServedModel(name, candidate.version, model, bundle.digest, candidate.path, bundle.card)


def reason_of(error: BaseException) -> str:
    """An error on one line, with its hint: for a log, where no text may begin a line of its own."""
    known = isinstance(error, BurnishError)
    text = str(error) if known else f"{type(error).__name__}: {error}"
    one_line = " ".join(text.split())
    return "".join(each if each.isprintable() else "?" for each in one_line)


def _digests(model: Model) -> set[str]:
    files = model.bundle.manifest.files
    return {files["model.onnx"].sha256, files["tokenizer.json"].sha256}
