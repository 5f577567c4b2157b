"""CoNLL files and Hugging Face token columns: tags of tokens become spans of characters."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.data import Columns, ExtractionExample, Rows, Span, read_rows
from burnish.data.checking import check_files
from burnish.data.fix import fix_file
from burnish.errors import DataError
from tests.core.data.rows_file import write, write_jsonl


def _spans(rows: Rows) -> list[tuple[str, tuple[Span, ...]]]:
    return [
        (example.text, example.entities)
        for example in rows.examples
        if isinstance(example, ExtractionExample)
    ]


ANN = [("Ann Lee left Oslo", (Span(0, 7, "PER"), Span(13, 17, "LOC")))]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("iob1.conll", "Ann\tI-PER\nLee\tI-PER\nleft\tO\nOslo\tI-LOC\n"),
        ("iob2.conll", "Ann\tB-PER\nLee\tI-PER\nleft\tO\nOslo\tB-LOC\n"),
        ("bioes.conll", "Ann\tB-PER\nLee\tE-PER\nleft\tO\nOslo\tS-LOC\n\n"),
        ("four_columns.txt", "Ann NNP NP B-PER\nLee NNP NP I-PER\nleft VB VP O\nOslo NNP NP B-LOC"),
        ("crlf.tsv", "Ann\tB-PER\r\nLee\tI-PER\r\nleft\tO\r\nOslo\tB-LOC\r\n\r\n"),
        ("bom.iob2", "\ufeffAnn\tB-PER\nLee\tI-PER\nleft\tO\nOslo\tB-LOC\n"),
        ("comments.conll", "# a\n#\tb\nAnn B-PER\nLee I-PER\nleft O\nOslo B-LOC\n\n# c\n"),
        ("comment.conll", "# id 7 domain=x\nAnn B-PER\nLee I-PER\nleft O\nOslo B-LOC\n"),
        ("marked.conll", "-DOCSTART- -X- -X- O\n\nAnn B-PER\nLee I-PER\nleft O\nOslo B-LOC\n"),
    ],
)
def test_every_scheme_and_column_count_reads_to_the_same_spans(
    tmp_path: Path, name: str, content: str
) -> None:
    assert _spans(read_rows(write(tmp_path / name, content), "extraction")) == ANN


def test_sentences_have_their_first_line_and_may_be_grouped_by_document(tmp_path: Path) -> None:
    content = "-DOCSTART- O\n\nA O\nB O\n\nC O\n\n-DOCSTART- O\n\n# O\nD O\n"
    path = write(tmp_path / "rows.conll", content)
    rows = read_rows(path, "extraction", columns=Columns(group="document"))
    places = [(example.id, example.group) for example in rows.examples]
    assert places == [("rows.conll:3", "1"), ("rows.conll:6", "1"), ("rows.conll:10", "2")]
    assert _spans(rows)[2][0] == "# D"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("Ann B-PER\nLee\n", 2, "the line has no tag"),
        ("Ann\tB-PER\n\tO\n", 2, "the line has no token"),
        ("Ann B-PER\n#Lee\n", 2, "the line has no tag"),
        ("Ann B-PER\n# Lee\n", 2, "'Lee', is not a tag"),
        ("Ann B-PER\n#\tPER\n", 2, "'PER', is not a tag"),
        ("#Ann PER\nLee O\n", 1, "'PER', is not a tag"),
        ("#\nLee O\n", 1, "the line has no tag"),
        ("Ann B-PER\nLee PER\n", 2, "'PER', is not a tag"),
        ("Ann B-PER\n\nx O\nLee I-PER\n", 4, "I-PER begins an entity"),
        ("Ann B-PER\nLee E-PER\n\nBo B-PER\n", 4, "not closed"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, content: str, line: int, message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_rows(write(tmp_path / "rows.conll", content), "extraction")
    assert caught.value.line == line
    assert caught.value.hint


def test_every_fault_of_every_sentence_is_named(tmp_path: Path) -> None:
    content = "Ann B-PER\nLee\n\nBo\nleft PER\n\nOslo I-LOC\n\nso O\nBern B-LOC\nLee I-PER\n"
    path = write(tmp_path / "rows.conll", content)
    report = check_files("extraction", Columns(), files={"train": path}).report
    assert report.rows == 0
    named = {row.line for each in report.findings if each.kind == "unreadable" for row in each.rows}
    assert named == {2, 4, 5, 7, 11}


@pytest.mark.parametrize("form", ["CoNLL", "tokens"])
def test_a_copy_has_a_stray_tag_put_right_where_it_is_certain(tmp_path: Path, form: str) -> None:
    rows = [[("Ann", "B-PER"), ("left", "O"), ("Oslo", "I-LOC")], [("Bo", "I-PER")]]
    rows += [[("Ann", "B-PER"), ("Oslo", "I-LOC")]]  # a wrong type, or a wrong letter
    if form == "CoNLL":
        lines = "\n\n".join("\n".join(f"{w} {t}" for w, t in row) for row in rows)
        path = write(tmp_path / "rows.conll", lines)
    else:
        columns = [{"tokens": [w for w, _ in row], "tags": [t for _, t in row]} for row in rows]
        path = write_jsonl(tmp_path / "rows.jsonl", columns)
    done = fix_file(path, "extraction", columns=Columns(), out=tmp_path / "copy.jsonl")
    assert _spans(read_rows(done.path, "extraction")) == [
        ("Ann left Oslo", (Span(0, 3, "PER"), Span(9, 13, "LOC"))),
        ("Bo", (Span(0, 2, "PER"),)),
    ]
    assert [each.action for each in done.touches] == ["changed", "changed", "unread"]


TOKENS = {"tokens": ["Ann", "Lee", "left", "Oslo"]}
TAGS = ["B-PER", "I-PER", "O", "B-LOC"]


@pytest.mark.parametrize("column", ["tags", "ner_tags"])
def test_token_columns_are_joined_by_spaces(tmp_path: Path, column: str) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", [{**TOKENS, column: TAGS}])
    assert _spans(read_rows(path, "extraction")) == ANN


def test_integer_tags_take_their_names(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", [{**TOKENS, "ner_tags": [1, 2, 0, 3]}])
    columns = Columns(tag_names=("O", "B-PER", "I-PER", "B-LOC"))
    assert _spans(read_rows(path, "extraction", columns=columns)) == ANN
    with pytest.raises(DataError, match="the tags are numbers") as caught:
        read_rows(path, "extraction")
    assert "data.tag_names" in caught.value.hint
    with pytest.raises(DataError, match="the tag 3 has no name"):
        read_rows(path, "extraction", columns=Columns(tag_names=("O", "B-PER", "I-PER")))


def test_a_given_text_keeps_its_spacing(tmp_path: Path) -> None:
    row = {"text": "«Ann  Lee»", "tokens": ["«", "Ann", "Lee", "»"], "tags": ["O", *TAGS[:2], "O"]}
    path = write_jsonl(tmp_path / "rows.jsonl", [row])
    assert _spans(read_rows(path, "extraction")) == [("«Ann  Lee»", (Span(1, 9, "PER"),))]


def test_entities_win_over_tags(tmp_path: Path) -> None:
    tagged = {**TOKENS, "tags": TAGS, "text": "Ann Lee left Oslo"}
    native = {**tagged, "entities": [{"start": 0, "end": 3, "label": "X"}]}
    for name, content in (("first.jsonl", [native]), ("later.jsonl", [tagged, native])):
        rows = read_rows(write_jsonl(tmp_path / name, content), "extraction")
        assert _spans(rows)[-1][1] == (Span(0, 3, "X"),)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"tokens": ["a"], "tags": []}, "1 tokens and 0 tags"),
        ({"tokens": ["a"], "tags": ["PER"]}, "token 1: 'PER' is not a tag"),
        ({"tokens": ["a", ""], "tags": ["O", "O"]}, "token 2 is not a string, or empty"),
        ({"tokens": "a", "tags": ["O"]}, "'tokens' is not a list"),
        ({"tokens": ["a"]}, "no column 'tags'"),
        ({"tokens": ["a"], "tags": [None]}, "not a string or a whole number"),
        ({"tokens": ["a"], "tags": ["O"], "text": "b a"}, "'a', does not come next in the text"),
        ({"tokens": ["a"], "tags": ["I-x"]}, "token 1: I-x begins an entity"),
    ],
)
def test_wrong_token_columns_are_refused(
    tmp_path: Path, row: dict[str, object], message: str
) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", [{**TOKENS, "tags": TAGS}, row])
    with pytest.raises(DataError, match=message) as caught:
        read_rows(path, "extraction")
    assert caught.value.line == 2


_TOKENS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=5
).filter(lambda token: token[0] != "#" and token[0] != "\ufeff" and token.strip() == token)


@given(
    sentence=st.lists(
        st.tuples(_TOKENS, st.sampled_from(["O", "B-x", "B-y"])), min_size=1, max_size=8
    )
)
def test_character_offsets_cover_the_tagged_tokens(sentence: list[tuple[str, str]]) -> None:
    content = "".join(f"{token}\t{tag}\n" for token, tag in sentence)
    with tempfile.TemporaryDirectory() as directory:
        path = write(Path(directory) / "rows.conll", "first\tO\nword\tB-x\n\n" + content)
        example = read_rows(path, "extraction").examples[-1]
    assert isinstance(example, ExtractionExample)
    covered = [(example.text[span.start : span.end], span.label) for span in example.entities]
    assert covered == [(token, tag[2:]) for token, tag in sentence if tag != "O"]
