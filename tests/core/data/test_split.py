"""Splitting: parts never share a text or group, labels keep their shares, and it is repeatable."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.data import ClassificationExample, Example, QAExample, split_rows
from burnish.data.content import content_digest, content_key
from burnish.data.groups import group_keys
from burnish.errors import DataError
from tests.core.data.example_rows import entities, labelled, questions, rows_of


def _ids(examples: tuple[Example, ...] | None) -> list[str]:
    return [example.id for example in examples or ()]


def _labels(examples: tuple[Example, ...]) -> Counter[str]:
    return Counter(name for example in examples for name in example.class_names)


def test_no_validation_set_is_refused_with_reason_and_fix() -> None:
    with pytest.raises(
        DataError, match="cannot be judged by rows that it was trained on"
    ) as caught:
        split_rows(labelled("ab" * 10), validation=None, seed=1)
    assert "data.validation" in caught.value.hint
    assert "0.15" in caught.value.hint
    assert "file" in caught.value.hint


def test_shares_are_kept_for_every_label() -> None:
    rows = labelled(["a"] * 100 + ["b"] * 40 + ["c"] * 20)
    split = split_rows(rows, validation=0.15, test=0.1, seed=13)
    assert split.test is not None
    assert _labels(split.train) == {"a": 75, "b": 30, "c": 15}
    assert _labels(split.validation) == {"a": 15, "b": 6, "c": 3}
    assert _labels(split.test) == {"a": 10, "b": 4, "c": 2}


def test_labels_of_two_rows_reach_validation_in_their_share() -> None:
    rows = labelled([f"label {index // 2}" for index in range(200)])
    split = split_rows(rows, validation=0.2, seed=3)
    assert len(split.validation) == 40
    assert len(_labels(split.train)) == 100


def test_a_label_of_one_row_is_trained() -> None:
    rows = labelled(["a"] * 20 + ["rare"])
    for seed in range(10):
        assert _labels(split_rows(rows, validation=0.3, seed=seed).train)["rare"] == 1


def test_several_labels_are_all_kept_in_proportion() -> None:
    rows = labelled(
        [("a", "b") if n % 4 == 0 else ("a",) if n % 2 else ("c",) for n in range(400)]
        + [()] * 40
        + [("a", "rare")] * 8
    )
    split = split_rows(rows, validation=0.25, seed=13)
    whole, part = _labels(rows.examples), _labels(split.validation)
    assert {name: round(part[name] / whole[name], 2) for name in whole} == pytest.approx(
        dict.fromkeys(whole, 0.25), abs=0.02
    )
    assert sum(not example.class_names for example in split.validation) == 10


def test_entity_types_are_kept_in_proportion() -> None:
    rows = entities([["x"]] * 80 + [["x", "y"]] * 20 + [[]] * 100)
    split = split_rows(rows, validation=0.2, seed=13)
    assert _labels(split.validation) == {"x": 20, "y": 4}
    assert len(split.validation) == 40


def test_questions_of_one_context_stay_together() -> None:
    rows = questions([[True, True, False]] * 40)
    split = split_rows(rows, validation=0.2, test=0.2, seed=13)
    contexts = [
        {example.context for example in part if isinstance(example, QAExample)}
        for part in (split.train, split.validation, split.test or ())
    ]
    assert [len(each) for each in contexts] == [24, 8, 8]
    assert not contexts[0] & contexts[1] | contexts[0] & contexts[2] | contexts[1] & contexts[2]


def test_a_large_group_does_not_fill_a_small_part() -> None:
    rows = labelled("ab" * 50, groups=["big"] * 60 + [str(index) for index in range(40)])
    for seed in range(10):
        split = split_rows(rows, validation=0.2, seed=seed)
        assert len(split.validation) == 20
        assert "big" not in {example.group for example in split.validation}


def test_a_text_is_never_on_both_sides_whatever_its_case_and_spacing() -> None:
    examples = [
        ClassificationExample(id=f"r:{n}", text=text, labels=(label,))
        for n, (label, text) in enumerate([("a", "Same  text"), ("b", "same TEXT ")] * 4)
    ]
    rows = rows_of("classification", [*examples, *labelled("ab" * 20).examples])
    for seed in range(10):
        split = split_rows(rows, validation=0.3, test=0.3, seed=seed)
        assert split.leaked == ()
        assert len(split.train) + len(split.validation) + len(split.test or ()) == 48


def test_the_order_of_rows_does_not_matter() -> None:
    rows = labelled("abc" * 30)
    reverse = replace(rows, examples=rows.examples[::-1])
    first = split_rows(rows, validation=0.2, seed=5)
    second = split_rows(reverse, validation=0.2, seed=5)
    assert set(_ids(first.validation)) == set(_ids(second.validation))
    assert _ids(first.train) == sorted(_ids(first.train), key=lambda each: int(each.split(":")[1]))


def test_a_seed_gives_the_same_split_on_any_machine() -> None:
    split = split_rows(labelled("ab" * 10), validation=0.2, seed=13)
    expected = ["rows.jsonl:8", "rows.jsonl:10", "rows.jsonl:13", "rows.jsonl:15"]
    assert _ids(split.validation) == expected
    other = split_rows(labelled("ab" * 10), validation=0.2, seed=14)
    assert _ids(other.validation) != _ids(split.validation)


@given(
    labels=st.lists(st.sets(st.sampled_from("abcd"), max_size=3), min_size=4, max_size=60),
    groups=st.integers(2, 60),
    texts=st.integers(2, 60),
    shares=st.sampled_from([(0.15, None), (0.2, 0.2), (0.5, None), (0.1, 0.6)]),
    seed=st.integers(0, 2**32),
)
def test_parts_are_disjoint_complete_and_never_divide_a_group(
    labels: list[set[str]], groups: int, texts: int, shares: tuple[float, float | None], seed: int
) -> None:
    names = [f"group {index % groups}" for index in range(len(labels))]
    rows = labelled([tuple(sorted(each)) for each in labels], groups=names)
    said = [f"Text {index * 7 % texts}" for index in range(len(labels))]
    rows = replace(
        rows,
        examples=tuple(
            replace(each, text=text)
            for each, text in zip(rows.examples, said, strict=True)
            if isinstance(each, ClassificationExample)
        ),
    )
    try:
        split = split_rows(rows, validation=shares[0], test=shares[1], seed=seed)
    except DataError as error:
        unlabelled = "no training row has a label" in error.message and not any(labels)
        assert unlabelled or "without a row" in error.message  # noqa: PT017
        return
    parts = list(split.parts.values())
    assert sorted(each for part in parts for each in _ids(part)) == sorted(_ids(rows.examples))
    for relation in (lambda example: example.group, content_key):
        values = [{relation(example) for example in part} for part in parts]
        assert sum(len(each) for each in values) == len(set().union(*values))
    assert set(_labels(split.train)) == set(_labels(rows.examples))
    assert all(parts)


@pytest.mark.parametrize(
    ("validation", "test", "message"),
    [
        (0.0, None, "data.validation is 0.0, which is not a share"),
        (1.5, None, "data.validation is 1.5"),
        (float("nan"), None, "data.validation is nan"),
        (0.2, -0.1, "data.test is -0.1"),
        (0.5, 0.5, "take all rows"),
    ],
)
def test_shares_that_cannot_be_are_refused(
    validation: float, test: float | None, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        split_rows(labelled("ab" * 10), validation=validation, test=test, seed=1)


def test_a_share_without_a_row_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"0\.1 of 4 rows in 4 separate .* validation without a row"
    ):
        split_rows(labelled("aabb"), validation=0.1, seed=1)
    one_group = labelled("ab" * 10, groups=["g"] * 20)
    with pytest.raises(DataError, match="in 1 separate group or text leaves"):
        split_rows(one_group, validation=0.5, seed=1)


@pytest.mark.parametrize("shares", [(0.05, None), (0.05, 0.05)])
def test_the_advised_share_leaves_no_part_empty(shares) -> None:
    rows = labelled("ab" * 30, groups=[f"group {index // 15}" for index in range(60)])
    with pytest.raises(DataError, match="without a row") as caught:
        split_rows(rows, validation=shares[0], test=shares[1], seed=1)
    advised = float(re.findall(r"data\.validation: (0\.\d+)", caught.value.hint)[0])
    split = split_rows(rows, validation=advised, test=shares[1] and advised, seed=1)
    assert all(split.parts.values())


def test_a_share_that_large_groups_make_uneven_is_reported() -> None:
    rows = labelled("ab" * 50, groups=["large"] * 52 + ["half"] * 48)
    (told,) = split_rows(rows, validation=0.3, seed=1).uneven
    assert told.startswith("validation has 48 of 100 rows (48%), not the 30% asked for")
    assert told.endswith("there are 2 groups")
    assert split_rows(labelled("ab" * 50), validation=0.3, seed=1).uneven == ()


def test_a_text_that_two_groups_share_ties_them_together() -> None:
    examples = [
        ClassificationExample(id=f"r:{n}", text=text, labels=("a",), group=group)
        for n, (group, text) in enumerate([("1", "One"), ("2", "one "), ("2", "two"), ("3", "TWO")])
    ]
    alone = ClassificationExample(id="r:9", text="three", labels=("a",), group="4")
    assert group_keys(examples) == [("group", "1")] * 4
    assert group_keys([*examples[::-1], alone]) == [("group", "1")] * 4 + [("group", "4")]
    for seed in range(10):
        rows = rows_of("classification", [*examples, *labelled("ab" * 20).examples])
        split = split_rows(rows, validation=0.3, seed=seed)
        assert len({e.id for e in examples} & set(_ids(split.validation))) in (0, 4)
        assert split.leaked == ()


def test_contexts_and_groups_of_questions_tie_rows_together() -> None:
    asked = questions([[True, True], [True], [True]]).examples
    grouped = [replace(e, group=g) for e, g in zip(asked, ["x", "y", "y", "z"], strict=True)]
    assert group_keys(grouped) == [("group", "x")] * 3 + [("group", "z")]
    assert group_keys(asked) == [("context", f"context {n}") for n in (0, 0, 1, 2)]


def test_given_files_are_taken_whole_and_what_they_share_is_reported() -> None:
    train = labelled("ab" * 5, name="train.jsonl")
    copies = tuple(replace(example, id=f"v:{n}") for n, example in enumerate(train.examples[:2]))
    fresh = labelled("ab" * 2, name="validation.jsonl")
    validation = replace(fresh, examples=fresh.examples + copies)
    split = split_rows(train, validation=validation, test=0.2, seed=1)
    assert split.validation == validation.examples
    assert len(split.train) + len(split.test or ()) == 10
    ids = [each for leak in split.leaked if leak.part == "validation" for each in leak.ids]
    in_test = [each for leak in split.leaked if leak.part == "test" for each in leak.ids]
    assert len(ids) + len(in_test) == 2
    assert sum(split.record().leaked.values()) == 2


@pytest.mark.parametrize(
    ("half", "share", "told"),
    [
        (48, 0.31, "validation has 48 of 100 rows (48%), not the 31% asked for"),
        (48, 0.33, None),  # half larger than asked for would be 49.5
        (15, 0.30, None),
        (15, 0.31, "validation has 15 of 100 rows (15%), not the 31% asked for"),
    ],
)
def test_a_share_is_uneven_beyond_half_of_itself(half: int, share: float, told: str | None) -> None:
    groups = ["large"] * (100 - half) + ["half"] * half
    sentences = split_rows(labelled("ab" * 50, groups=groups), validation=share, seed=1).uneven
    assert [each.startswith(told or "-") for each in sentences] == ([True] if told else [])


def test_one_row_more_or_less_than_asked_for_is_not_uneven() -> None:
    small = split_rows(labelled("ab" * 5, groups=["g"] * 8 + ["h"] * 2), validation=0.11, seed=1)
    large = split_rows(labelled("ab" * 5, groups=["g"] * 7 + ["h"] * 3), validation=0.16, seed=1)
    assert [len(split.validation) for split in (small, large)] == [2, 3]
    assert [len(split.uneven) for split in (small, large)] == [0, 1]
    files = split_rows(labelled("ab" * 5), validation=labelled("ab", name="v"), seed=1)
    assert files.uneven == ()


def test_the_least_share_that_leaves_no_part_empty_is_advised() -> None:
    rows = labelled("ab" * 30, groups=[f"group {index // 15}" for index in range(60)])
    with pytest.raises(DataError) as caught:
        split_rows(rows, validation=0.05, seed=1)
    advised = float(re.findall(r"data\.validation: (0\.\d+)", caught.value.hint)[0])
    assert all(split_rows(rows, validation=advised, seed=1).parts.values())
    with pytest.raises(DataError, match="without a row"):
        split_rows(rows, validation=advised - 0.01, seed=1)
    assert caught.value.hint.endswith("or give a file of rows")


def test_no_share_is_advised_where_rows_form_one_group() -> None:
    rows = labelled("ab" * 10, groups=["g"] * 20)
    with pytest.raises(DataError) as caught:
        split_rows(rows, validation=0.1, test=0.1, seed=1)
    assert caught.value.hint == (
        "the rows form one group: give a file as data.validation and data.test"
    )
    two = labelled("ab" * 10, groups=["g"] * 10 + ["h"] * 10)
    with pytest.raises(DataError) as caught:
        split_rows(two, validation=0.1, test=0.1, seed=1)
    assert caught.value.hint == "give a file of rows as data.validation and data.test"


def test_parts_keep_the_order_of_their_rows_and_the_seed_is_kept() -> None:
    split = split_rows(labelled("ab" * 20), validation=0.25, test=0.25, seed=7)
    for part in split.parts.values():
        places = [int(each.split(":")[1]) for each in _ids(part)]
        assert places == sorted(places)
    assert split.seed == split.record().seed == 7
    assert [len(part) for part in split.parts.values()] == [20, 10, 10]


def test_a_share_that_is_left_for_train_is_more_than_nothing() -> None:
    with pytest.raises(DataError, match="validation and test would take all rows"):
        split_rows(labelled("ab" * 10), validation=0.6, test=0.5, seed=1)
    split = split_rows(labelled("ab" * 10), validation=0.45, test=0.45, seed=1)
    assert [len(part) for part in split.parts.values()] == [2, 9, 9]


def test_rows_without_any_label_teach_nothing() -> None:
    with pytest.raises(DataError, match="no training row has a label"):
        split_rows(labelled([()] * 10), validation=0.2, seed=1)
    with pytest.raises(DataError, match="no training row has an entity"):
        split_rows(entities([[]] * 10), validation=0.2, seed=1)


def test_a_label_that_the_test_alone_has_is_refused_and_a_kind_of_question_is_not() -> None:
    train, validation = labelled("ab" * 3), labelled("ab", name="validation.jsonl")
    with pytest.raises(DataError, match=r"test\.jsonl:3 has the label 'z'"):
        split_rows(train, validation=validation, test=labelled("abz", name="test.jsonl"), seed=1)
    unanswered = questions([[False]])
    split = split_rows(questions([[True]] * 4), validation=unanswered, seed=1)
    assert split.validation == unanswered.examples


def test_files_of_different_form_are_refused() -> None:
    single, several = labelled("ab", name="a.jsonl"), labelled([("a",), ("b",)], name="b.jsonl")
    with pytest.raises(DataError, match=r"b\.jsonl has any number of labels per row, a\.jsonl one"):
        split_rows(single, validation=several, seed=1)
    with pytest.raises(DataError, match="holds qa rows"):
        split_rows(single, validation=questions([[True]]), seed=1)


def test_a_label_that_training_rows_lack_is_refused_by_row() -> None:
    validation = labelled("abz", name="validation.jsonl")
    with pytest.raises(DataError, match=r"validation\.jsonl:3 has the label 'z'"):
        split_rows(labelled("ab" * 3), validation=validation, seed=1)


def test_digests_know_content_and_not_place() -> None:
    rows = labelled("ab" * 3)
    moved = [replace(example, id="elsewhere:1", group="g") for example in rows.examples[::-1]]
    assert content_digest(moved) == content_digest(rows.examples)
    assert content_digest(rows.examples[1:]) != content_digest(rows.examples)
