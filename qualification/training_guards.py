"""Guards of a training."""

from __future__ import annotations

import contextlib
from typing import Any

from qualification.guards import guard, replaced


@guard
def weights_alone() -> None:
    """A training goes on with the weights of a checkpoint; the optimizer begins again."""
    from burnish.training.checkpointing.state import restore
    from burnish.training.loop import fitting

    def half(of: Any, tensors: Any, values: Any) -> None:
        fresh = of.optimizer.state_dict()
        restore(of, tensors, values)
        of.optimizer.load_state_dict(fresh)

    replaced(fitting, "restore", half)


@guard
def deaf() -> None:
    """A training does not hear signals."""
    from burnish import interruption

    replaced(interruption.Interruption, "listening", lambda _: contextlib.nullcontext())


@guard
def in_place() -> None:
    """A checkpoint is written over the one before it."""
    import shutil

    from burnish.training.checkpointing import checkpoints, snapshot

    @contextlib.contextmanager
    def straight(final: Any, **_: Any) -> Any:
        for old in final.parent.glob("0*"):
            shutil.rmtree(old)
        final.mkdir()
        yield final

    replaced(snapshot, "staged_directory", straight)
    replaced(checkpoints, "_KEPT", 1)


@guard
def no_lock() -> None:
    """A directory belongs to whoever comes."""
    from burnish import lock

    replaced(lock, "_take", lambda *_: None)
