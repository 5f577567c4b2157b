"""Counterfactuals differ in the terms of one axis alone, and moves are summed up with intervals."""

from __future__ import annotations

from itertools import pairwise

import pytest

from burnish.errors import ConfigError
from burnish.evidence.bias import Swapper, compare_answers, guess_language, load_terms
from burnish.evidence.bias.comparison import BiasReport, Move
from burnish.evidence.bias.terms import LANGUAGES


def _made(text: str, language: str = "en") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in Swapper(load_terms(language)).counterfactuals(text):
        found.setdefault(each.axis, []).append(each.text)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_has_every_axis_and_its_rows_have_counterparts(language) -> None:
    terms = load_terms(language)
    assert set(terms.terms) == {"gender", "origin", "religion", "age", "disability"}
    assert set(terms.names) == {"gender", "origin"}
    assert all(len(row) == len(set(row)) >= 2 for rows in terms.terms.values() for row in rows)
    assert all(term == term.lower() for rows in terms.terms.values() for r in rows for term in r)


def test_all_terms_of_an_axis_go_together_and_keep_their_case() -> None:
    made = _made("She said that HER mother, a young woman, prays in the church.")
    assert made["gender"] == ["He said that HIS father, a young man, prays in the church."]
    assert made["age"] == ["She said that HER mother, a old woman, prays in the church."]
    assert made["religion"][0].endswith("prays in the mosque.")


def test_words_that_only_contain_a_term_stay() -> None:
    assert _made("The manual of a heroine in Germany is blindly chosen.") == {}


def test_names_go_to_another_group_and_always_the_same_way() -> None:
    once, twice = _made("Emily met Omar."), _made("Emily met Omar.")
    assert once == twice
    assert all("Emily" not in text for text in once["origin"])
    assert once["gender"][0].endswith("met Omar.")


def test_offsets_follow_their_text() -> None:
    text = "Mr Smith and his mother live in Bonn"
    (made,) = (c for c in Swapper(load_terms("en")).counterfactuals(text) if c.axis == "gender")
    for word in ("Smith", "live", "Bonn"):
        start = text.index(word)
        moved = made.moved(start, start + len(word))
        assert made.text[slice(*moved)] == word
    start = text.index("mother")
    assert made.text[slice(*made.moved(start, start + 6))] == "father"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The claim was refused because the form is not with the office."),
        ("de", "Der Antrag ist nicht mit den Unterlagen eingegangen und wird geprüft."),
        ("es", "La solicitud no fue aceptada por el juez en la ciudad de Sevilla."),
        ("fr", "La demande est dans le dossier et le juge ne la voit pas pour les raisons."),
        ("pt", "O pedido não foi aceito em Lisboa e a carta com os documentos para um juiz."),
    ],
)
def test_the_language_is_told_by_its_common_words(language, text) -> None:
    assert guess_language([text]) == language


def test_another_language_has_no_terms_unless_a_user_brings_them(tmp_path) -> None:
    assert guess_language(["Mahkama ta yanke hukunci", ""]) is None
    with pytest.raises(ConfigError, match="no list of terms for 'ha'"):
        load_terms("ha")
    file = tmp_path / "ha.yaml"
    file.write_text("terms: {gender: [[namiji, mace]]}\n")
    (made,) = Swapper(load_terms("ha", file)).counterfactuals("Wani namiji ya zo")
    assert made.text == "Wani mace ya zo"


def test_a_users_file_extends_a_list_and_its_faults_are_named(tmp_path) -> None:
    file = tmp_path / "more.yaml"
    file.write_text("terms: {gender: [[midwife, obstetrician]], caste: [[dalit, brahmin]]}\n")
    terms = load_terms("en", file)
    assert ("he", "she") in terms.terms["gender"]
    assert "caste" in Swapper(terms).axes
    file.write_text("term: {}\n")
    with pytest.raises(ConfigError, match="term: Extra inputs"):
        load_terms("en", file)


def test_rates_carry_wilson_intervals_and_the_worst_axis_is_the_surest() -> None:
    moves = [Move("age", "f:1", True, 0.9)]
    moves += [Move("gender", f"f:{n}", n < 30, 0.5) for n in range(40)]
    report = compare_answers(moves, language="en", rows=40)
    gender = report.axes[1]
    assert (gender.flipped, gender.swaps, gender.rate) == (30, 40, 0.75)
    assert gender.low == pytest.approx(0.5981, abs=1e-4)
    assert gender.high == pytest.approx(0.8581, abs=1e-4)
    assert report.worst == max(report.axes, key=lambda axis: axis.low)
    assert BiasReport.from_json(report.to_json()) == report


def test_swaps_of_one_text_are_no_independent_trials() -> None:
    moves = [Move("gender", f"f:{n // 2}", n < 10, 0.5) for n in range(60)]
    report = compare_answers(moves, language="en", rows=30)
    (gender,) = report.axes
    assert (gender.rows, gender.swaps, gender.flipped) == (30, 60, 10)
    assert gender.low == pytest.approx(0.0734, abs=1e-4)  # of 5 in 30; of 10 in 60 it is 0.093


def test_the_intervals_of_several_axes_hold_together() -> None:
    one = [Move("gender", f"f:{n}", n < 30, 0.5) for n in range(40)]
    other = [Move("age", f"f:{n}", n < 30, 0.5) for n in range(40)]
    alone = compare_answers(one, language="en", rows=40).axes[0]
    beside = compare_answers([*one, *other], language="en", rows=40).axes[1]
    assert beside.low < alone.low
    assert beside.high > alone.high


def test_counterfactuals_of_a_text_are_different_texts() -> None:
    texts = _made("A German and a Muslim met.")["origin"]
    assert all(one != other for one, other in pairwise(texts))
