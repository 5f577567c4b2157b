"""Parquet files and saved data sets: every form that JSON Lines may have, names of labels too."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

from burnish.data import ClassificationExample, ExtractionExample, QAExample, read_rows
from burnish.errors import DataError, MissingExtraError

pa = pytest.importorskip("pyarrow", reason="pyarrow (extra: parquet) is not installed")

CLASSES = {"label": {"names": ["no", "yes"], "_type": "ClassLabel"}}
TAGS = {"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}, "_type": "Sequence"}


def _table(columns: dict[str, Any], features: dict[str, Any] | None = None) -> Any:
    table = pa.table(columns)
    if features is None:
        return table
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return table.replace_schema_metadata(metadata)


def _parquet(path: Path, table: Any) -> Path:
    import pyarrow.parquet

    pyarrow.parquet.write_table(table, path)
    return path


def _saved(folder: Path, tables: list[Any], features: dict[str, Any]) -> Path:
    folder.mkdir()
    files = [{"filename": f"data-{n:05}-of-{len(tables):05}.arrow"} for n in range(len(tables))]
    for file, table in zip(files, tables, strict=True):
        target = str(folder / file["filename"])
        with pa.OSFile(target, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    (folder / "state.json").write_text(json.dumps({"_data_files": files, "_split": "train"}))
    (folder / "dataset_info.json").write_text(json.dumps({"features": features}))
    return folder


def _labels(path: Path) -> list[tuple[str, ...]]:
    rows = read_rows(path, "classification").examples
    return [each.labels for each in rows if isinstance(each, ClassificationExample)]


def test_parquet_labels_have_the_names_of_their_features(tmp_path: Path) -> None:
    columns = {"text": ["A.", "B."], "label": [1, 0]}
    path = _parquet(tmp_path / "rows.parquet", _table(columns, CLASSES))
    assert _labels(path) == [("yes",), ("no",)]
    assert read_rows(path, "classification").examples[1].id == "rows.parquet:2"


def test_parquet_numbers_without_names_are_their_own(tmp_path: Path) -> None:
    path = _parquet(tmp_path / "rows.parquet", _table({"text": ["A."], "label": [3]}))
    assert _labels(path) == [("3",)]


def test_parquet_tagged_tokens_are_entities(tmp_path: Path) -> None:
    columns = {"tokens": [["Ada", "sings"]], "ner_tags": [[1, 0]]}
    path = _parquet(tmp_path / "rows.parquet", _table(columns, {"ner_tags": TAGS}))
    (example,) = read_rows(path, "extraction").examples
    assert isinstance(example, ExtractionExample)
    assert [(s.start, s.end, s.label) for s in example.entities] == [(0, 3, "PER")]


def test_parquet_answers_are_read(tmp_path: Path) -> None:
    answers = [{"text": ["1932"], "answer_start": [7]}]
    columns = {"context": ["It was 1932."], "question": ["When?"], "answers": answers}
    (example,) = read_rows(_parquet(tmp_path / "q.parquet", _table(columns)), "qa").examples
    assert isinstance(example, QAExample)
    assert example.answers[0].text == "1932"


def test_a_damaged_parquet_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(DataError, match=r"rows\.parquet: cannot be read"):
        read_rows(path, "classification")


def test_a_wrong_byte_of_a_text_is_named_in_parquet_and_saved_data_sets(tmp_path: Path) -> None:
    table = _table({"text": ["Zebra"], "label": ["x"]})
    file = _parquet(tmp_path / "rows.parquet", table)
    saved = _saved(tmp_path / "saved", [table], {})
    (data,) = saved.glob("*.arrow")
    for path, read in ((file, file), (data, saved)):
        path.write_bytes(path.read_bytes().replace(b"Zebra", b"Z\xffbra"))
        with pytest.raises(DataError, match=f"{path.name}: cannot be read"):
            read_rows(read, "classification")


def test_offsets_outside_a_saved_file_are_named_and_not_followed(tmp_path: Path) -> None:
    saved = _saved(tmp_path / "saved", [_table({"text": ["Zebra"], "label": ["x"]})], {})
    (data,) = saved.glob("*.arrow")
    offsets, far = struct.pack("<2i", 0, 5), struct.pack("<2i", 0, 1 << 30)
    data.write_bytes(far.join(data.read_bytes().rsplit(offsets, 1)))
    with pytest.raises(DataError, match="cannot be read"):
        read_rows(saved, "classification")


def test_state_that_is_nested_too_deep_is_named(tmp_path: Path) -> None:
    saved = _saved(tmp_path / "saved", [_table({"text": ["A"], "label": ["x"]})], {})
    deep = "[" * 100_000
    (saved / "dataset_info.json").write_text(deep)
    assert _labels(saved) == [("x",)]
    (saved / "state.json").write_text(deep)
    with pytest.raises(DataError, match=r"state\.json cannot be read"):
        read_rows(saved, "classification")


def test_a_row_of_a_parquet_file_is_named_by_its_number(tmp_path: Path) -> None:
    columns = {"text": ["A.", "B."], "label": ["x", None]}
    path = _parquet(tmp_path / "rows.parquet", _table(columns))
    with pytest.raises(DataError, match=r"rows\.parquet: row 2: the row has no label"):
        read_rows(path, "classification")


def test_a_saved_data_set_is_read_over_all_its_files(tmp_path: Path) -> None:
    tables = [_table({"text": [text], "label": [n]}) for n, text in enumerate(("A.", "B."))]
    folder = _saved(tmp_path / "set", tables, CLASSES)
    assert _labels(folder) == [("no",), ("yes",)]
    assert len(read_rows(folder, "classification").files[0].sha256) == 64


def test_a_saved_data_set_of_splits_asks_for_one(tmp_path: Path) -> None:
    folder = tmp_path / "sets"
    folder.mkdir()
    (folder / "dataset_dict.json").write_text('{"splits": ["train"]}')
    _saved(folder / "train", [_table({"text": ["A."], "label": ["x"]})], {})
    with pytest.raises(DataError, match="holds several splits: train") as caught:
        read_rows(folder, "classification")
    assert str(folder / "train") in caught.value.hint


def test_a_saved_data_set_that_lacks_a_file_names_it(tmp_path: Path) -> None:
    folder = _saved(tmp_path / "set", [_table({"text": ["A."], "label": ["x"]})], {})
    next(folder.glob("*.arrow")).unlink()
    with pytest.raises(DataError, match=r"data-00000-of-00001\.arrow"):
        read_rows(folder, "classification")


def test_without_pyarrow_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _parquet(tmp_path / "rows.parquet", _table({"text": ["A."], "label": ["x"]}))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError) as caught:
        read_rows(path, "classification")
    assert caught.value.hint == "pip install 'burnish[parquet]'"
