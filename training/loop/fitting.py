"""Fitting a model with a loop: score its epochs, write checkpoints, and resume from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from burnish.errors import StoppedError
from burnish.notify import Notify

from ..checkpointing.checkpoints import Checkpoints
from ..checkpointing.state import capture, restore
from .epoch_scores import ScoreEpoch
from .history import Epoch, History, ProgressBar, Watcher
from .loop import TrainingLoop
from .pace import Pace, StepPace

__all__ = ["Watch", "fit", "nothing", "practise", "unwatched"]


Watch = Callable[[Epoch], None]


def nothing() -> None:
    """Begin with the weights that were scored."""


def unwatched(epoch: Epoch) -> None:
    """Let every training go on."""
    del epoch


def fit(
    loop: TrainingLoop,
    *,
    score: ScoreEpoch,
    slack: float,
    checkpoints: Checkpoints,
    progress: bool,
    say: Notify,
    start_score: ScoreEpoch | None = None,
    begin: Callable[[], None] = nothing,
    watch: Watch = unwatched,
) -> History:
    """Train a model in place, from its newest checkpoint on, and keep its best epoch's weights.

    Args:
        loop: the model, and how it is trained.
        score: called before the first step and after every epoch; more is better.
        slack: by how much a score may be higher by chance.
        checkpoints: those of this stage; ``log.jsonl`` is written beside them.
        progress: whether to show a bar on stderr.
        say: called with every epoch's score.
        start_score: replaces ``score`` before the first step.
        begin: called between that score and the first step.
        watch: called after every scored epoch; what it raises ends the training.

    Raises:
        DivergedError: the loss is not a finite number.
        StoppedError: a signal came; a checkpoint was written.
    """
    with (
        Watcher(loop, score, slack=slack, directory=checkpoints.directory, say=say) as watcher,
        closing(ProgressBar(loop.steps, shown=progress)) as bar,
        checkpoints.stop.deferred(),
    ):
        if not _resume(loop, checkpoints, say, watcher):
            with _kept_when_stopped(loop, checkpoints, watcher):
                pace = Pace(loop, say=say, shown=progress)
                with checkpoints.stop.at_once():
                    watcher.begin(start_score)
                if not loop.done:
                    begin()
                _go_on(loop, watcher, checkpoints, bar, pace, watch)
            checkpoints.finish({"watcher": watcher.state()}, best=watcher.best)
        loop.thawing.end()
        watcher.restore_best()
    return watcher.history


def practise(loop: TrainingLoop, *, checkpoints: Checkpoints, progress: bool, say: Notify) -> None:
    """Go through a loop's features without scores: no epoch is chosen.

    Args:
        loop: the model, made-up rows, and settings with a learning rate schedule of their own.
        checkpoints: those of this stage.
        progress: whether to show a bar on stderr.
        say: called with a line where it resumes.

    Raises:
        DivergedError: the loss is not a finite number.
        StoppedError: a signal came; a checkpoint was written.
    """
    with closing(ProgressBar(loop.steps, shown=progress)) as bar, checkpoints.stop.deferred():
        _resume(loop, checkpoints, say)
        bar.skip(loop.done)
        pace = StepPace(loop.steps, done=loop.done, say=say, shown=progress)
        with _kept_when_stopped(loop, checkpoints):
            for step in loop.run():
                bar.saw(step.epoch, step.loss)
                pace.saw(step.number)
                _after_step(loop, checkpoints)
        _keep(loop, checkpoints)


def _go_on(
    loop: TrainingLoop,
    watcher: Watcher,
    checkpoints: Checkpoints,
    bar: ProgressBar,
    pace: Pace,
    watch: Watch,
) -> None:
    bar.skip(loop.done)
    _end_epoch(loop, watcher, checkpoints)
    for step in loop.run() if not _is_over(loop, watcher) else ():
        bar.saw(step.epoch, step.loss)
        pace.saw(step)
        watcher.saw(step.number, step.epoch, loss=step.loss, learning_rate=step.learning_rate)
        if step.ends_epoch:
            _end_epoch(loop, watcher, checkpoints)
            watch(watcher.history.epochs[-1])
            if _is_over(loop, watcher):
                break
        _after_step(loop, checkpoints, watcher, ends_epoch=step.ends_epoch)


def _end_epoch(loop: TrainingLoop, watcher: Watcher, checkpoints: Checkpoints) -> None:
    """Score a finished epoch without a score; scoring changes nothing, so it may be interrupted."""
    epoch, within = divmod(loop.done, max(1, loop.steps_per_epoch))
    if within == 0 and epoch > watcher.history.epochs[-1].epoch:
        with checkpoints.stop.at_once():
            scores = watcher.score()
        watcher.end_epoch(epoch, scores)


def _is_over(loop: TrainingLoop, watcher: Watcher) -> bool:
    # Epochs in which some layers are still frozen do not count as stale.
    stale = watcher.history.stale_since(loop.thawing.complete)
    return loop.done >= loop.steps or stale >= int(loop.settings.patience)


def _after_step(
    loop: TrainingLoop,
    checkpoints: Checkpoints,
    watcher: Watcher | None = None,
    *,
    ends_epoch: bool = False,
) -> None:
    checkpoints.stop.check()
    if checkpoints.is_due(ends_epoch=ends_epoch):
        _keep(loop, checkpoints, watcher)


@contextmanager
def _kept_when_stopped(
    loop: TrainingLoop, checkpoints: Checkpoints, watcher: Watcher | None = None
) -> Iterator[None]:
    """Write a checkpoint when a signal ends the block, and say how to resume."""
    try:
        yield
    except StoppedError as e:
        _keep(loop, checkpoints, watcher)
        raise StoppedError(
            e.signal,
            f"stopped by {e.signal.name} after step {loop.done} of {loop.steps}; "
            "a checkpoint was written",
            "run the same command again to resume",
        ) from None


def _keep(loop: TrainingLoop, checkpoints: Checkpoints, watcher: Watcher | None = None) -> None:
    tensors, values = capture(loop)
    if watcher is None:
        checkpoints.write(loop.done, tensors, {"loop": values})
    elif watcher.history.epochs:  # else there is nothing to keep
        seen = watcher.state()
        checkpoints.write(loop.done, tensors, {"loop": values, "watcher": seen}, best=watcher.best)


def _resume(
    loop: TrainingLoop,
    checkpoints: Checkpoints,
    say: Notify,
    watcher: Watcher | None = None,
) -> bool:
    """Restore the newest checkpoint; return whether the stage was finished."""
    found = checkpoints.newest()
    if found is None:
        return False
    if watcher is not None:
        watcher.load_state(found.values["watcher"], best=found.path / watcher.best.name)
    if "loop" not in found.values:
        return True
    restore(loop, found.tensors, found.values["loop"])
    say(f"resuming after step {loop.done} of {loop.steps} ({checkpoints.directory.name})")
    return False
