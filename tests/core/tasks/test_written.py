"""Tasks whose answers are written, as far as they need no model: rows, answers, scores, errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import numpy as np
import pytest
import sacrebleu

from burnish.data import Columns, Rows, read_rows
from burnish.data.checks.faults import read_with_faults
from burnish.data.fix import fix_file
from burnish.data.groups import group_keys
from burnish.errors import DataError
from burnish.tasks.abstract.prediction import Abstract
from burnish.tasks.abstract.words import WORDS as ABSTRACT_WORDS
from burnish.tasks.base import TaskSettings
from burnish.tasks.cells import Sides
from burnish.tasks.intervals import score_rows
from burnish.tasks.rouge import scores as rouge
from burnish.tasks.translation.prediction import Translation
from burnish.tasks.translation.words import WORDS as TRANSLATION_WORDS
from burnish.tasks.written.cells import WrittenCells
from burnish.tasks.written.errors import WrittenErrors
from burnish.tasks.written.example import WrittenExample
from burnish.tasks.written.prediction import Writing, Written
from burnish.tasks.written.scores import OverlapScores, RougeScores
from tests.core.data.rows_file import write_jsonl
from tests.core.tasks.written_tasks import TRANSLATION, with_written_tasks


@pytest.fixture(autouse=True)
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with with_written_tasks(monkeypatch):
        yield


def example(source: str, target: str, n: int = 1) -> WrittenExample:
    return WrittenExample(id=f"a.jsonl:{n}", source=source, target=target)


def answer(text: str, score: float = 0.5, **more: Any) -> Translation:
    return Translation(writing=Writing(text, score, **more), tokens=4, windows=1)


def read(path: Path, rows: list[dict[str, Any]], **columns: Any) -> Rows:
    file = write_jsonl(path / "a.jsonl", rows)
    return read_rows(file, TRANSLATION, columns=Columns(**columns))


def test_a_row_is_a_source_with_its_target(tmp_path: Path) -> None:
    rows = [{"body": " Fever. ", "sw": "Homa.\n", "doc": "d1", "age": "old"}]
    columns = {"source": "body", "target": "sw", "group": "doc", "subgroups": ("age",)}
    (found,) = read(tmp_path, rows, **columns).examples
    assert isinstance(found, WrittenExample)
    assert (found.source, found.target) == ("Fever.", "Homa.")
    assert (found.group, found.subgroups) == ("d1", ("old",))
    assert found.input_text == "Fever."
    assert found.with_body("Cough.") == replace(found, source="Cough.")


def test_the_hub_s_column_of_several_languages_is_read(tmp_path: Path) -> None:
    rows = [{"id": "7", "translation": {"en": "Fever", "fr": "Fièvre", "sw": "Homa"}}]
    (found,) = read(tmp_path, rows, languages=("sw", "en")).examples
    assert isinstance(found, WrittenExample)
    assert (found.source, found.target) == ("Homa", "Fever")
    with pytest.raises(DataError, match="there is no column 'source'"):
        read(tmp_path, rows)
    with pytest.raises(DataError, match="there is no column 'source'"):
        read(tmp_path, rows, languages=("en", "xx"))


@pytest.mark.parametrize("target", [None, "", "  "])
def test_a_row_without_its_target_is_an_error_or_left_out(
    tmp_path: Path, target: str | None
) -> None:
    rows: list[dict[str, Any]] = [{"source": "a", "target": target}, {"source": "b", "target": "c"}]
    with pytest.raises(DataError, match="the row has no target"):
        read(tmp_path, rows)
    assert read(tmp_path, rows, unlabelled="leave_out").files[0].skipped == {"no label": 1}
    _, (finding,) = read_with_faults(tmp_path / "a.jsonl", TRANSLATION)
    assert finding.message == "1 row has no translation"


def test_a_row_without_its_source_is_left_out_and_told(tmp_path: Path) -> None:
    rows = [{"source": "", "target": "a"}, {"source": "b", "target": "c"}]
    assert read(tmp_path, rows).files[0].skipped == {"empty source": 1}


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no column 'target'") as caught:
        read(tmp_path, [{"source": "a", "targte": "b"}])
    assert "data.target: targte" in caught.value.hint


def test_both_texts_are_fixed(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"source": "Fièvre ", "target": "FiÃ¨vre"}])
    out = tmp_path / "fixed.jsonl"
    fix_file(path, TRANSLATION, columns=Columns(), out=out)
    assert json.loads(out.read_text(encoding="utf-8")) == {"source": "Fièvre", "target": "Fièvre"}


def test_rows_with_one_target_are_not_split_apart() -> None:
    one, two, three, other = group_keys(
        [example("a", "X y"), example("b", "x  Y"), example("B", "z"), example("c", "w")]
    )
    assert one == two == three != other


def test_an_answer_says_what_was_written_and_whether_it_was_cut() -> None:
    whole = answer("Homa", 0.75, steps=3)
    assert whole.document(1) == {"translation": "Homa", "score": 0.75, "tokens": 4, "windows": 1}
    cut = answer("Homa", 0.1, ended=False, abstained=True)
    assert cut.document(1)["ended"] is False
    assert cut.abstained
    assert cut.document(1)["abstained"] is True
    abstract = Abstract(writing=Writing("Short.", 1.0), tokens=9, windows=1)
    assert abstract.answer_document(1) == {"abstract": "Short.", "score": 1.0}


@pytest.mark.parametrize(
    ("one", "two", "distance"),
    [
        ("a b", "A b!", 0.0),
        ("a b", "c d", 1.0),
        ("a b c", "a b d", 0.4),
        ("", "", 0.0),
        ("!", "?", 1.0),
    ],
)
def test_the_distance_of_answers_is_in_their_words(one: str, two: str, distance: float) -> None:
    assert answer(one).distance(answer(two)) == pytest.approx(distance)


class _Overlap(OverlapScores):
    unbounded: ClassVar[frozenset[str]] = frozenset()


class _Rouge(RougeScores):
    unbounded: ClassVar[frozenset[str]] = frozenset()


def test_translations_are_scored_as_a_corpus() -> None:
    said = ["Osha mikono yako", "Homa kali", "Nenda nyumbani sasa hivi kwa miguu"]
    true = ["Osha mikono", "Una homa kali", "Nenda nyumbani sasa hivi kwa gari"]
    task = _Overlap()
    rows = np.stack(
        [task.row_statistics(example("", t), answer(s)) for s, t in zip(said, true, strict=True)]
    )
    found = score_rows(cast(Any, task), rows)
    chrf = sacrebleu.corpus_chrf(said, [true], word_order=2).score / 100
    bleu = sacrebleu.corpus_bleu(said, [true]).score / 100
    assert found["chrf"].value == pytest.approx(chrf)
    assert found["bleu"].value == pytest.approx(bleu)
    assert found["chrf"].low < chrf < found["chrf"].high
    assert task.trials(rows) == {"chrf": 3.0, "bleu": 3.0}
    assert task.to_find(rows.sum(axis=0)) == (3.0, 3.0)


def test_the_settings_of_a_task_inherit_the_scores() -> None:
    class Settings(OverlapScores, TaskSettings[str, WrittenExample, Written]):
        pass

    needed = Settings.__abstractmethods__
    assert not needed & {"row_statistics", "metrics", "trials", "label_counts", "same_answer"}
    assert Settings.metric_choices == ("chrf", "bleu")


def test_the_target_language_decides_how_bleu_cuts_words() -> None:
    class Chinese(_Overlap):
        target_code = "zh"

    pair = example("", "我们洗手吧"), answer("我们洗手吗")
    plain, cut = (
        task.metrics(task.row_statistics(*pair))["bleu"] for task in (_Overlap(), Chinese())
    )
    assert plain == 0.0 < cut


def test_abstracts_are_scored_by_the_mean_of_rouge() -> None:
    pairs = [("The roof leaks.", "The roof leaks badly."), ("Rent is due.", "Nothing alike")]
    task = _Rouge()
    rows = np.stack([task.row_statistics(example("", t), answer(s)) for s, t in pairs])
    found = task.score_of(rows)
    assert list(found) == ["rouge_l", "rouge2", "rouge1"]
    each = [rouge(s, t) for s, t in pairs]
    assert found["rouge_l"] == pytest.approx(np.mean([r.rouge_l for r in each]))
    assert found["rouge2"] == pytest.approx(np.mean([r.rouge2 for r in each]))
    weights = np.array([[2.0, 0.0]])
    assert task.score_of(rows, weights)["rouge1"] == pytest.approx([each[0].rouge1])


def test_the_quality_of_one_answer_is_that_of_its_metric() -> None:
    pair = example("", "Osha mikono"), answer("Osha mikono yako")
    theirs = sacrebleu.sentence_chrf("Osha mikono yako", ["Osha mikono"], word_order=2).score
    assert _Overlap().quality(*pair) == pytest.approx(theirs / 100)
    assert _Rouge().quality(*pair) == pytest.approx(
        rouge("Osha mikono yako", "Osha mikono").rouge_l
    )


def test_the_same_answer_is_the_same_text() -> None:
    assert _Overlap().same_answer(answer("a", 0.1), answer("a", 0.9))
    assert not _Overlap().same_answer(answer("a"), answer("A"))


@pytest.mark.parametrize(
    ("text", "more", "kinds"),
    [
        ("Osha mikono yako kwa sabuni", {}, []),
        ("", {}, ["empty"]),
        ("Wash your hands with soap", {}, ["copied"]),
        ("Osha mikono", {}, ["too short"]),
        ("na maji na maji na maji na maji na maji na maji", {}, ["repetitive", "too long"]),
        ("Osha mikono yako kwa", {"ended": False}, ["cut off"]),
        ("Nawa mikono yako na sabuni", {}, ["other words"]),
    ],
)
def test_errors_are_told_by_what_shows(text: str, more: dict[str, Any], kinds: list[str]) -> None:
    row = example("Wash your hands with soap", "Osha mikono yako kwa sabuni")
    assert list(WrittenErrors().kinds(row, answer(text, **more))) == kinds


def test_an_error_shows_lengths_and_no_text() -> None:
    row = example("Wash your hands with soap", "Osha mikono yako")
    found = WrittenErrors().describe(row, answer("Osha", 0.25))
    assert (found.true, found.said, found.score) == ("3 words", "1 word", 0.25)
    assert list(WrittenErrors().slices(row)) == [("words of the source", "1 to 10")]


def test_every_answer_has_the_cells_of_the_sample() -> None:
    task: Any = SimpleNamespace(unanswered=answer(""))
    cells = WrittenCells()
    sample = cells.answer(task, cells.sample(task), top_k=1)
    said = cells.answer(task, answer("Homa", 0.123456), top_k=1)
    assert list(sample) == list(said) == ["translation", "score", "ended", "abstained"]
    assert said == {"translation": "Homa", "score": 0.1235, "ended": True, "abstained": False}
    assert cells.sides(example("a", "Homa"), answer("Joto")) == Sides("Homa", "Joto")


@pytest.mark.parametrize("words", [TRANSLATION_WORDS, ABSTRACT_WORDS])
def test_a_recipe_s_lines_name_the_columns(words: Any) -> None:
    assert "source: source" in words.recipe.columns
    assert words.purpose(None)
