"""Tree files: tables and JSON, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data.tree_files import read_tree
from burnish.errors import DataError

PARENTS = {"plant": None, "moss": "plant", "tree": "plant", "oak": "tree"}


def write(directory: Path, name: str, content: str | bytes) -> Path:
    path = directory / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "child,parent\nplant,\nmoss,plant\ntree,plant\noak,tree\n"),
        ("t.csv", "parent;child;note\nplant;moss;x\n\nplant;tree;\ntree; oak ;\n"),
        ("t.tsv", "\ufeffchild\tparent\nmoss\tplant\ntree\tplant\noak\ttree\noak\ttree\n"),
        ("t.json", '{"plant": null, "moss": "plant", "tree": "plant", "oak": "tree"}'),
        ("t.json", '{"moss": "plant", "tree": "plant", "oak": "tree"}'),
        ("t.json", '{"plant": {"moss": {}, "tree": {"oak": null}}}'),
        ("t.json", '{"plant": ["moss", {"tree": ["oak"]}]}'),
        ("t.json", '[{"plant": ["moss", {"tree": {"oak": []}}]}]'),
    ],
)
def test_every_form_of_a_tree_is_read(tmp_path: Path, name: str, content: str) -> None:
    assert read_tree(write(tmp_path, name, content)).parents == PARENTS


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "child,parent\na,b\nb,c\nc,a\n", "form a cycle: a -> b -> c -> a"),
        ("t.json", '{"a": "a"}', "form a cycle: a -> a"),
        (
            "t.csv",
            "child,parent\na,b\na,c\n",
            r"'a' has two parents, b \(line 2\) and c \(line 3\)",
        ),
        ("t.csv", "child,parent\na,\na,c\n", r"'a' has two parents, none \(line 2\) and c"),
        ("t.json", '{"a": "b", "a": "c"}', "'a' has two parents, b .* and c"),
        ("t.json", '{"b": ["a"], "c": ["a"]}', "'a' has two parents"),
        ("t.csv", "label,up\na,b\n", "no column 'child'"),
        ("t.csv", "child,parent\n", "holds no label"),
        ("t.csv", "child,parent\n,b\n", "names no child"),
        ("t.csv", "", "no column 'child'"),
        ("t.csv", bytes(range(256)), "UTF-8"),
        ("t.json", "{", "is not JSON"),
        ("t.json", "[" * 100_000, "nested too deeply"),
        ("t.json", b"\xff\xfe{", "is not JSON"),
        ("t.json", '{"joy": {"ekman": "joy"}}', "under 'ekman' stands a string"),
        ("t.json", '"plant"', "at the top stands a string"),
        ("t.json", '{"plant": {" ": null}}', "a label is empty"),
        ("t.json", "{}", "holds no label"),
        ("t.csv", "child,parent\n" + "".join(f"n{i + 1},n{i}\n" for i in range(70)), "71 levels"),
    ],
)
def test_a_file_that_is_no_tree_says_why(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_tree(write(tmp_path, name, content))
    assert "t." in str(caught.value)
    assert caught.value.hint


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read the taxonomy .*none\.csv"):
        read_tree(tmp_path / "none.csv")
    with pytest.raises(DataError, match="is a directory"):
        read_tree(tmp_path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with path.open("wb") as stream:
        stream.truncate(65 * 1024 * 1024)
    with pytest.raises(DataError, match="at most 67,108,864 are read"):
        read_tree(path)
