"""What a caller means by a model: an object, or the directory of a run or a bundle."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from burnish.bundle import Bundle
    from burnish.data import Columns
    from burnish.run import Run
    from burnish.runtime import Model
    from burnish.signing.trust import Trust

    TrustedKeys = Trust | str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
    Named = str | os.PathLike[str] | Run | Bundle

__all__ = ["columns_of", "found_at", "trusted"]

ModelT = TypeVar("ModelT", bound="Model")


def found_at(model: Named | ModelT, *, trust: TrustedKeys | None = None) -> Run | Bundle | ModelT:
    """The run or bundle, verified; what was loaded already comes back as it is.

    Raises:
        UsageError: the directory is neither, or ``trust`` is given where nothing is signed.
        RunError: the run is damaged or changed.
        BundleError: the bundle is.
        SignatureError: the bundle is not signed by a trusted key.
    """
    from burnish.bundle import MANIFEST, Bundle, read_bundle
    from burnish.errors import UsageError
    from burnish.run import Run, read_run

    if isinstance(model, Bundle | str | os.PathLike):
        path = model.path if isinstance(model, Bundle) else Path(model)
        if (path / MANIFEST).exists():
            return read_bundle(path, trust=trusted(trust))
        if not (path / "record.json").exists():
            raise UsageError(
                f"{path} is neither a run (record.json) nor a bundle ({MANIFEST})", "check the path"
            )
        model = read_run(path)
    if trust is not None and isinstance(model, Run):
        raise UsageError(f"{model.path} is a run, which nobody signs", "leave trust out")
    return model


def columns_of(model: object) -> Columns:
    """The names of the columns that a model was trained on, where that is known."""
    from burnish.data import Columns
    from burnish.run import Run

    if isinstance(model, Run):
        return model.recipe.data.columns_to_score()
    known: Columns = getattr(model, "columns", Columns())  # a bundle that `export` returned
    return known


def trusted(keys: TrustedKeys | None) -> Trust | None:
    """The keys that a caller trusts, read.

    Raises:
        AccessError: a file holds no public key.
    """
    from burnish.signing.trust import Trust

    if keys is None or isinstance(keys, Trust):
        return keys
    return Trust.read([keys] if isinstance(keys, str | os.PathLike) else keys)
