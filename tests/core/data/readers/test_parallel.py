"""Parallel files, as OPUS and Moses name them: ``corpus.en-sw.en`` beside ``corpus.en-sw.sw``."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from burnish.cli import main
from burnish.data import Columns, read_rows
from burnish.data.reading import rows_sha256
from burnish.errors import DataError
from burnish.recipe.sections import DataSection
from burnish.tasks.written.example import WrittenExample
from tests.core.data.rows_file import write, write_jsonl
from tests.core.tasks.written_tasks import TRANSLATION, with_written_tasks

EN_SW = Columns(languages=("en", "sw"))


@pytest.fixture(autouse=True)
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with with_written_tasks(monkeypatch):
        yield


def pairs(path: Path, columns: Columns = EN_SW) -> list[tuple[str, str, str]]:
    examples = read_rows(path, TRANSLATION, columns=columns).examples
    return [(e.id, e.source, e.target) for e in examples if isinstance(e, WrittenExample)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("train.en", "train.sw"),
        ("corpus.en-sw.en", "corpus.en-sw.sw"),
    ],
)
def test_lines_of_both_files_are_rows(tmp_path: Path, one: str, other: str) -> None:
    source = write(tmp_path / one, "Wash your hands.\r\n\r\nFever, \u2028cough\n")
    write(tmp_path / other, "Osha mikono.\n\nHoma")
    assert pairs(source) == [
        (f"{one}:1", "Wash your hands.", "Osha mikono."),
        (f"{one}:3", "Fever, \u2028cough", "Homa"),
    ]
    assert read_rows(source, TRANSLATION, columns=EN_SW).files[0].skipped == {"blank line": 1}


def test_either_file_may_be_named_and_the_languages_say_the_direction(tmp_path: Path) -> None:
    write(tmp_path / "a.en", "Fever\n")
    target = write(tmp_path / "a.sw", "Homa\n")
    assert pairs(target) == [("a.sw:1", "Fever", "Homa")]
    assert pairs(target, Columns(languages=("sw", "en"))) == [("a.sw:1", "Homa", "Fever")]


def test_packed_files_are_read(tmp_path: Path) -> None:
    source = write(tmp_path / "a.en.gz", gzip.compress(b"Fever\n"))
    write(tmp_path / "a.sw.gz", gzip.compress(b"Homa\n"))
    assert pairs(source) == [("a.en.gz:1", "Fever", "Homa")]


def test_files_of_different_lengths_are_refused_with_both_counts(tmp_path: Path) -> None:
    source = write(tmp_path / "a.en", "one\ntwo\nthree\n")
    write(tmp_path / "a.sw", "moja\n")
    with pytest.raises(DataError) as caught:
        pairs(source)
    assert "a.en has 3 lines and a.sw has 1 line" in caught.value.reason


def test_an_empty_line_beside_a_text_is_a_missing_side(tmp_path: Path) -> None:
    source = write(tmp_path / "a.en", "\nFever\n")
    write(tmp_path / "a.sw", "Homa\n\n")
    with pytest.raises(DataError, match="the row has no target") as caught:
        pairs(source)
    assert caught.value.line == 2
    source = write(tmp_path / "b.en", "\nFever\nCough\n")
    write(tmp_path / "b.sw", "Homa\n\nKikohozi\n")
    columns = Columns(languages=("en", "sw"), unlabelled="leave_out")
    rows = read_rows(source, TRANSLATION, columns=columns)
    assert rows.files[0].skipped == {"empty source": 1, "no label": 1}


def test_a_file_without_its_other_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "a.en", "Fever\n")
    with pytest.raises(DataError, match=r"there is no a\.sw beside it"):
        pairs(source)


def test_without_languages_the_setting_is_named(tmp_path: Path) -> None:
    source = write(tmp_path / "a.en", "Fever\n")
    with pytest.raises(DataError, match="the languages are not named") as caught:
        pairs(source, Columns())
    assert "data.languages: [en, sw]" in caught.value.hint
    write(tmp_path / "a.fr", "Fièvre\n")
    write(tmp_path / "b.am", "")
    with pytest.raises(DataError) as caught:
        pairs(source, Columns())
    assert "data.languages: [en, fr] reads a.en with a.fr" in caught.value.hint
    assert pairs(source, Columns(languages=("en", "fr"))) == [("a.en:1", "Fever", "Fièvre")]


def test_both_files_are_in_the_digest(tmp_path: Path) -> None:
    source = write(tmp_path / "a.en", "Fever\n")
    target = write(tmp_path / "a.sw", "Homa\n")
    before = read_rows(source, TRANSLATION, columns=EN_SW).files[0].sha256
    assert before == rows_sha256(source, EN_SW) != rows_sha256(source)
    write(target, "Joto\n")
    assert rows_sha256(source, EN_SW) != before


def test_a_table_has_a_column_of_each(tmp_path: Path) -> None:
    columns = Columns(source="en", target="sw", languages=("en", "sw"))
    rows = [{"en": "Fever", "sw": "Homa"}]
    assert pairs(write_jsonl(tmp_path / "a.jsonl", rows), columns)[0][1:] == ("Fever", "Homa")
    table = write(tmp_path / "a.csv", "id;en;sw\n1;Fever, cough;Homa\n")
    assert pairs(table, columns)[0][1:] == ("Fever, cough", "Homa")
    with pytest.raises(DataError, match="there is no column 'target'") as caught:
        pairs(write(tmp_path / "b.csv", "source,targets\na,b\n"), Columns())
    assert "data.target: targets" in caught.value.hint


@pytest.mark.parametrize("codes", [["en", "EN"], ["", "sw"], ["en"]])
def test_a_recipe_names_two_different_languages(codes: list[str]) -> None:
    with pytest.raises(ValueError, match="languages"):
        DataSection.model_validate({"train": "a.en", "languages": codes})


def test_the_command_line_names_the_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "a.en", "Fever\nCough\n")
    write(tmp_path / "a.sw", "Homa\nKikohozi\n")
    main(["check", str(source), "--task", TRANSLATION, "--languages", "en, sw", "--quick"])
    assert f"{source}: 2 {TRANSLATION} rows" in capsys.readouterr().out
    for wrong in ("en", "en,EN", "en,sw,fr", ",sw"):
        with pytest.raises(SystemExit):
            main(["check", str(source), "--languages", wrong])
        assert "name two languages" in capsys.readouterr().err
