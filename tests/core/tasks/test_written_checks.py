"""What `check` says of sources and targets, and what it leaves alone."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from burnish.data import read_rows
from burnish.data.check import check_parts
from burnish.data.checks.finding import Finding
from burnish.tasks.translation.checks import SideLanguages
from burnish.tasks.written.example import WrittenExample
from tests.core.data.example_rows import rows_of
from tests.core.tasks.written_tasks import ABSTRACT, TRANSLATION, with_written_tasks

_ENGLISH = (
    "the health of people who wash their hands with soap and water should be better when they "
    "cough or have fever call doctor before you visit hospital this week children every day"
)
_SWAHILI = (
    "afya ya watu wanaoosha mikono yao kwa sabuni na maji inapaswa kuwa bora wanapokohoa au wana "
    "homa piga simu daktari kabla hujatembelea hospitali wiki hii watoto kila siku"
)
ENGLISH, SWAHILI = _ENGLISH.split(), _SWAHILI.split()

OWN = {
    *("copied-source", "length-ratio", "wrong-language", "leaked-target", "other-language"),
    *("conflicting-answers", "long-summary", "nothing-to-learn", "leak", "mojibake"),
}

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("BURNISH_SHARED_DATA", ROOT.parent / "shared" / "data"))
TICO = SHARED / "tico19_en_sw"

Pairs = list[tuple[str, str]]


@pytest.fixture(autouse=True)
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with with_written_tasks(monkeypatch):
        yield


def text(words: list[str], rng: random.Random, count: int = 12) -> str:
    return " ".join(rng.choice(words) for _ in range(count))


def pairs(count: int = 120, seed: int = 1) -> Pairs:
    rng = random.Random(seed)
    lengths = [rng.randint(6, 14) for _ in range(count)]
    return [(text(ENGLISH, rng, n), text(SWAHILI, rng, n)) for n in lengths]


def found(rows: Pairs, *, test: Pairs = [], task: str = TRANSLATION) -> dict[str, Finding]:  # noqa: B006
    parts = {
        name: rows_of(
            task,
            [
                WrittenExample(id=f"{name}.csv:{n}", source=source, target=target)
                for n, (source, target) in enumerate(each, start=2)
            ],
            name=f"{name}.csv",
        )
        for name, each in (("train", rows), ("test", test))
        if each
    }
    report = check_parts(parts)  # type: ignore[arg-type]
    return {each.kind: each for each in report.findings if each.kind in OWN}


def ids(finding: Finding) -> list[str]:
    return [place.id for place in finding.rows]


def test_ordinary_pairs_are_left_alone() -> None:
    assert found(pairs(), test=pairs(30, seed=2)) == {}


def test_a_copied_source_is_told_but_not_a_number() -> None:
    rows = [*pairs(), ("Wash your hands", "wash  your hands"), ("12 %", "12 %")]
    finding = found(rows)["copied-source"]
    assert finding.message.startswith("1 target is the source itself")
    assert ids(finding) == ["train.csv:122"]


def test_a_target_that_was_cut_off_is_told_with_both_lengths() -> None:
    source, target = "a word of the source " * 12, "neno moja tu "
    finding = found([*pairs(), (source.strip(), target.strip())])["length-ratio"]
    assert [str(place) for place in finding.rows] == [
        "train.csv:122 (12 characters for 251 of the source)"
    ]


def test_short_texts_have_no_odd_length() -> None:
    assert "length-ratio" not in found([*pairs(), ("No.", "Hapana."), ("Yes", "Ndiyo")])


def test_targets_and_sources_in_each_other_s_language_are_told() -> None:
    rng = random.Random(5)
    untranslated = text(ENGLISH, rng), text(ENGLISH, rng)
    swapped = text(SWAHILI, rng), text(ENGLISH, rng)
    rows = [*pairs(), untranslated, swapped]
    messages = [
        f"{each.message}: {ids(each)}"
        for each in check_parts(
            {
                "train": rows_of(
                    TRANSLATION,
                    [
                        WrittenExample(id=f"a.csv:{n}", source=source, target=target)
                        for n, (source, target) in enumerate(rows)
                    ],
                )
            }
        ).findings
        if each.kind == "wrong-language"
    ]
    both = "a.csv:120", "a.csv:121"
    assert messages == [
        f"2 targets are in the language of the sources, by their characters: {[*both]}",
        "1 source is in the language of the targets, by its characters: ['a.csv:121']",
    ]


def test_a_text_is_compared_without_its_own_share() -> None:
    rng = random.Random(8)
    odd = text(ENGLISH, rng, 30)
    right = [text(SWAHILI, rng) for _ in range(3)]
    languages = SideLanguages([text(ENGLISH, rng) for _ in range(9)], [*right, odd])
    assert languages.is_misplaced(odd, side=1)  # though it is most of its own side
    assert not any(languages.is_misplaced(each, side=1) for each in right)


def test_names_from_the_other_language_do_not_make_a_text_foreign() -> None:
    english = "Emergent Biosolutions announced that it had teamed with Novavax"
    chinese = "在三月十日左右,{} 宣布与另外一家公司合作研究开发新的疫苗"
    rows = [(f"{english} in {n} countries", chinese.format("该公司")) for n in range(30)]
    rows.append((f"Around March {english}", chinese.format("Emergent Biosolutions and Novavax")))
    assert "wrong-language" not in found(rows)
    assert "wrong-language" in found([*rows, (f"In May {english}", f"It was said: {english}")])


def test_a_target_in_another_script_is_told() -> None:
    rows = [*pairs(), ("wash your hands with soap today", "Мойте руки мылом каждый день")]
    finding = found(rows)["other-language"]
    assert [str(place) for place in finding.rows] == ["train.csv:122 (target, Cyrillic script)"]
    assert finding.message.startswith("1 target is in another language than the rest")


def test_a_damaged_target_is_told() -> None:
    finding = found([*pairs(), ("the fever of children", "FiÃ¨vre des enfants")])["mojibake"]
    assert str(finding.rows[0]).startswith("train.csv:122 (target, characters")


def test_one_source_with_two_targets_is_a_conflict() -> None:
    source = "call the doctor before you visit"
    finding = found([*pairs(), (source, "piga simu kwanza"), (source, "piga simu kabla ya kwenda")])
    assert finding["conflicting-answers"].message == (
        "1 source has different translations in different rows"
    )


def test_sources_and_targets_of_another_part_are_leaks() -> None:
    rows = pairs()
    test = [
        *pairs(30, seed=2),
        (rows[0][0].upper(), "tafsiri nyingine ya maneno haya"),
        ("another source of the same target", rows[1][1]),
        rows[2],
    ]
    findings = found(rows, test=test)
    assert ids(findings["leak"]) == ["test.csv:32", "test.csv:34"]
    assert [str(place) for place in findings["leaked-target"].rows] == [
        "test.csv:33 (the target of train.csv:3 in train)"
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(source, source) for source, _ in pairs(5)], "every target is its source"),
        ([(source, "same") for source, _ in pairs(5)], "all rows have the same target"),
    ],
)
def test_rows_that_teach_nothing_are_an_error(rows: Pairs, message: str) -> None:
    assert found(rows)["nothing-to-learn"].message == message


def test_an_abstract_that_is_longer_is_told_and_one_language_is_right() -> None:
    rng = random.Random(3)
    rows = [(text(ENGLISH, rng, 40), text(ENGLISH, rng, 10)) for _ in range(60)]
    findings = found(
        [*rows, ("the doctor is in", "the doctor is in the hospital now")], task=ABSTRACT
    )
    assert set(findings) == {"length-ratio", "long-summary"}
    assert ids(findings["long-summary"]) == ["train.csv:62"]


@pytest.mark.skipif(not TICO.is_dir(), reason=f"there is no {TICO}")
def test_of_real_translations_only_those_that_were_cut_off_are_told() -> None:
    """Each of the three leaves out the second half of its source."""
    parts = ("train", "validation", "test")
    rows = {name: read_rows(TICO / f"{name}.jsonl", TRANSLATION) for name in parts}
    report = check_parts(rows)  # type: ignore[arg-type]
    told = {each.kind: ids(each) for each in report.findings if each.kind in OWN}
    assert told == {"length-ratio": ["train.jsonl:1629", "train.jsonl:1795", "train.jsonl:1843"]}
