"""Labels in a tree: likelihoods, answers, thresholds, calibration and scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.data import read_rows
from burnish.data.columns import Columns
from burnish.errors import ConfigError, DataError
from burnish.tasks import ClassificationExample, TaxonomyTask
from burnish.tasks.evaluation import check_labels, evaluate
from burnish.tasks.predictions import Claim
from burnish.tasks.taxonomy.odds import branch_odds, path_odds
from burnish.tasks.taxonomy.prediction import Branches
from burnish.tasks.tree import LabelTree

PARENTS = {"plant": None, "moss": "plant", "tree": "plant", "oak": "tree", "elm": "tree"}
PARENTS |= {"animal": None, "dog": "animal", "cat": "animal"}
TREE = LabelTree(PARENTS)
ONE = TaxonomyTask(labels=TREE.labels, parents=TREE.parents, max_length=16, stride=4)
SEVERAL = ONE.model_copy(update={"multi_label": True})
FORMS = [
    task.model_copy(update={"loss": loss})
    for task in (ONE, SEVERAL)
    for loss in ("conditional", "flat", "levels")
]


def row(number: int, *labels: str) -> ClassificationExample:
    return ClassificationExample(id=f"rows:{number}", text="the card", labels=labels)


def logits_of(**given: float) -> list[np.ndarray]:
    return [np.array([given.get(label, 0.0) for label in TREE.labels], dtype=np.float32)]


@pytest.fixture(scope="module")
def answer(wordpiece: Path) -> Any:
    encoding = ONE.encode("card", ONE.text_encoder(wordpiece))
    return lambda task, logits: task.decode("card", encoding, logits)


def said(ends: tuple[str, ...], given: tuple[str, ...] | None = None) -> Branches:
    """An answer with these ends, and what they lie under unless ``given`` says otherwise."""
    closed = tuple(np.array(TREE.labels)[TREE.closed(ends)].tolist())
    return Branches(labels=closed if given is None else given, scores=(), tokens=1, windows=1)


def test_the_likelihood_of_a_path_is_the_product_of_its_choices() -> None:
    logits = logits_of(plant=1.0, animal=0.0, tree=2.0, moss=0.0, oak=0.5, elm=0.0)[0]
    p = dict(zip(TREE.labels, _sigmoid(path_odds(TREE, logits, flat=False)), strict=True))
    plant = np.e / (np.e + 1)
    tree = plant * np.exp(2) / (np.exp(2) + 1)
    assert p["plant"] == pytest.approx(plant)
    assert p["tree"] == pytest.approx(tree)
    assert p["oak"] == pytest.approx(tree * np.exp(0.5) / (np.exp(0.5) + 1))
    assert p["plant"] + p["animal"] == pytest.approx(1)
    assert p["moss"] + p["tree"] == pytest.approx(p["plant"])


def test_leaves_alone_compete_where_the_loss_is_flat() -> None:
    logits = logits_of(oak=2.0, elm=1.0, plant=9.0)[0]
    p = dict(zip(TREE.labels, _sigmoid(path_odds(TREE, logits, flat=True)), strict=True))
    total = np.exp(2) + np.e + 3  # moss, dog and cat have 0
    assert p["oak"] == pytest.approx(np.exp(2) / total)
    assert p["tree"] == pytest.approx((np.exp(2) + np.e) / total)
    assert p["plant"] == pytest.approx((np.exp(2) + np.e + 1) / total)


def test_branches_multiply_down_or_are_capped_by_their_parent() -> None:
    logits = logits_of(plant=1.0, tree=-1.0, oak=3.0)[0]
    p = dict(zip(TREE.labels, _sigmoid(branch_odds(TREE, logits, flat=False)), strict=True))
    assert p["oak"] == pytest.approx(_sigmoid(1.0) * _sigmoid(-1.0) * _sigmoid(3.0))
    capped = dict(zip(TREE.labels, _sigmoid(branch_odds(TREE, logits, flat=True)), strict=True))
    assert capped["oak"] == capped["tree"] == pytest.approx(_sigmoid(-1.0))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_answer_names_a_child_without_its_parents(answer: Any, data: st.DataObject) -> None:
    number = st.floats(-60, 60, width=32)
    task = data.draw(st.sampled_from(FORMS))
    logits = [np.array([data.draw(number) for _ in TREE.labels], dtype=np.float32)]
    least = {label: data.draw(st.floats(0, 1)) for label in TREE.labels}
    scaling = {"temperature": data.draw(st.floats(0.1, 5)), "shift": data.draw(st.floats(-3, 3))}
    task = TaxonomyTask(**task.model_dump() | {"thresholds": least, "scaling": scaling})
    found = answer(task, logits)
    scores = {each.label: each.score for each in found.scores}
    for label, parent in TREE.parents.items():
        assert parent is None or scores[label] <= scores[parent]
    for label in found.labels:
        assert set(TREE.path(label)) <= set(found.labels)
    assert all(np.isfinite(each.score) and 0 <= each.score <= 1 for each in found.scores)
    if not task.multi_label:
        assert len(found.ends) == 1
        assert found.labels
        assert set(found.labels) == set(found.ends[0].path)


def test_one_path_leads_to_the_likeliest_leaf(answer: Any) -> None:
    # A root that is likelier than the other, but whose leaves share it.
    found = answer(ONE, logits_of(plant=0.4, dog=3.0))
    assert found.ends[0].label == "dog"
    assert set(found.labels) == {"animal", "dog"}
    document = found.answer_document(2)
    assert document["paths"] == [["animal", "dog"]]
    assert [each["label"] for each in document["scores"]] == ["dog", "moss"]


def test_a_path_ends_above_the_first_label_below_its_threshold(answer: Any) -> None:
    logits = logits_of(plant=3.0, tree=1.0)
    whole = answer(ONE, logits)
    assert whole.ends[0].path in (("plant", "tree", "elm"), ("plant", "tree", "oak"))
    short = ONE.model_copy(update={"thresholds": {"oak": 0.5, "elm": 0.5}})
    assert answer(short, logits).ends[0].path == ("plant", "tree")
    nothing = ONE.model_copy(update={"thresholds": dict.fromkeys(TREE.labels, 1.0)})
    assert answer(nothing, logits).ends[0].path == ("plant",)


def test_several_branches_need_their_parents_thresholds(answer: Any) -> None:
    task = SEVERAL.model_copy(update={"thresholds": {"plant": 0.9}})
    logits = logits_of(plant=1.5, tree=5.0, animal=5.0, dog=5.0, cat=-9.0, moss=-9.0)
    assert set(answer(task, logits).labels) == {"animal", "dog"}
    assert set(answer(SEVERAL, logits).labels) >= {"plant", "tree", "animal", "dog"}


def test_what_lies_under_the_end_of_a_row_is_not_known() -> None:
    one = ONE.targets(row(0, "tree"), _windows(1))[0]
    assert dict(zip(TREE.labels, one, strict=True)) == _marks(plant=1, tree=1)
    several = SEVERAL.targets(row(0, "tree", "dog"), _windows(2))
    marks = _marks(plant=1, tree=1, oak=-1, elm=-1, animal=1, dog=1)
    assert [dict(zip(TREE.labels, each, strict=True)) for each in several] == [marks] * 2


def test_a_row_at_an_inner_label_judges_nothing_under_it() -> None:
    right = said(("oak",))
    assert ONE.correct(row(0, "tree"), right)
    assert ONE.one_label(row(0, "tree"), right) == ("tree", "tree")
    found = evaluate(ONE, [row(0, "tree")], [right], resamples=5).values()
    assert found["hierarchical_f1"] == found["accuracy"] == found["micro_f1"] == 1
    assert [claim.right for claim in ONE.claims(row(0, "tree"), _scored(right))] == [True]
    wrong = evaluate(ONE, [row(0, "moss")], [right], resamples=5).values()
    assert wrong["hierarchical_precision"] == pytest.approx(1 / 3)
    assert wrong["hierarchical_recall"] == pytest.approx(1 / 2)


def test_the_scores_of_three_rows_by_hand() -> None:
    rows = [row(0, "oak"), row(1, "dog"), row(2, "moss")]
    answers = [said(("oak",)), said(("cat",)), said(("oak",))]
    found = evaluate(ONE, rows, answers, resamples=5)
    values = found.values()
    assert values["accuracy"] == pytest.approx(1 / 3)
    # right: 3 + 1 + 1; given: 3 + 2 + 3; true: 3 + 2 + 2
    assert values["hierarchical_precision"] == pytest.approx(5 / 8)
    assert values["hierarchical_recall"] == pytest.approx(5 / 7)
    assert values["hierarchical_f1"] == pytest.approx(10 / 15)
    assert values["micro_f1"] == pytest.approx(1 / 3)
    assert values["level_1_f1"] == 1
    assert values["level_2_f1"] == pytest.approx(1 / 3)
    assert values["level_3_f1"] == pytest.approx(2 / 3)
    assert values["error_distance"] == pytest.approx((2 + 3) / 2)
    assert values["inconsistent"] == 0
    assert found.labels["plant"].support == 2
    assert found.confusion == (("dog", "cat", 1), ("moss", "oak", 1))


def test_an_answer_without_a_parent_counts_as_inconsistent() -> None:
    found = evaluate(SEVERAL, [row(0, "oak")], [said(("oak",), ("oak",))], resamples=5).values()
    assert found["inconsistent"] == 1
    assert found["hierarchical_f1"] == 1  # closed upwards, as every set is judged


def test_thresholds_are_one_a_level_and_never_worse_where_they_were_tuned(answer: Any) -> None:
    rng = np.random.default_rng(3)
    leaves = [label for label, leaf in zip(TREE.labels, TREE.leaf, strict=True) if leaf]
    examples = [row(n, *rng.choice(leaves, rng.integers(1, 3), replace=False)) for n in range(200)]
    examples = [row(n, *each.labels) for n, each in enumerate(examples)]
    logits = [
        [(rng.normal(0, 1.5, len(TREE.labels)) - 1 + 2 * TREE.closed(e.labels)).astype(np.float32)]
        for e in examples
    ]

    def reached(task: TaxonomyTask) -> float:
        answers = [answer(task, each) for each in logits]
        return evaluate(task, examples, answers, resamples=5).values()["hierarchical_f1"]

    tuned = SEVERAL.tune(examples, [], logits)
    assert reached(tuned) > reached(SEVERAL) + 0.02
    levels = [np.array(TREE.labels)[at] for at in TREE.levels]
    assert all(len({tuned.thresholds[str(label)] for label in level}) == 1 for level in levels)
    fitted = SEVERAL.fit(examples, [], logits)
    assert fitted.scaling.temperature != 1
    for each in logits:  # calibration changes no answer
        assert set(answer(fitted, each).labels) == set(answer(tuned, each).labels)
        assert set(answer(fitted.uncalibrated(), each).labels) == set(answer(tuned, each).labels)


def test_an_aim_of_one_path_sets_what_is_marked(answer: Any) -> None:
    rng = np.random.default_rng(5)
    leaves = [label for label, leaf in zip(TREE.labels, TREE.leaf, strict=True) if leaf]
    examples = [row(n, str(rng.choice(leaves))) for n in range(200)]
    logits = [
        [(rng.normal(0, 1.5, len(TREE.labels)) + 2 * TREE.closed(e.labels)).astype(np.float32)]
        for e in examples
    ]
    task = ONE.model_copy(update={"aim": "precision>=0.9"}).tune(examples, [], logits)
    answers = [answer(task, each) for each in logits]
    sure = [task.correct(e, a) for e, a in zip(examples, answers, strict=True) if not a.abstained]
    assert 20 < len(sure) < 200
    assert np.mean(sure) >= 0.9


def test_the_task_keeps_the_branches_of_its_rows_alone() -> None:
    task = TaxonomyTask.for_examples([row(0, "oak"), row(1, "plant")], parents=PARENTS)
    assert task.labels == ("plant", "tree", "oak")
    assert task.label_title("oak") == "plant > tree > oak"
    with pytest.raises(ConfigError, match="need the tree"):
        TaxonomyTask.for_examples([row(0, "oak")])
    with pytest.raises(ConfigError, match="need the tree"):
        TaxonomyTask.for_outputs(["oak"])
    with pytest.raises(ValueError, match="not those of one tree"):
        TaxonomyTask(labels=("oak", "plant"), parents={"oak": "plant"})


def test_rows_name_labels_of_the_tree(tmp_path: Path) -> None:
    tree, rows = tmp_path / "tree.csv", tmp_path / "rows.csv"
    tree.write_text("child,parent\noak,tree\nelm,tree\n")
    rows.write_text("text,label\nhigh,oak\nlow,tree\n")
    columns = Columns(taxonomy=tree)
    read = read_rows(rows, "taxonomy", columns=columns)
    assert [each.class_names for each in read.examples] == [("oak",), ("tree",)]
    rows.write_text("text,label\nhigh,oak\nlow,oax\n")
    with pytest.raises(
        DataError, match=r"rows\.csv:3: .*'oax' is not in the taxonomy tree\.csv"
    ) as error:
        read_rows(rows, "taxonomy", columns=columns)
    assert "did you mean 'oak'?" in str(error.value.hint)
    task = TaxonomyTask.for_examples([row(0, "elm")], parents={"oak": "tree", "elm": "tree"})
    rows.write_text("text,label\nhigh,oak\n")
    with pytest.raises(DataError, match="does not know the label 'oak'"):
        check_labels(task, read_rows(rows, "taxonomy"))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(x)))


def _marks(**marked: float) -> dict[str, float]:
    return {label: marked.get(label, 0) for label in TREE.labels}


def _windows(count: int) -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(windows=(None,) * count)


def _scored(answer: Branches) -> Branches:
    from dataclasses import replace

    from burnish.tasks.taxonomy.prediction import BranchScore

    return replace(answer, scores=tuple(BranchScore(label, 0.7) for label in TREE.labels))


def test_what_is_marked_is_the_end_that_is_given_and_not_what_lies_over_it(answer: Any) -> None:
    """Rows at an inner label, a model that is sure of it and of nothing under it."""
    examples = [row(n, "tree") for n in range(200)]
    logits = [logits_of(plant=4.0, tree=4.0, oak=0.1)] * 200
    task = ONE.model_copy(update={"aim": "recall>=0.9"}).tune(examples, [], logits)
    found = answer(task, logits[0])
    assert found.ends[0].label == "oak"
    assert not found.abstained
    (claim,) = task.claims(examples[0], found)
    assert claim == Claim(found.ends[0].score, right=True)
    assert task.said_score(logits[0]) == pytest.approx(found.ends[0].score)
    marked = SEVERAL.model_copy(update={"abstain_below": 0.8, "thresholds": {"oak": 0.3}})
    several = logits_of(plant=4.0, tree=4.0, oak=0.1, elm=-9.0, moss=-9.0, animal=-9.0)
    assert answer(marked, several).abstained
    assert marked.said_score(several) < 0.8
    assert [each.label for each in answer(marked, several).said][:1] == ["oak"]
