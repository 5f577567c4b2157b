"""The recipe: a YAML file that says everything about a training run."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from burnish.calibration.tolerance import Tolerance
from burnish.errors import ConfigError
from burnish.gates import CHECKS, GateSettings, check_names
from burnish.notify import Notify
from burnish.recipe.distilling import DistillSection
from burnish.recipe.fields import file_or_share
from burnish.recipe.overrides import key_path, merged, nested, parse_override
from burnish.recipe.renamed import with_new_keys
from burnish.recipe.searching import SearchSection
from burnish.recipe.section import Section
from burnish.recipe.sections import (
    ADOPTED,
    AdaptersSection,
    BiasSection,
    ClassificationSection,
    DataSection,
    LoraSection,
    PairsSection,
    PrefixSection,
    QaSection,
    RegressionSection,
    SetfitSection,
    SummarySection,
    TaxonomySection,
    TrainSection,
)
from burnish.recipe.template import init_recipe
from burnish.recipe.unique_keys import UniqueKeyLoader
from burnish.recipe.writing import NewSection, TranslationSection
from burnish.tasks import Task
from burnish.tasks.aims import AimText
from burnish.tasks.table import TaskName, find_task

__all__ = [
    "Recipe",
    "TrainSection",
    "init_recipe",
    "load_recipe",
    "parse_recipe",
    "recipe_keys",
    "write_recipe",
]

_NO_ROWS = "no_rows"
"""The error of a recipe without ``data.train``."""
_FILE_KEYS = (
    *(("data", "train"), ("data", "validation"), ("data", "test"), ("data", "taxonomy")),
    *(("distill", "teacher"), ("distill", "unlabelled")),
    *(("bias", "terms"), ("output",)),
)


class Recipe(Section):
    """Everything about a training run."""

    task: TaskName
    base_model: str = Field(default="minilm", min_length=1)
    revision: str | None = None
    method: str = "full"
    pooling: Literal["auto", "mean", "cls", "native"] = "auto"
    head: Literal["auto", "keep", "new"] = "auto"
    data: DataSection
    train: TrainSection = TrainSection()
    new: NewSection = NewSection()
    lora: LoraSection = LoraSection()
    adapters: AdaptersSection = AdaptersSection()
    prefix: PrefixSection = PrefixSection()
    setfit: SetfitSection = SetfitSection()
    qa: QaSection = QaSection()
    classification: ClassificationSection = ClassificationSection()
    pairs: PairsSection = PairsSection()
    regression: RegressionSection = RegressionSection()
    taxonomy: TaxonomySection = TaxonomySection()
    summary: SummarySection = SummarySection()
    translation: TranslationSection = TranslationSection()
    bias: BiasSection = BiasSection()
    gates: dict[str, GateSettings] = {}
    thresholds: AimText = "f1"
    abstain: Tolerance | None = None
    distill: DistillSection = DistillSection()
    search: SearchSection = SearchSection()
    output: Path

    @field_validator("data")
    @classmethod
    def _a_training_has_rows(cls, data: DataSection, info: ValidationInfo) -> DataSection:
        if data.train is None and info.data.get("method") != ADOPTED:
            raise PydanticCustomError(_NO_ROWS, "is missing")
        return data

    @field_validator("gates")
    @classmethod
    def _gates_exist(cls, gates: dict[str, GateSettings]) -> dict[str, GateSettings]:
        try:
            check_names(gates)
        except ConfigError as e:
            raise ValueError(f"{e.message}; {e.hint}") from e
        for name, given in gates.items():
            if given.threshold is not None and not CHECKS[name].movable:
                raise ValueError(
                    f"the threshold of {name} cannot be changed; give a reason instead"
                )
            lowered = CHECKS[name].severity == "block" and given.severity in ("warn", "record")
            if lowered and given.reason is None:
                raise ValueError(
                    f"{name} blocks the export, and would not with severity: {given.severity}; "
                    "give a reason (10 to 500 characters), which is kept and served"
                )
        return gates

    def task_options(self) -> Mapping[str, Any]:
        """Settings of the task itself, by name, without those that are ``auto`` or left open."""
        given = self._task_section
        values = {} if given is None else given.model_dump()
        return {key: value for key, value in values.items() if value not in ("auto", None)}

    @property
    def chosen_metric(self) -> str:
        """The metric that the recipe asks for; empty where it is the task's own."""
        return "" if self.train.metric == "auto" else self.train.metric

    def with_task_options(self, task: Task) -> Recipe:
        """A copy whose task section, and metric, have the values of a task."""
        train = self.train.model_copy(update={"metric": task.main_metric})
        given = self._task_section
        if given is None:
            return self.model_copy(update={"train": train})
        values = {key: getattr(task, key) for key in type(given).model_fields}
        key = find_task(self.task).section
        return self.model_copy(update={"train": train, key: given.model_copy(update=values)})

    @property
    def _task_section(self) -> Section | None:
        key = find_task(self.task).section
        section: Section | None = getattr(self, key) if key else None
        return section


def load_recipe(
    path: str | os.PathLike[str],
    overrides: Sequence[str] = (),
    *,
    notify: Notify | None = None,
) -> Recipe:
    """Read a recipe.

    Paths in the file are relative to the file; paths in overrides to the working directory.

    Args:
        path: a YAML file.
        overrides: ``key=value`` with dots in the key, the value as YAML.
        notify: gets a sentence about keys under old names (burnish/recipe/renamed.py), except
            of the recipe of a run, which no person wrote.

    Raises:
        ConfigError: names each wrong key as ``section -> key: message``.

    Examples:
        >>> recipe = burnish.load_recipe("tickets.yaml", ["method=lora"])
        >>> recipe.method
        'lora'
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8") as stream:  # an error's mark names the stream's file
            document = yaml.load(stream, Loader=UniqueKeyLoader)  # noqa: S506  a SafeLoader
    except OSError as e:
        raise ConfigError(
            f"cannot read the recipe {path}: {e.strerror}", "write one with: burnish init TASK"
        ) from e
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise ConfigError(f"{path} is not YAML: {e}", "compare with: burnish init TASK") from e
    except RecursionError as e:
        raise ConfigError(f"{path} is nested too deeply", "compare with: burnish init TASK") from e
    if not isinstance(document, dict):
        raise ConfigError(f"{path} holds no keys", "write a recipe with: burnish init TASK")
    of_run = (path.parent / "record.json").exists()
    return parse_recipe(
        with_new_keys(document, source=str(path), notify=None if of_run else notify),
        overrides=overrides,
        source=str(path),
        directory=path.absolute().parent,
        notify=notify,
    )


def parse_recipe(
    document: Mapping[str, Any],
    *,
    overrides: Sequence[str] = (),
    source: str = "recipe",
    directory: Path | None = None,
    notify: Notify | None = None,
) -> Recipe:
    """Check a recipe's keys and values.

    Args:
        document: the keys, as nested dictionaries.
        overrides: ``key=value``; paths in them are relative to the working directory.
        source: what messages call the document.
        directory: what relative paths are relative to; None leaves them as they are.
        notify: gets a sentence about keys under old names.

    Raises:
        ConfigError: names each wrong key as ``section -> key: message``.
    """
    overrides = (overrides,) if isinstance(overrides, str) else overrides
    document = with_new_keys(document, source=source, notify=notify)
    document = document if directory is None else _absolute(document, directory)
    for override in overrides:
        key, given = parse_override(override)
        given = with_new_keys(given, source=override, notify=notify)
        document = merged(document, key_path(given, len(key)), _absolute(given, Path.cwd()))
    try:
        return Recipe.model_validate(document)
    except ValidationError as e:
        lines = dict.fromkeys(_error_line(dict(error)) for error in e.errors())
        raise ConfigError(
            f"{source}:\n" + "\n".join(f"  {line}" for line in lines),
            "burnish init TASK writes a recipe with every key explained",
        ) from e


def recipe_keys() -> tuple[str, ...]:
    """Every key of a recipe, those of a section with a dot, in the recipe's order."""
    found: list[str] = []
    for name, field in Recipe.model_fields.items():
        section = getattr(_section(field.annotation), "model_fields", None)
        found += [f"{name}.{key}" for key in section] if section else [name]
    return tuple(found)


def write_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe as YAML, every default filled in."""
    text = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")


def _absolute(document: dict[str, Any], directory: Path) -> dict[str, Any]:
    """A copy in which relative files are under ``directory``."""
    result = document
    for key in _FILE_KEYS:
        section = document if len(key) == 1 else document.get(key[0])
        value = section.get(key[-1]) if isinstance(section, dict) else None
        value = str(value) if isinstance(value, Path) else value
        if isinstance(value, str) and isinstance(_try_share(value), Path):
            given = nested(key, str(directory / Path(value).expanduser()))
            result = merged(result, key, given)
    base = document.get("base_model")
    if isinstance(base, str) and (directory / Path(base).expanduser()).is_dir():
        result = {**result, "base_model": str(directory / Path(base).expanduser())}
    return result


def _try_share(value: str) -> Any:
    try:
        return file_or_share(value)
    except ValueError:
        return None


def _section(annotation: Any) -> Any:
    """The section of a key's type, also where the section is optional."""
    members = [each for each in get_args(annotation) if hasattr(each, "model_fields")]
    return members[0] if members and get_origin(annotation) is not dict else annotation


def _error_line(error: dict[str, Any]) -> str:
    """``section -> key: message``, with the nearest key where one is unknown."""
    model: Any = Recipe
    where: list[str] = []
    siblings: list[str] = []
    for part in error["loc"]:
        fields = getattr(model, "model_fields", None)
        if fields is None and get_origin(model) is dict:
            where.append(str(part))
            model = get_args(model)[1]
            continue
        if fields is None:
            break  # pydantic goes on with the members of a union
        siblings = list(fields)
        where.append(str(part))
        model = _section(fields[part].annotation) if part in fields else None
    if error["type"] == "model_type":
        keys = list(model.model_fields)
        return (
            f"{' -> '.join(where)}: is a group of keys: {', '.join(keys)} ({where[-1]}.{keys[0]}=…)"
        )
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where[-1], siblings, n=1)
        if len(where) == 1:  # perhaps a section was left out: epochs for train.epochs
            near = [key for key in recipe_keys() if key.endswith(f".{where[0]}")][:1] or near
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(siblings)}"
        return f"{' -> '.join(where)}: unknown key; {hint}"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == _NO_ROWS:
        where.append("train")
    if error["type"] == "missing":
        message = "is missing"
    return f"{' -> '.join(where) or 'recipe'}: {message[:1].lower()}{message[1:]}"
