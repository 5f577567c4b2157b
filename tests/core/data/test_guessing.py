"""The columns of a file that nobody has described."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from burnish.data.guessing import guess_columns
from burnish.errors import DataError

LONG = ("the parcel has not come yet", "my card was charged two times", "please reset the login")
TEAMS = ("billing", "access", "delivery")


def table(path: Path, columns: Mapping[str, Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def repeated(values: Sequence[object], times: int = 4) -> list[object]:
    return list(values) * times


@pytest.mark.parametrize("text", ["Nachricht", "body", "Message"])
@pytest.mark.parametrize("label", ["Abteilung", "team", "Category"])
def test_texts_and_labels_are_found_by_name_or_content(tmp_path: Path, text, label) -> None:
    file = table(
        tmp_path / "mails.csv",
        {
            "nr": range(12),
            "date": repeated(["2026-01-01", "2026-01-02", "2026-01-03"]),
            text: repeated(LONG),
            label: repeated(TEAMS),
        },
    )
    guess = guess_columns(file, given={})
    assert guess.task == "classification"
    assert guess.columns == {"text": text, "label": label, "id": "nr"}
    assert guess.unused == ("date",)
    assert f"text: {text}; label: {label}; id: nr; not read: date" in guess.describe()


def test_columns_with_their_native_names_need_no_guess(tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", {"text": LONG, "label": TEAMS})
    assert guess_columns(file, given={}).columns == {}


def test_what_the_user_says_is_not_guessed(tmp_path: Path) -> None:
    file = table(
        tmp_path / "a.csv",
        {"body": repeated(LONG), "reply": repeated(LONG), "team": repeated(TEAMS)},
    )
    assert guess_columns(file, given={"text": "reply"}).columns == {"label": "team"}
    assert guess_columns(file, given={"label": "team"}).columns == {"text": "body"}


def test_one_column_per_label_is_found(tmp_path: Path) -> None:
    file = table(
        tmp_path / "a.csv",
        {"body": repeated(LONG), "late": repeated([1, 0, 0]), "wet": repeated([0, 1, 1])},
    )
    guess = guess_columns(file, given={})
    assert guess.columns == {"text": "body", "label_columns": ("late", "wet")}


def test_of_two_columns_that_may_be_the_label_none_is_taken(tmp_path: Path) -> None:
    file = table(
        tmp_path / "a.csv",
        {"text": repeated(LONG), "ward": repeated(["A", "B", "C"]), "shift": repeated("xyz")},
    )
    with pytest.raises(DataError, match=r"'ward' \(3 values\), 'shift' \(3 values\)") as caught:
        guess_columns(file, given={})
    assert "data.label=ward" in caught.value.hint
    assert guess_columns(file, given={"label": "ward"}).columns == {}


@pytest.mark.parametrize(
    ("columns", "message", "key"),
    [
        ({"a": repeated(["x y", "z"], 6), "b": repeated(TEAMS)}, "no column holds texts", "text=a"),
        (
            {"a": repeated(LONG), "b": repeated(LONG[::-1]), "team": repeated(TEAMS)},
            "several columns may be the text",
            "text=a",
        ),
        ({"text": repeated(LONG), "n": range(12)}, "no column holds labels", "label=n"),
    ],
)
def test_what_cannot_be_told_is_asked(tmp_path: Path, columns, message: str, key: str) -> None:
    file = table(tmp_path / "a.csv", columns)
    with pytest.raises(DataError, match=message) as caught:
        guess_columns(file, given={})
    name, _, column = key.partition("=")
    assert f"data.{name}=" in caught.value.hint
    guess_columns(file, given={name: column})


def test_json_lines_and_other_tasks(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    rows = [{"body": text, "team": team} for text, team in zip(LONG, TEAMS, strict=True)] * 4
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert guess_columns(file, given={}).columns == {"text": "body", "label": "team"}
    file.write_text('{"text": "Ann left.", "entities": [{"start": 0, "end": 3, "label": "P"}]}\n')
    assert guess_columns(file, given={}).task == "extraction"


def test_numbers_are_labels_only_under_a_name_of_labels(tmp_path: Path) -> None:
    columns = {"text": repeated(LONG), "code": repeated([1, 2, 3]), "year": repeated([1, 2, 2])}
    file = table(tmp_path / "a.csv", columns)
    assert guess_columns(file, given={}).columns == {"label": "code"}


@pytest.mark.parametrize("name", ["ID", "ticket_id", "No.", "Case number", "Nr"])
def test_a_column_that_names_every_row_is_found(tmp_path: Path, name: str) -> None:
    columns = {name: range(12), "text": repeated(LONG), "label": repeated(TEAMS)}
    assert guess_columns(table(tmp_path / "a.csv", columns), given={}).columns == {"id": name}


@pytest.mark.parametrize(
    ("name", "values"),
    [("id", repeated([1, 2, 3])), ("id", [*range(11), ""]), ("paid", range(12))],
    ids=["twice", "empty", "another word"],
)
def test_what_names_not_every_row_is_no_id(tmp_path: Path, name: str, values: list[object]) -> None:
    columns = {name: list(values), "text": repeated(LONG), "label": repeated(TEAMS)}
    guess = guess_columns(table(tmp_path / "a.csv", columns), given={})
    assert (guess.columns, guess.unused) == ({}, (name,))
