from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import termios
from pathlib import Path

import pytest

import burnish
from burnish.tasks import Classification
from tests.tiny_onnx import tiny_bundle

ROOT = Path(__file__).parents[3]
TEXTS = ("the invoice was to my card", "where is my parcel", "hello it is a week")
LABELS = ("billing", "delivery", "other")


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Put bytes on standard input."""
    path = tmp_path / "stdin"
    path.touch()
    with path.open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        yield path.write_bytes


def test_a_text_is_one_json_line(shell, bundles) -> None:
    done = shell("predict", bundles["classification"], TEXTS[0])
    (line,) = done.lines
    assert done.code == 0
    assert line["labels"] == ["billing"]
    assert [each["label"] for each in line["scores"]] == ["billing"]
    assert line["windows"] == 1


def test_what_is_not_sure_enough_is_marked(shell, tmp_path: Path) -> None:
    bundle = tiny_bundle(tmp_path / "b", abstain_below=0.9)
    sure, unsure = (shell("predict", bundle, text).lines[0] for text in ("invoice", "my it was"))
    assert "abstained" not in sure
    assert unsure["abstained"] is True
    assert unsure["scores"][0]["abstained"] is True


@pytest.mark.parametrize("word", ["invoice ", "發票é😀 "])
def test_a_text_may_be_longer_than_a_files_name(shell, bundles, word: str) -> None:
    text = (word * 300)[:300]
    done = shell("predict", bundles["classification"], text)
    assert (done.code, done.notes) == (0, "")
    assert done.lines[0]["tokens"] > 1
    assert text not in done.out


def test_the_line_is_what_python_gets(shell, bundles) -> None:
    with burnish.load(bundles["classification"]) as model:
        expected = model.predict_one(TEXTS[0])
    assert isinstance(expected, Classification)
    (line,) = shell("predict", bundles["classification"], TEXTS[0], "--top-k", 3).lines
    assert line["scores"] == [{"label": s.label, "score": s.score} for s in expected.scores]
    assert line["tokens"] == expected.tokens


def test_a_text_file_is_answered_line_by_line_in_order(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(TEXTS * 20) + "\n")
    done = shell("predict", bundles["classification"], file)
    assert [line["labels"][0] for line in done.lines] == list(LABELS * 20)


def test_an_answer_does_not_depend_on_its_file(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(TEXTS * 5))
    together = shell("predict", bundles["classification"], file).out.splitlines()
    alone = [shell("predict", bundles["classification"], text).out.strip() for text in TEXTS]
    assert together == alone * 5


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", "id,text\n1,{}\n2,{}\n3,{}\n"),
        ("rows.csv", "id;text\n1;{}\n2;{}\n3;{}\n"),
        ("rows.tsv", "id\ttext\n1\t{}\n2\t{}\n3\t{}\n"),
        ("rows.csv", '\ufeffid,text\n1,"{}"\n2,"{}"\n3,"{}"\n'),
        ("rows.jsonl", '{{"text": "{}"}}\n{{"text": "{}"}}\n"{}"\n'),
    ],
)
def test_rows_of_a_file_are_answered(shell, bundles, tmp_path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content.format(*TEXTS), encoding="utf-8")
    done = shell("predict", bundles["classification"], file)
    assert [line["labels"][0] for line in done.lines] == list(LABELS)


def test_a_skipped_row_of_a_table_is_an_error_in_its_place(shell, bundles, tmp_path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(f"id,text\n1,{TEXTS[0]}\n\n,\n2,{TEXTS[1]}\n")
    done = shell("predict", bundles["classification"], file)
    assert done.code == 1
    assert ["error" in line for line in done.lines] == [False, True, True, False]
    assert "rows.csv:3: blank line" in done.lines[1]["error"]
    assert "rows.csv:4: empty row" in done.lines[2]["error"]


def test_a_cell_holds_a_whole_document(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(f"id,text\n1,{'invoice ' * 17_000}\n")
    csv.field_size_limit(131_072)  # as in a fresh process
    (line,) = shell("predict", bundles["classification"], file).lines
    assert line["labels"] == ["billing"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'id,text\n1,"my card\n2,my parcel\n3,hello\n', ":2: the row that begins here cannot"),
        (b"id,text\n1,my card\n2,caf\xe9\n", ":3: is not UTF-8: byte 0xe9 at column 6"),
        (b"id,body\n1,my card\n", ":1: there is no column 'text'; there are: 'id', 'body'"),
        (b"", ":1: there is no column 'text'; there are: none"),
    ],
)
def test_a_table_that_cannot_be_read_is_named_with_its_line(
    shell, bundles, tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    done = shell("predict", bundles["classification"], file)
    assert done.code == 1
    assert done.notes.startswith(f"error: {file}{message}")
    assert "defect" not in done.notes


def test_a_row_of_another_width_fails_alone(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("id,text\n1,my card, and more\n2,my invoice\n")
    done = shell("predict", bundles["classification"], file)
    assert done.code == 1
    wrong, right = done.lines
    assert wrong["error"].startswith(f"{file}:2: the row has 3 cells, the header has 2")
    assert "labels" in right


def test_questions_come_as_a_table(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("question;context\ndays in a week?;that week has seven days\n")
    (line,) = shell("predict", bundles["qa"], file).lines
    assert line["answer"] == "seven"


def test_a_column_can_be_named(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(f"id,body\n1,{TEXTS[0]}\n")
    (line,) = shell("predict", bundles["classification"], file, "--text", "body").lines
    assert line["labels"] == ["billing"]
    older = shell("predict", bundles["classification"], file, "--column", "body")
    assert (older.lines, older.notes) == ([line], "note: --column is now --text\n")


def test_a_pipe_is_answered_line_by_line(shell, bundles, stdin) -> None:
    stdin("\n".join(TEXTS).encode())
    done = shell("predict", bundles["classification"], "-")
    assert [line["labels"][0] for line in done.lines] == list(LABELS)


def test_no_text_means_standard_input(shell, bundles, stdin) -> None:
    stdin(TEXTS[1].encode())
    (line,) = shell("predict", bundles["classification"]).lines
    assert line["labels"] == ["delivery"]


def test_a_line_of_a_pipe_is_answered_before_the_next_one_comes(bundles) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "burnish", "predict", str(bundles["classification"]), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for text, label in zip(TEXTS, LABELS, strict=True):
        process.stdin.write(f"{text}\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["labels"] == [label]
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_entities_have_offsets_in_code_points(shell, bundles) -> None:
    text = "\U0001f600 the café was in Paris"
    (line,) = shell("predict", bundles["extraction"], text).lines
    assert [text[e["start"] : e["end"]] for e in line["entities"]] == ["café", "Paris"]


def test_a_question_is_answered(shell, bundles) -> None:
    context = "that week has seven days"
    words = ("--question", "days in a week?", "--context", context)
    (line,) = shell("predict", bundles["qa"], *words).lines
    assert line["answer"] == context[line["start"] : line["end"]] == "seven"


def test_questions_come_as_json_lines(shell, bundles, stdin) -> None:
    row = {"question": "days in a week?", "context": "that week has seven days"}
    stdin(json.dumps(row).encode())
    (line,) = shell("predict", bundles["qa"], "-").lines
    assert line["answer"] == "seven"


def test_a_bad_line_is_an_error_in_its_place(shell, bundles, stdin) -> None:
    stdin(b"\n".join([TEXTS[0].encode(), b"", b"\xff", TEXTS[1].encode()]))
    done = shell("predict", bundles["classification"], "-")
    assert done.code == 1
    assert ["error" in line for line in done.lines] == [False, True, True, False]
    assert done.notes == "2 of 4 inputs could not be answered\n"


@pytest.mark.parametrize(
    "row", ["{", "[1]", '{"txt": "a"}', '{"text": 1}', '{"text": null}', "[" * 100_000]
)
def test_a_bad_row_is_an_error_in_its_place(shell, bundles, stdin, row: str) -> None:
    stdin(f'{row}\n{{"text": "{TEXTS[0]}"}}\n'.encode())
    bad, good = shell("predict", bundles["classification"], "-", "--format", "jsonl").lines
    assert list(bad) == ["error"]
    assert good["labels"] == ["billing"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing.csv"], "missing.csv: no such file"),
        (["./no file.csv"], "./no file.csv: no such file"),
        (["no file.CSV"], "no file.CSV: no such file"),
        (["nofile.csv.gz"], "nofile.csv.gz: no such file"),
        (["../nofile.csv.gz"], "../nofile.csv.gz: no such file"),
        (["/no/such/place"], "/no/such/place: no such file"),
        (["/"], "/: is a directory"),
        ([os.devnull], "is not a regular file"),
        (["-", "--format", "csv"], "a table cannot be read from standard input"),
        (["--question", "who?"], "use --question and --context together"),
        (["--question", "who?", "--context", "x"], "this bundle is for classification"),
    ],
)
def test_a_command_line_that_makes_no_sense_exits_2(shell, bundles, words, message: str) -> None:
    done = shell("predict", bundles["classification"], *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.notes


@pytest.mark.parametrize("text", ["either/or", "it is in rows.csv\nsee a.csv", "a. b.", "7.5"])
def test_a_text_that_looks_a_little_like_a_path_is_one(shell, bundles, text: str) -> None:
    done = shell("predict", bundles["classification"], text)
    assert (done.code, len(done.lines)) == (0, 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("hello >&-", "error: standard output is closed\n"),
        ("- <&-", "error: standard input is closed\n"),
    ],
)
def test_a_closed_stream_is_told(bundles, words: str, message: str) -> None:
    command = f'"$0" -m burnish predict "$1" {words}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, str(bundles["classification"])],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(message)


def test_a_file_without_a_line_is_told(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "empty.txt"
    file.touch()
    done = shell("predict", bundles["classification"], file)
    assert (done.code, done.out, done.notes) == (0, "", "0 inputs\n")


def test_a_text_for_a_bundle_that_answers_questions_exits_2(shell, bundles) -> None:
    done = shell("predict", bundles["qa"], "some text")
    assert done.code == 2
    assert "use --question and --context" in done.notes


def test_a_damaged_bundle_is_refused_by_the_files_name(shell, bundles, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(bundles["classification"], copy)
    (copy / "config.json").write_text("{}")
    done = shell("predict", copy, "text")
    assert done.code == 1
    assert "config.json is not the file that was exported" in done.notes


def test_a_bar_is_shown_for_a_file_where_somebody_watches(bundles, tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(TEXTS))
    leader, follower = os.openpty()
    termios.tcsetwinsize(follower, (24, 80))
    done = subprocess.run(
        [sys.executable, "-m", "burnish", "predict", str(bundles["classification"]), str(file)],
        stdout=subprocess.PIPE,
        stderr=follower,
        cwd=ROOT,
        check=True,
    )
    os.close(follower)
    shown = os.read(leader, 65536)
    os.close(leader)
    assert b"3/3" in shown
    assert len(done.stdout.splitlines()) == 3
