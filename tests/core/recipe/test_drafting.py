"""A recipe for a file that nobody has described."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from burnish.errors import UsageError
from burnish.recipe.drafting import draft_recipe, is_recipe
from burnish.recipe.overrides import override_values
from burnish.recipe.recipe import load_recipe
from burnish.recipe.template import init_recipe

ROWS = "Body,Team\n" + "".join(
    f"the parcel number {i} has not come,{('a', 'b')[i % 2]}\n" for i in range(8)
)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "mails 1.csv"
    file.write_text(ROWS)
    return file


def test_a_draft_says_what_was_found_and_loads(rows: Path, tmp_path: Path) -> None:
    draft = draft_recipe(rows, beside=tmp_path)
    assert draft.name == "mails-1"
    assert draft.described == "task: classification; text: Body; label: Team"
    assert draft.write(tmp_path / "r.yaml")
    recipe = load_recipe(tmp_path / "r.yaml")
    assert (recipe.data.train, recipe.data.text, recipe.data.label) == (rows, "Body", "Team")
    assert recipe.output == tmp_path / "runs" / "mails-1"
    assert "  text: Body                  # column of the text\n" in draft.text


def test_a_draft_is_not_written_over_a_recipe_that_somebody_changed(rows, tmp_path) -> None:
    draft, file = draft_recipe(rows, beside=tmp_path), tmp_path / "r.yaml"
    assert draft.write(file)
    assert not draft.write(file), "the same text is there already"
    file.write_text(draft.text + "\n")
    with pytest.raises(UsageError, match="says something else") as caught:
        draft.write(file)
    assert f"burnish train {file}" in caught.value.hint


def test_what_the_user_gives_stands_in_the_draft(rows: Path, tmp_path: Path) -> None:
    given = override_values(["data.text=Body", "data.test=0.3", "train.epochs=2"])["data"]
    document = yaml.safe_load(draft_recipe(rows, beside=tmp_path, given=given).text)
    assert (document["data"]["test"], document["data"]["label"]) == (0.3, "Team")


def test_files_of_a_set_that_is_split_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    for name in ("train", "dev", "test"):
        (folder / f"{name}.csv").write_text(ROWS)
    draft = draft_recipe(folder / "train.csv", beside=tmp_path)
    assert draft.name == "mails"
    data = yaml.safe_load(draft.text)["data"]
    assert [data[key] for key in ("train", "validation", "test")] == [
        f"mails/{name}.csv" for name in ("train", "dev", "test")
    ]


@pytest.mark.parametrize("name", ["a: b", "#team", "ja/nein", "yes", "1", 'quote"d', "Größe 😀"])
def test_a_strange_column_name_comes_back(tmp_path: Path, name: str) -> None:
    text = init_recipe("classification", data={"label": name, "label_columns": (name, "b")})
    data = yaml.safe_load(text)["data"]
    assert (data["label"], data["label_columns"]) == (name, [name, "b"])


def test_one_column_per_label_replaces_the_column_of_labels() -> None:
    data = yaml.safe_load(init_recipe("classification", data={"labels": "topics"}))["data"]
    assert data["labels"] == "topics"
    assert "label" not in data


def test_a_recipe_is_told_from_rows(rows: Path, tmp_path: Path) -> None:
    assert is_recipe(Path("a.yaml"))
    assert is_recipe(Path("a.YML"))
    assert not is_recipe(rows)
    assert not is_recipe(Path("a.csv"))
    file = tmp_path / "recipe"
    file.write_text("# ours\ntask: qa\n")
    assert is_recipe(file)
