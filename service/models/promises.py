"""Whether a version may answer a name's callers: its contract against the one that they rely on.

Every way to put a version in service checks here: `models activate` and `rollback`, a reload (of a
version that was activated, is the newest, or was replaced in place), and a start.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from burnish.bundle import Manifest, read_manifest
from burnish.errors import BundleError

from .contract import Contract
from .sources import Candidate, Source
from .versions import Active

__all__ = ["check_former", "check_reloaded", "check_started", "promised"]


def promised(directory: Path, choice: Active | None) -> Contract | None:
    """What the callers of a model rely on; None if that is unknown.

    If nobody has activated a version, the oldest one decides, because servers may have refused
    several newer ones for their task or labels.

    Args:
        directory: holds the model's versions.
        choice: which version is active.
    """
    if choice is None or choice.contract is not None:
        return choice.contract if choice else None
    if choice.by_order:
        return _first(directory / each for each in choice.history)
    return _first(directory / each for each in (choice.active, *reversed(choice.history)))


def check_reloaded(
    source: Source, candidate: Candidate, new: Manifest, *, served: Manifest, name: str
) -> None:
    """Refuse to replace the bundle in service by one that its callers do not expect.

    Other labels are accepted if `models activate` has recorded them.

    Raises:
        ContractError: the bundle is for another task, or has labels that nobody has accepted.
    """
    contract, before = Contract.of(new), Contract.of(served)
    before.check_answers(contract, where=candidate.path, name=name)
    accepted = candidate.choice.contract if candidate.choice else None
    if accepted is None or accepted.labels != contract.labels:
        before.check_labels(contract, where=candidate.path, hint=_hint(source, candidate))


def check_started(source: Source, candidate: Candidate, new: Manifest, *, name: str) -> None:
    """Refuse a version at the start if callers expect something else, by what was active before.

    A version that a person activated with burnish 0.1, which kept no contract, is accepted.

    Raises:
        ContractError: as `check_reloaded`.
    """
    before = promised(source.path, candidate.choice)
    if before is None:
        return
    contract = Contract.of(new)
    before.check_answers(contract, where=candidate.path, name=name)
    before.check_labels(contract, where=candidate.path, hint=_hint(source, candidate))


def check_former(source: Source, former: Candidate, wanted: Contract | None, new: Manifest) -> None:
    """Refuse to start with a former version whose task is not that of the active one.

    Raises:
        ContractError: it is for another task.
    """
    if wanted is not None:
        wanted.check_answers(Contract.of(new), where=former.path, name=source.name)


def _hint(source: Source, candidate: Candidate) -> str:
    if not source.has_versions:
        return (
            "a single bundle keeps no record of its labels: restart the server to serve it anyway, "
            "or give it versions (docs/how-to/models.md)"
        )
    return (
        f"if its callers know: burnish models activate {source.path.parent} {source.name} "
        f"{candidate.version} --labels-change 'why'"
    )


def _first(paths: Iterable[Path]) -> Contract | None:
    """The contract of the first bundle whose manifest can be read."""
    for path in paths:
        try:
            return Contract.of(read_manifest(path)[0])
        except (BundleError, OSError):
            continue
    return None
