"""Switching versions: the new one is loaded and checked in full before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from burnish.bundle import read_bundle
from burnish.errors import BundleError, UsageError
from burnish.self_test.trial import try_bundle
from burnish.signing.trust import Trust

from .contract import Contract
from .promises import promised
from .sources import model_directory
from .versions import Active, check_version, find_active, locked, write_active

__all__ = ["Switch", "activate", "roll_back"]

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Switch:
    """A version that was made active."""

    name: str
    version: str
    former: str
    """What was active before; empty where that cannot be told."""
    digest: str
    probes: int
    """How many were replayed; 0: the bundle has none recorded."""
    labels_change: str = ""
    """Why its labels are others than before, where they are."""


def activate(
    models: Path, name: str, version: str, *, labels_change: str = "", trust: Trust | None = None
) -> Switch:
    """Make a version the active one. A running server follows when it is told to reload.

    Args:
        models: the directory of models.
        name: of a model in it.
        version: of that model.
        labels_change: why it may have other labels than the version that was active; kept.
        trust: whose signature it must have.

    Raises:
        SignatureError: it is not signed by a trusted key; then nothing is written.
        BundleError: there is no such version, it is damaged, it answers otherwise than at export,
            is for another task, or has other labels without a reason; then nothing is written.
        UsageError: the reason is not one line.
    """
    _check_reason(labels_change)
    directory = model_directory(models, name)
    with locked(directory):
        check_version(directory, version)
        before = _active_or_none(directory)
        after = (before or Active(active=version, time="")).switched(version)
        command = f"activate {models} {name} {version}"
        former = _former(before, after)
        return _switch(
            directory,
            before,
            after,
            former=former,
            why=labels_change,
            command=command,
            trust=trust,
        )


def roll_back(
    models: Path, name: str, *, labels_change: str = "", trust: Trust | None = None
) -> Switch:
    """Make the version active that was so before.

    Taking back a recorded change of labels needs no reason; it is recorded too.

    Args:
        models: the directory of models.
        name: of a model in it.
        labels_change: as `activate`.
        trust: as `activate`.

    Raises:
        SignatureError: as `activate`.
        BundleError: there is none in the history, or `activate` would refuse it; then nothing is
            written.
        UsageError: the reason is not one line.
    """
    _check_reason(labels_change)
    directory = model_directory(models, name)
    with locked(directory):
        before = find_active(directory)
        if not before.history:
            raise BundleError(
                f"{directory}: no version was active before {before.active}",
                f"choose one: burnish models activate {models} {name} VERSION",
            )
        after = before.rolled_back()
        why = labels_change or _taken_back(before, after)
        command = f"rollback {models} {name}"
        former = before.active
        return _switch(
            directory, before, after, former=former, why=why, command=command, trust=trust
        )


def _switch(
    directory: Path,
    before: Active | None,
    after: Active,
    *,
    former: str,
    why: str,
    command: str,
    trust: Trust | None,
) -> Switch:
    """Check the version that ``after`` makes active, and write that.

    Args:
        directory: holds the model's versions.
        before: what is active now.
        after: what will be.
        former: the version that was active before.
        why: why labels may change.
        command: what a user types to give that reason.
        trust: whose signature the version must have.
    """
    path, name = check_version(directory, after.active), directory.name
    bundle = read_bundle(path, trust=trust)
    known = promised(directory, before)
    hint = f"if its callers know: burnish models {command} --labels-change 'why'"
    new = Contract.of(bundle.manifest)
    reason = _check_contract(new, known, where=path, name=name, why=why, hint=hint)
    try_bundle(path, digest=bundle.digest)
    write_active(directory, after.promising(new, former=former, labels_change=reason))
    probes = bundle.manifest.probes
    replayed = len(probes.answers) if probes else 0
    return Switch(name, after.active, former, bundle.digest, replayed, reason)


def _former(before: Active | None, after: Active) -> str:
    """What was active before. Where nobody chose it, the newest may be what is activated now."""
    if before is None or before.active != after.active:
        return before.active if before else ""
    return after.history[-1] if before.by_order and after.history else after.active


def _check_contract(
    new: Contract, known: Contract | None, *, where: Path, name: str, why: str, hint: str
) -> str:
    """The reason for a contract's labels where they are others; empty where they are not."""
    if known is None or known == new:
        return ""
    known.check_answers(new, where=where, name=name)
    if not why:
        known.check_labels(new, where=where, hint=hint)
    return why


def _check_reason(reason: str) -> None:
    if len(reason) > _LONGEST_REASON or not reason.isprintable() or (reason and not reason.strip()):
        raise UsageError(
            "the reason of --labels-change is not one line of text",
            f"explain in up to {_LONGEST_REASON} characters why labels change",
        )


def _taken_back(before: Active, after: Active) -> str:
    """The reason of a rollback, where the switch that it takes back had one."""
    last = before.labels_changes[-1] if before.labels_changes else None
    if last is None or (last.version, last.former) != (before.active, after.active):
        return ""
    return f"taken back: {last.reason}"[:_LONGEST_REASON]


def _active_or_none(directory: Path) -> Active | None:
    """What is active; None where ``active.json`` is damaged, which activating fixes."""
    try:
        return find_active(directory)
    except BundleError:
        return None
