"""Trials of a search: kept in one SQLite file by Optuna, so that a search goes on after a kill.

The sampler is Optuna's tree-structured Parzen estimator (Bergstra et al. 2011), and the pruner
stops a trial whose best epoch so far is below the median of the earlier trials at that epoch.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from burnish.errors import MissingExtraError, RunError
from burnish.recipe.searching import SearchRange

from .study_file import STUDY, check_study_file

if TYPE_CHECKING:
    import optuna

__all__ = ["Found", "TrialResult", "Trials"]

Values = dict[str, Any]
Ranges = Mapping[str, SearchRange]

_BASIS, _METRIC = "basis", "metric"
_PLACE, _LOW, _HIGH, _WHY = "place", "low", "high", "why"
"""Attributes of the study and of its trials."""
_RANDOM, _UNPRUNED = 6, 4
"""Trials that are drawn at random before the estimator is asked, and that are never stopped."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """A trial that has ended."""

    values: Values
    """By the recipe's key."""
    outcome: Literal["done", "stopped early", "failed"]
    score: float | None
    """The main metric on validation; of a trial that was stopped, that of its last epoch."""
    low: float | None
    high: float | None
    """The 95 % interval of the score."""
    why: str = ""
    """What failed."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found."""

    metric: str
    best: TrialResult
    trials: tuple[TrialResult, ...]
    recipe: Path
    """The best recipe, whole."""

    @property
    def optimism(self) -> float:
        """By how much the best score may be too good, having been chosen.

        The expected maximum of n draws of Gaussian noise is at most its standard deviation times
        the root of 2 ln n (Boucheron, Lugosi & Massart 2013, "Concentration Inequalities", 2.5).
        The deviation is that of the score on these validation rows; trials share their rows, so
        the truth is less.
        """
        scored = sum(each.score is not None for each in self.trials)
        low, high = self.best.low, self.best.high
        if scored < 2 or low is None or high is None:
            return 0.0
        return (high - low) / (2 * 1.96) * math.sqrt(2 * math.log(scored))

    def to_json(self) -> dict[str, Any]:
        """The document of ``--json``."""
        return {
            "metric": self.metric,
            "best": asdict(self.best),
            "optimism": self.optimism,
            "trials": [asdict(each) for each in self.trials],
            "recipe": str(self.recipe),
        }


class Trials:
    """The trials of a search, in the file of its directory.

    Args:
        path: the SQLite file; made where it is missing.
        ranges: what is tried.
        seed: of the sampler.
        basis: what all trials rest on.

    Every method may raise an error of the database, for `telling_of_study_file`.

    Raises:
        MissingExtraError: Optuna is not installed.
        RunError: the file holds a search of something else, or no search; or it cannot be used.
    """

    def __init__(self, path: Path, ranges: Ranges, *, seed: int, basis: Mapping[str, Any]) -> None:
        self._optuna, self._ranges, self._seed = _import_optuna(), ranges, seed
        self._study = self._open(path)
        kept = self._study.user_attrs.get(_BASIS)
        if kept is None:
            if self._study.trials:
                raise RunError(
                    f"{path} holds trials that burnish search did not make",
                    "move it away, or search in another directory (-o)",
                )
            self._study.set_user_attr(_BASIS, dict(basis))
        elif kept != dict(basis):
            names = sorted(n for n in {**kept, **basis} if kept.get(n) != basis.get(n))
            raise RunError(
                f"{path} holds a search that was begun with other inputs: {', '.join(names)}",
                "restore these to go on with it, or search in another directory (-o)",
            )
        self._give_back()

    @property
    def metric(self) -> str:
        """What the scores are."""
        return str(self._study.user_attrs.get(_METRIC, ""))

    @metric.setter
    def metric(self, name: str) -> None:
        if name != self.metric:
            self._study.set_user_attr(_METRIC, name)

    def __len__(self) -> int:
        return len(self._ended())

    def ask(self) -> tuple[optuna.trial.Trial, Values, str]:
        """The next trial, its values by the recipe's key, and the name of its directory."""
        self._study.sampler = self._sampler(self._seed + len(self))
        trial = self._study.ask()
        values = {key: self._suggest(trial, key, each) for key, each in self._ranges.items()}
        place = trial.user_attrs.get(_PLACE) or f"trial-{trial.number + 1}"
        trial.set_user_attr(_PLACE, place)
        return trial, values, place

    def done(self, trial: optuna.trial.Trial, score: float, *, low: float, high: float) -> None:
        """Keep a trial's score."""
        trial.set_user_attr(_LOW, low)
        trial.set_user_attr(_HIGH, high)
        self._study.tell(trial, score)

    def stopped(self, trial: optuna.trial.Trial) -> None:
        """Keep that a trial was not worth going on with."""
        self._study.tell(trial, state=self._optuna.trial.TrialState.PRUNED)

    def failed(self, trial: optuna.trial.Trial, why: str) -> None:
        """Keep why a trial cannot be trained."""
        trial.set_user_attr(_WHY, why)
        self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)

    def results(self) -> tuple[TrialResult, ...]:
        """The trials that have ended, the best first."""
        found = [self._result(each) for each in self._ended()]
        order = ("done", "stopped early", "failed")
        return tuple(
            sorted(found, key=lambda each: (order.index(each.outcome), -(each.score or 0.0)))
        )

    def _ended(self) -> list[optuna.trial.FrozenTrial]:
        states = self._optuna.trial.TrialState
        return [
            each
            for each in self._study.trials
            if each.state in (states.COMPLETE, states.PRUNED)
            or (each.state == states.FAIL and _WHY in each.user_attrs)
        ]

    def _result(self, trial: optuna.trial.FrozenTrial) -> TrialResult:
        states = self._optuna.trial.TrialState
        outcome: Literal["done", "stopped early", "failed"] = "failed"
        score = None
        if trial.state == states.COMPLETE:
            outcome, score = "done", trial.value
        elif trial.state == states.PRUNED:
            outcome = "stopped early"
            score = trial.intermediate_values.get(trial.last_step or 0)
        kept = trial.user_attrs
        return TrialResult(
            trial.params, outcome, score, kept.get(_LOW), kept.get(_HIGH), kept.get(_WHY, "")
        )

    def _suggest(self, trial: optuna.trial.Trial, key: str, given: SearchRange) -> Any:
        if given.choices:
            return trial.suggest_categorical(key, list(given.choices))
        if isinstance(given.low, int) and isinstance(given.high, int):
            return trial.suggest_int(key, given.low, given.high, log=given.log)
        assert given.low is not None and given.high is not None  # noqa: S101,PT018  or choices
        return trial.suggest_float(key, given.low, given.high, log=given.log)

    def _sampler(self, seed: int) -> optuna.samplers.BaseSampler:
        """One for each trial, so that a search that goes on draws as one that was not stopped."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # multivariate is new, and says so
            sampler: optuna.samplers.BaseSampler = self._optuna.samplers.TPESampler(
                seed=seed, n_startup_trials=_RANDOM, multivariate=True
            )
        return sampler

    def _open(self, path: Path) -> optuna.Study:
        from sqlalchemy.engine import URL

        check_study_file(path)
        url = URL.create("sqlite", database=str(path.absolute()))
        try:
            study: optuna.Study = self._optuna.create_study(
                storage=url.render_as_string(),
                study_name=STUDY,
                direction="maximize",
                load_if_exists=True,
                pruner=self._optuna.pruners.MedianPruner(
                    n_startup_trials=_UNPRUNED, n_warmup_steps=1
                ),
            )
        except RuntimeError as error:  # the tables are those of another version
            raise RunError(
                f"{path} was written by another version of Optuna: {error}",
                "install that version to go on with it, or search in another directory (-o)",
            ) from error
        return study

    def _give_back(self) -> None:
        """Queue the trials of a process that was killed again, in their directories."""
        states = self._optuna.trial.TrialState
        for each in self._study.get_trials(states=(states.RUNNING,)):
            self._study.tell(each.number, state=states.FAIL)
            if each.params:
                self._study.enqueue_trial(
                    each.params, user_attrs={_PLACE: each.user_attrs.get(_PLACE, "")}
                )


def _import_optuna() -> Any:
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise MissingExtraError((error.name or "optuna").partition(".")[0], "search") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
