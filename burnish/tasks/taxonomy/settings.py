"""Taxonomies: labels in a tree, one path per text or several branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator
from typing_extensions import override

from burnish.arrays import DoubleArray, FloatArray
from burnish.errors import ConfigError
from burnish.tasks.aims import cut_for, read_aim
from burnish.tasks.base import LabelCounts, StatisticsArray
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.classification.texts import TextLabels
from burnish.tasks.labelled.prediction import Classification
from burnish.tasks.predictions import Claim
from burnish.tasks.scaling import Scaling, fit_scaling
from burnish.tasks.scores import sigmoid, window_mean
from burnish.tasks.taxonomy.decoding import choose_branches, choose_path, make_answer
from burnish.tasks.taxonomy.odds import branch_odds, path_odds
from burnish.tasks.taxonomy.prediction import Branches
from burnish.tasks.taxonomy.statistics import (
    BoolArray,
    TreeSets,
    path_counts,
    tree_metrics,
    tree_statistics,
    tree_trials,
)
from burnish.tasks.taxonomy.thresholds import aimed_levels, tune_levels
from burnish.tasks.tree import PATH_MARK, LabelTree
from burnish.tasks.windows import Encoding

__all__ = ["TaxonomyTask"]

_UNSCALED = Scaling()
_NO_TREE = ConfigError(
    "data -> taxonomy: is missing: labels in a tree need the tree",
    "name a file with the columns child and parent: data.taxonomy=tree.csv",
)


class TaxonomyTask(TextLabels):
    """Labels of a tree. An answer never names a label without all that it lies under.

    A row names the deepest labels known of it; nothing is known of what lies under them.
    """

    metric_choices: ClassVar[tuple[str, ...]] = (
        *("hierarchical_f1", "accuracy", "micro_f1", "macro_f1"),
    )
    unbounded: ClassVar[frozenset[str]] = frozenset({"error_distance"})
    has_tree: ClassVar[bool] = True
    unanswered: ClassVar[Classification] = Branches(labels=(), scores=(), tokens=0, windows=0)

    task: Literal["taxonomy"] = "taxonomy"
    parents: dict[str, str | None] = {}
    """Each label's parent, None for a root, in the order of ``labels``; none: all are roots."""
    loss: Literal["conditional", "flat", "levels"] = "conditional"
    """What the model's numbers are: see burnish/tasks/taxonomy/odds.py. ``levels`` is conditional,
    with half the weight for each level further down."""
    scaling: Scaling = _UNSCALED
    """Of the log odds of every label alike, so that none becomes likelier than its parent."""

    @model_validator(mode="after")
    def _labels_are_those_of_the_tree(self) -> Self:
        if self.tree.labels != self.labels:
            raise ValueError("labels and parents are not those of one tree, in its order")
        return self

    @classmethod
    @override
    def for_examples(
        cls,
        examples: Sequence[ClassificationExample],
        *,
        multi_label: bool = False,
        parents: Mapping[str, str | None] | None = None,
        **settings: Any,
    ) -> Self:
        """The task for the branches on which rows lie.

        Args:
            examples: the rows.
            multi_label: whether a row may lie on several branches.
            parents: each label's parent, None for a root.
            **settings: of the task, by name.

        Raises:
            ConfigError: there are no parents.
        """
        if not parents:
            raise _NO_TREE
        tree = LabelTree(parents).kept(label for each in examples for label in each.labels)
        return cls(labels=tree.labels, parents=tree.parents, multi_label=multi_label, **settings)

    @classmethod
    @override
    def for_outputs(cls, outputs: Sequence[str], **settings: Any) -> Self:
        """Raises ConfigError: the names of outputs form no tree."""
        raise _NO_TREE

    @cached_property
    def tree(self) -> LabelTree:
        """The labels with their parents."""
        return LabelTree(self.parents or dict.fromkeys(self.labels))

    @property
    @override
    def tree_loss(self) -> str:
        return self.loss

    @property
    @override
    def usual_metric(self) -> str:
        return "hierarchical_f1"

    @property
    @override
    def summary_metrics(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.main_metric, "hierarchical_f1", "accuracy")))

    @property
    @override
    def answers(self) -> str:
        count = "several branches" if self.multi_label else "one path"
        return f"a tree of labels with {count} per {self.input_noun[0]}"

    @property
    @override
    def fitted_scaling(self) -> dict[str, Any]:
        return {"scaling": self.scaling.model_dump()}

    @override
    def label_title(self, label: str) -> str:
        return PATH_MARK.join(self.tree.path(label)) if label in self.tree.index else label

    @override
    def targets(self, example: ClassificationExample, encoding: Encoding) -> list[npt.NDArray[Any]]:
        """Every window has its text's labels: (n,) float32, 1 for each label and all above it.

        With several branches -1 stands under an inner label that the row names: not known.
        """
        closed = self.tree.closed(example.labels)
        target = closed.astype(np.float32)
        if self.multi_label:
            target[self.tree.below(self.tree.ends(closed))] = -1
        return [target] * len(encoding.windows)

    def odds(self, logits: Sequence[FloatArray]) -> DoubleArray:
        """(n,) log odds from (n,) logits per window, not scaled."""
        likelihood = branch_odds if self.multi_label else path_odds
        return likelihood(self.tree, window_mean(logits), flat=self.loss == "flat")

    @override
    def scores(self, logits: Sequence[FloatArray]) -> npt.NDArray[np.float64]:
        """(n,) probabilities; no label's is above its parent's."""
        return sigmoid(self.odds(logits) / self.scaling.temperature + self.scaling.shift)

    def least(self) -> DoubleArray:
        """(n,) the score from which each label is given."""
        usual = 0.5 if self.multi_label else 0.0
        return np.array([self.thresholds.get(label, usual) for label in self.labels])

    def _chosen(self, scores: DoubleArray, least: DoubleArray) -> BoolArray:
        choose = choose_branches if self.multi_label else choose_path
        return choose(self.tree, scores, least)

    @override
    def decode(self, given: str, encoding: Encoding, logits: Sequence[FloatArray]) -> Branches:
        scores = self.scores(logits)
        return make_answer(
            self.tree,
            scores,
            self._chosen(scores, self.least()),
            abstain_below=self.abstain_below,
            encoding=encoding,
        )

    def _true(self, examples: Sequence[ClassificationExample]) -> BoolArray:
        """(rows, n)."""
        return np.stack([self.tree.closed(each.labels) for each in examples])

    @override
    def tune(
        self,
        examples: Sequence[ClassificationExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Set each level's threshold; with one path and an aim, the score below which it abstains.

        They are tuned on the model's own scores: calibration then changes no answer.
        """
        aim, true = read_aim(self.aim), self._true(examples)
        if aim.kind != "f1" and self.multi_label:
            scores = np.stack([self.scores(windows) for windows in logits])
            return self._with(aimed_levels(self.tree, aim, scores, true))
        plain = self.model_copy(update={"scaling": _UNSCALED})
        scores = np.stack([plain.scores(windows) for windows in logits])
        found = tune_levels(
            self.tree,
            true,
            lambda least: self._chosen(scores, least),
            metric=self.main_metric,
            common=self.multi_label,
        )
        tuned = self._with(np.array([self.scaling.score(each) for each in found.tolist()]))
        if aim.kind == "f1":
            return tuned
        scores = np.stack([self.scores(windows) for windows in logits])
        chosen = tuned._chosen(scores, tuned.least())
        known_ends = self.tree.ends(TreeSets.of(self.tree, true, chosen).given)
        right: BoolArray = np.any(known_ends & true, axis=-1)
        cut = cut_for(aim, scores[self.tree.ends(chosen)], right, total=len(true))
        return tuned.model_copy(update={"abstain_below": cut.threshold})

    def _with(self, thresholds: DoubleArray) -> Self:
        named = dict(zip(self.labels, thresholds.tolist(), strict=True))
        return self.model_copy(update={"thresholds": named})

    @override
    def calibrate(
        self,
        examples: Sequence[ClassificationExample],
        encodings: Sequence[Encoding],
        logits: Sequence[Sequence[FloatArray]],
    ) -> Self:
        """Fit one temperature and one shift to the log odds of all labels that rows speak of."""
        true = self._true(examples)
        known = ~self.tree.below(self.tree.ends(true))
        odds = np.stack([self.odds(windows) for windows in logits])
        found = fit_scaling(odds[known], true[known]) or _UNSCALED
        return self.model_copy(update={"scaling": found})

    @override
    def uncalibrated(self) -> Self:
        thresholds = {
            label: self.scaling.unscaled(least) for label, least in self.thresholds.items()
        }
        return self.model_copy(update={"scaling": _UNSCALED, "thresholds": thresholds})

    @override
    def most_right(self, example: ClassificationExample) -> int:
        return int(self.tree.closed(example.labels).sum()) if self.multi_label else 1

    @override
    def said_score(self, logits: Sequence[FloatArray]) -> float:
        scores = self.scores(logits)
        ends = self.tree.ends(self._chosen(scores, self.least()))
        return float(np.where(ends, scores, 0.0).max())

    @override
    def best_score(self, logits: Sequence[FloatArray]) -> float:
        scores = self.scores(logits)
        return float(scores.max() if self.multi_label else scores[self.tree.leaf].max())

    @override
    def claims(self, example: ClassificationExample, prediction: Classification) -> list[Claim]:
        """Each label that is given and of which the row speaks.

        Of one path, its end: right where it is, as far down as the row speaks.
        """
        sets = self._sets(example, prediction)
        scores = {each.label: each.score for each in prediction.scores}
        if not self.multi_label:
            right = bool((self.tree.ends(sets.given) & sets.true).any())
            end = self.tree.ends(self.tree.closed(prediction.labels))
            return [Claim(scores[self.labels[at]], right) for at in np.flatnonzero(end)]
        return [
            Claim(scores[self.labels[at]], bool(sets.true[at])) for at in np.flatnonzero(sets.given)
        ]

    def _sets(self, example: ClassificationExample, prediction: Classification) -> TreeSets:
        true, given = (self.tree.closed(each) for each in (example.labels, prediction.labels))
        return TreeSets.of(self.tree, true, given)

    @override
    def doubt(self, prediction: Classification) -> float:
        """How near the most doubtful label lies to one half; of one path, the margin of leaves."""
        if self.multi_label:
            return 1 - min(abs(2 * each.score - 1) for each in prediction.scores)
        leaf = dict(zip(self.labels, self.tree.leaf.tolist(), strict=True))
        scores = [each.score for each in prediction.scores if leaf[each.label]]
        return 1 - (scores[0] - scores[1]) if len(scores) > 1 else 1.0

    @override
    def correct(self, example: ClassificationExample, prediction: Classification) -> bool:
        return bool(self._sets(example, prediction).right)

    @override
    def one_label(
        self, example: ClassificationExample, prediction: Classification
    ) -> tuple[str, str] | None:
        """The ends of the two paths, as far down as the row speaks."""
        if self.multi_label:
            return None
        given = self.tree.ends(self._sets(example, prediction).given)
        return example.labels[0], next((self.labels[at] for at in np.flatnonzero(given)), "")

    @override
    def row_statistics(
        self, example: ClassificationExample, prediction: Classification
    ) -> StatisticsArray:
        """(5 + 6 n,): see ``tree_statistics``."""
        given = np.isin(self.labels, prediction.labels)
        return tree_statistics(self.tree, self._sets(example, prediction), given)

    @override
    def metrics(self, totals: StatisticsArray) -> dict[str, StatisticsArray]:
        return tree_metrics(self.tree, totals)

    @property
    @override
    def proportions(self) -> frozenset[str]:
        return frozenset({"accuracy", "macro_f1", "inconsistent"})

    @override
    def trials(self, rows: StatisticsArray) -> dict[str, float]:
        return tree_trials(self.tree, rows)

    @override
    def label_counts(self, totals: StatisticsArray) -> Mapping[str, LabelCounts]:
        """Of each label together with all that lies under it."""
        columns = zip(*path_counts(self.tree, totals), strict=True)
        return {
            label: LabelCounts(right=right, predicted=given, true=true)
            for label, (right, given, true) in zip(self.labels, columns, strict=True)
        }
