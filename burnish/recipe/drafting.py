"""Drafting: a recipe for a file that nobody has described."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.data.frames import as_data_set
from burnish.data.guessing import guess_columns, guess_columns_of_rows
from burnish.errors import UsageError
from burnish.recipe.overrides import override_values
from burnish.recipe.template import init_recipe

__all__ = ["Draft", "draft_keys", "draft_recipe", "is_recipe"]

_SHARE = 0.15
"""Of the rows, for validation and for the test, where nobody says otherwise: as `init_recipe`."""

_RECIPES = {".yaml", ".yml"}
_START_BYTES = 4096
_BESIDE: Mapping[str, tuple[str, ...]] = {
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test",),
}
"""What the files of a data set that is already split are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A recipe that can be read, changed and trained."""

    name: str
    """What the run and the recipe are called."""
    text: str
    """YAML, every line with a comment."""
    described: str = ""
    """What was found in the file, for the user."""

    def write(self, path: Path) -> bool:
        """Write it, unless the file has the same text already.

        Returns:
            Whether it was written.

        Raises:
            UsageError: the file has another text.
        """
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(self.text)
        except FileExistsError:
            if path.read_bytes() == self.text.encode():
                return False
            raise UsageError(
                f"{path} exists already, and says something else",
                f"train from it: burnish train {path}; or remove it",
            ) from None
        return True


def is_recipe(path: Path) -> bool:
    """Whether a file is a recipe, by its name or by the key "task"; any other is one of rows."""
    if path.suffix.lower() in _RECIPES:
        return True
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return re.search(rb"(?m)^task:", stream.read(_START_BYTES)) is not None


def draft_recipe(
    path: Path,
    *,
    beside: Path,
    task: str | None = None,
    given: Mapping[str, object] | None = None,
) -> Draft:
    """Write a recipe for a file of rows, by what the file holds.

    Args:
        path: the rows.
        beside: the directory that the recipe will be written to; files in it are named relative
            to it.
        task: what the rows are for, where that is known.
        given: keys of the recipe's ``data`` section that the user has set.

    Raises:
        DataError: it is not a file of rows, or it cannot be told which columns are meant.
    """
    given = {key: value for key, value in (given or {}).items() if key != "train"}
    guess = guess_columns(path, task=task, given=given)
    files: dict[str, object] = {"train": _relative(path, beside)}
    files |= {key: _relative(each, beside) for key, each in _parts(path).items()}
    found = "; ".join(f"{key}: {value}" for key, value in files.items() if key != "train")
    name = _name(path)
    return Draft(
        name=name,
        text=init_recipe(guess.task, data={**files, **guess.columns, **given}, name=name),
        described=guess.describe() + (f"; {found}" if found else ""),
    )


def draft_keys(
    rows: Path | Any, given: Mapping[str, str], *, overrides: Sequence[str] = ()
) -> dict[str, Any]:
    """The keys of a recipe for rows that a program brings.

    Args:
        rows: a file, a DataFrame, a list of dictionaries or a data set.
        given: the task and names of columns, where they are known.
        overrides: ``key=value``; what they set is not guessed.

    Raises:
        ConfigError: an override has another form.
        DataError: it cannot be told which columns are meant.
    """
    said = override_values(overrides)
    task = given.get("task", said.get("task"))
    columns = {key: value for key, value in given.items() if key != "task"}
    known = {**columns, **said.get("data", {})}
    data: dict[str, Any] = {"train": "train", "validation": _SHARE, "test": _SHARE}
    if isinstance(rows, Path):
        guess, name = guess_columns(rows, task=task, given=known), _name(rows)
        data |= {"train": str(rows)} | {key: str(each) for key, each in _parts(rows).items()}
    else:
        source = as_data_set(rows)
        guess = guess_columns_of_rows(source, task=task, given=known, source="the rows")
        name = "model"
    return {
        "task": guess.task,
        "data": {**data, **guess.columns, **columns},
        "output": str(Path("runs") / name),
    }


def _relative(path: Path, beside: Path) -> str:
    whole, directory = path.absolute(), beside.absolute()
    return str(whole.relative_to(directory) if whole.is_relative_to(directory) else whole)


def _parts(path: Path) -> dict[str, Path]:
    """Validation and test rows beside a file called "train", with the same ending."""
    if not re.fullmatch("(?i)train(ing)?", path.stem):
        return {}
    beside = {each.stem.casefold(): each for each in path.parent.glob(f"*{path.suffix}")}
    return {
        key: next(beside[name] for name in names if name in beside)
        for key, names in _BESIDE.items()
        if any(name in beside for name in names)
    }


def _name(path: Path) -> str:
    """What the run is called: the file's name, or that of its directory where that is "train"."""
    stem = path.name.partition(".")[0]
    if re.fullmatch("(?i)train(ing)?", stem) and path.absolute().parent.name:
        stem = path.absolute().parent.name
    return re.sub(r"[^\w-]+", "-", stem).strip("-") or "model"
