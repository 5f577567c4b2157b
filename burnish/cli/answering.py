"""A run or a bundle that answers labelled rows, for the commands that take either."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from burnish.bundle import MANIFEST, read_bundle
from burnish.cli.extras import needs_extra
from burnish.cli.trust import trust_of
from burnish.data import Rows
from burnish.errors import UsageError
from burnish.run import read_run
from burnish.signing.trust import Trust
from burnish.tasks import Task
from burnish.tasks.answered import Answered

__all__ = ["AnsweringModel", "answering_model"]

Answer = Callable[[Rows], Answered]


def answering_model(path: Path, arguments: argparse.Namespace) -> AnsweringModel:
    """The run or the bundle in a directory, of a command with ``--trust``.

    Raises:
        UsageError: it is neither; or it is a run, and ``--trust`` is given.
        BundleError, RunError: it is damaged.
        SignatureError: it is a bundle that no trusted key signed.
    """
    model = AnsweringModel(path, trust=trust_of(arguments))
    if arguments.trust and not model.is_bundle:
        raise UsageError(f"{path} is a run, which nobody signs", "leave --trust out")
    return model


class AnsweringModel:
    """A run or a bundle, and what it was trained for; raises as `answering_model`."""

    def __init__(self, path: Path, *, trust: Trust | None) -> None:
        self.is_bundle = (path / MANIFEST).exists()
        self.files = path
        """The directory of what has to be there to answer."""
        if self.is_bundle:
            self._bundle = read_bundle(path, trust=trust)
            manifest = self._bundle.manifest
            self.task: Task = manifest.task
            self.out_of_scope: str | None = manifest.metrics.get("out_of_scope", {}).get("label")
        elif (path / "record.json").exists():
            self._run = read_run(path)
            self.task = self._run.record.task
            self.out_of_scope = self._run.recipe.data.out_of_scope
            self.files = path / "model"
        else:
            raise UsageError(
                f"{path} is neither a run (record.json) nor a bundle ({MANIFEST})",
                "check the path",
            )

    def loaded(
        self, *, threads: int | None = None, progress: bool = False
    ) -> AbstractContextManager[Answer]:
        """The model in memory: a function from labelled rows to its answers.

        Args:
            threads: inputs that a bundle answers at once; a run has its training's.
            progress: show a bar on stderr, for a bundle.

        Raises:
            BundleError, RunError: a file was changed.
            MissingExtraError: it is a run, and the extra ``train`` is not installed.
        """
        if self.is_bundle:
            return self._loaded_bundle(threads=threads, progress=progress)
        with needs_extra("train"):
            from burnish.training import loaded_run
        return loaded_run(self._run)

    @contextmanager
    def _loaded_bundle(self, *, threads: int | None, progress: bool) -> Iterator[Answer]:
        from burnish.runtime.scoring import loaded_bundle

        with loaded_bundle(self._bundle, threads=threads, progress=progress) as answer:
            yield answer
