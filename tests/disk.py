"""What was brought to the disk, and when: after a power cut, a new name leads to whole content."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

__all__ = ["Disk"]


@dataclass
class Disk:
    """Watches ``os.fsync`` and ``os.replace``; both go on as ever."""

    unsynced: list[Path] = field(default_factory=list)
    """Files and directories that were renamed before they were on the disk."""
    renamed: list[Path] = field(default_factory=list)
    """The new names."""
    unsynced_names: set[Path] = field(default_factory=set)
    """New names whose directory was not brought to the disk since."""

    @classmethod
    def watched(cls, monkeypatch: pytest.MonkeyPatch) -> Disk:
        """Begin to watch."""
        disk, synced = cls(), set[Path]()
        fsync, replace = os.fsync, os.replace

        def watch_sync(descriptor: int) -> None:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            synced.add(path)
            disk.unsynced_names -= {each for each in disk.unsynced_names if each.parent == path}
            fsync(descriptor)

        def watch_replace(source: Path, target: Path) -> None:
            moved = Path(source)
            disk.unsynced += [each for each in (moved, *moved.rglob("*")) if each not in synced]
            replace(source, target)
            disk.renamed.append(Path(target))
            disk.unsynced_names.add(Path(target))

        monkeypatch.setattr(os, "fsync", watch_sync)
        monkeypatch.setattr(os, "replace", watch_replace)
        return disk
