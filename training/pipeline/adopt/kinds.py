"""The kinds of checkpoint that can be adopted, and how each is told from its files."""

from __future__ import annotations

from pathlib import Path

from burnish.errors import BaseModelError, UsageError
from burnish.tasks.heads import Head

from .adapter import find_adapter, is_adapter
from .found import Found
from .plain import find_plain
from .setfit import find_setfit, is_setfit

__all__ = ["find_checkpoint"]


def find_checkpoint(source: str, *, base: str | None, revision: str | None, head: Head) -> Found:
    """Find a checkpoint, tell its kind, and vet it.

    Args:
        source: a directory, or a hub id.
        base: the base of an adapter.
        revision: the hub's commit, branch or tag.
        head: of the task.

    Raises:
        BaseModelError: it is refused, or it is not a checkpoint.
        UsageError: a base is given for what stands on its own, or the task is one of scores.
    """
    if head is Head.SCORE:
        raise UsageError(
            f"{source}: burnish adopts models that give labels, entities or answers, not scores",
            "if the rows hold labels, name their task: --task classification; to tune a model of "
            "scores: burnish train, with this base_model",
        )
    path = Path(source).expanduser()
    if path.is_dir():
        path = path.resolve()
        if is_adapter(path):
            return find_adapter(path, source=source, base=base, revision=revision, head=head)
        _check_run(path, source=source)
    if base is not None:
        raise UsageError(
            f"{source} is not an adapter: it has no adapter_config.json", "leave --base out"
        )
    if not path.is_dir():
        return find_plain(None, source=source, revision=revision, head=head)
    if is_setfit(path):
        return find_setfit(path, source=source, head=head)
    return find_plain(path, source=source, revision=revision, head=head)


def _check_run(path: Path, *, source: str) -> None:
    """Refuse directories that lie one level above or beside a checkpoint."""
    if (path / "record.json").exists():
        raise BaseModelError(
            f"{source} is a run of burnish already", f"export it: burnish export {source} -o BUNDLE"
        )
    if (path / "config.json").exists():
        return
    inner = sorted(each.parent.name for each in path.glob("*/config.json"))
    if inner:
        raise BaseModelError(
            f"{source} has no config.json; its directories {', '.join(inner[:5])} have one",
            f"choose one, for example {source.rstrip('/')}/{inner[-1]}",
        )
