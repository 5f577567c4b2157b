"""The recipe: a YAML file that says everything about a training run."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from burnish.data.columns import Columns
from burnish.errors import ConfigError
from burnish.recipe_text import init_recipe

__all__ = [
    "DataSection",
    "LoraSection",
    "Recipe",
    "TrainSection",
    "init_recipe",
    "load_recipe",
    "parse_recipe",
    "write_recipe",
]

_SHORTEST, _LONGEST = 16, 8192
"""The windows that a task takes, in tokens (burnish/tasks/base.py)."""
_FILE_KEYS = (("data", "train"), ("data", "validation"), ("data", "test"), ("output",))


def _auto_or_number(value: Any) -> Any:
    if value == "auto":
        return value
    if isinstance(value, str):
        try:
            value = float(value)  # YAML reads 1e-4, without a point, as a text
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError("must be auto or a number above 0")
    return value


def _file_or_share(value: Any) -> Any:
    if value is None or isinstance(value, Path):
        return value
    if isinstance(value, str) and value.strip():
        try:
            value = float(value)
        except ValueError:
            return Path(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise ValueError("must be a file, or a share of train between 0 and 1")
    return float(value)


def _auto_or_window(value: Any) -> Any:
    value = _auto_or_number(value)
    if value != "auto" and not _SHORTEST <= value <= _LONGEST:
        raise ValueError(f"must be auto or a whole number from {_SHORTEST} to {_LONGEST}")
    return value


def _auto_or_share_of_rows(value: Any) -> Any:
    try:
        return 0.0 if float(value) == 0 else _auto_or_number(value)
    except (TypeError, ValueError):
        if value == "auto":
            return value
        raise ValueError("must be auto, 0 or a number above 0") from None


AutoFloat = Annotated[float | Literal["auto"], BeforeValidator(_auto_or_number)]
AutoInt = Annotated[int | Literal["auto"], BeforeValidator(_auto_or_number)]
AutoRatio = Annotated[float | Literal["auto"], BeforeValidator(_auto_or_share_of_rows)]
AutoWindow = Annotated[int | Literal["auto"], BeforeValidator(_auto_or_window)]
FileOrShare = Annotated[Path | float | None, BeforeValidator(_file_or_share)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSection(_Section):
    """Where the rows are, and what their columns are called."""

    train: Path
    validation: FileOrShare = None
    test: FileOrShare = None
    text: str = "text"
    label: str = "label"
    labels: str = "labels"
    separator: str | None = None
    group: str | None = None
    entities: str = "entities"
    tokens: str = "tokens"
    tags: str | None = None
    tag_names: tuple[str, ...] | None = None
    question: str = "question"
    context: str = "context"
    answers: str = "answers"

    def columns(self) -> Columns:
        """The names, for the readers."""
        return Columns(**self.model_dump(exclude={"train", "validation", "test"}))


class TrainSection(_Section):
    """How the model is tuned. ``auto`` is a value that suits method, model and task."""

    epochs: AutoInt = "auto"
    batch_size: AutoInt = "auto"
    learning_rate: AutoFloat = "auto"
    head_learning_rate: AutoFloat = "auto"
    max_length: AutoWindow = "auto"
    stride: AutoInt = "auto"
    patience: int = Field(default=2, ge=1)
    seed: int = Field(default=13, ge=0, lt=2**32)
    warmup_ratio: float = Field(default=0.1, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    gradient_accumulation: int = Field(default=1, ge=1)
    class_weights: Literal["none", "balanced"] = "none"
    cloze: AutoRatio = "auto"
    embeddings: Literal["auto", "tuned", "frozen"] = "auto"
    attention_dropout: Literal["auto", "base", "none"] = "auto"
    precision: Literal["fp32", "bf16"] = "fp32"
    threads: AutoInt = "auto"

    @field_validator("stride")
    @classmethod
    def _stride_leaves_room(cls, stride: int | str, info: ValidationInfo) -> int | str:
        window = info.data.get("max_length", "auto")
        if isinstance(stride, int) and isinstance(window, int) and stride > window // 2:
            raise ValueError(
                f"{stride} is more than half of max_length, {window}; "
                f"say auto or at most {window // 2}"
            )
        return stride


class LoraSection(_Section):
    """Low-rank adaptation (Hu et al. 2021)."""

    r: int = Field(default=16, ge=1)
    alpha: float = Field(default=32, gt=0)
    dropout: float = Field(default=0.1, ge=0, lt=1)


class Recipe(_Section):
    """Everything about a training run."""

    task: Literal["classification", "extraction", "qa"]
    base_model: str = Field(default="minilm", min_length=1)
    revision: str | None = None
    method: str = "full"
    pooling: Literal["auto", "mean", "cls", "native"] = "auto"
    data: DataSection
    train: TrainSection = TrainSection()
    lora: LoraSection = LoraSection()
    output: Path


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe.

    Paths in the file are relative to the file; paths in overrides to the working directory.

    Args:
        path: a YAML file.
        overrides: ``key=value`` with dots in the key, the value as YAML.

    Raises:
        ConfigError: names each wrong key as ``section -> key: message``.
    """
    try:
        with path.open(encoding="utf-8") as stream:  # an error's mark names the stream's file
            document = yaml.load(stream, Loader=_UniqueKeyLoader)  # noqa: S506  a SafeLoader
    except OSError as e:
        raise ConfigError(
            f"cannot read the recipe {path}: {e.strerror}", "write one with: burnish init TASK"
        ) from e
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise ConfigError(f"{path} is not YAML: {e}", "compare with: burnish init TASK") from e
    except RecursionError as e:
        raise ConfigError(f"{path} is nested too deep", "compare with: burnish init TASK") from e
    if not isinstance(document, dict):
        raise ConfigError(f"{path} holds no keys", "write a recipe with: burnish init TASK")
    document = _absolute(document, path.absolute().parent)
    for override in overrides:
        key, given = _parse_override(override)
        document = _merged(document, key, _absolute(given, Path.cwd()))
    return parse_recipe(document, source=str(path))


def parse_recipe(document: Mapping[str, Any], *, source: str = "recipe") -> Recipe:
    """Check a recipe's keys and values.

    Raises:
        ConfigError: names each wrong key as ``section -> key: message``.
    """
    try:
        return Recipe.model_validate(dict(document))
    except ValidationError as e:
        lines = dict.fromkeys(_error_line(dict(error)) for error in e.errors())
        raise ConfigError(
            f"{source}:\n" + "\n".join(f"  {line}" for line in lines),
            "burnish init TASK writes a recipe with every key explained",
        ) from e


def write_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe as YAML, every default filled in."""
    text = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML that refuses a key said twice; the library keeps the last without a word.

    A key that is a list or a mapping, such as the one of ``{{file}}``, is refused too.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be a word", key_node.start_mark
                )
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _parse_override(override: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    key, equals, text = override.partition("=")
    parts = tuple(key.split("."))
    if not equals or not all(parts):
        raise ConfigError(
            f"{override!r} is not of the form key=value", "for example train.epochs=3"
        )
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as e:
        raise ConfigError(f"{key}: {text!r} is not a YAML value", "quote it") from e
    except RecursionError as e:
        raise ConfigError(f"{key}: the value is nested too deep", "give a plain value") from e
    nested: Any = value
    for part in reversed(parts):
        nested = {part: nested}
    return parts, nested


def _merged(
    document: dict[str, Any], key: tuple[str, ...], given: dict[str, Any]
) -> dict[str, Any]:
    head, *rest = key
    old = document.get(head)
    if not rest:
        return {**document, head: given[head]}
    inner = _merged(old if isinstance(old, dict) else {}, tuple(rest), given[head])
    return {**document, head: inner}


def _absolute(document: dict[str, Any], directory: Path) -> dict[str, Any]:
    """A copy in which relative files are under ``directory``."""
    result = document
    for key in _FILE_KEYS:
        section = document if len(key) == 1 else document.get(key[0])
        value = section.get(key[-1]) if isinstance(section, dict) else None
        if isinstance(value, str) and isinstance(_try_share(value), Path):
            nested = _nest(key, str(directory / Path(value).expanduser()))
            result = _merged(result, key, nested)
    base = document.get("base_model")
    if isinstance(base, str) and (directory / Path(base).expanduser()).is_dir():
        result = {**result, "base_model": str(directory / Path(base).expanduser())}
    return result


def _try_share(value: str) -> Any:
    try:
        return _file_or_share(value)
    except ValueError:
        return None


def _nest(key: tuple[str, ...], value: Any) -> dict[str, Any]:
    return {key[0]: value} if len(key) == 1 else {key[0]: {key[1]: value}}


def _error_line(error: dict[str, Any]) -> str:
    """``section -> key: message``, with the nearest key where one is unknown."""
    model: Any = Recipe
    where: list[str] = []
    siblings: list[str] = []
    for part in error["loc"]:
        fields = getattr(model, "model_fields", None)
        if fields is None:
            break  # pydantic goes on with the members of a union
        siblings = list(fields)
        where.append(str(part))
        model = fields[part].annotation if part in fields else None
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where[-1], siblings, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(siblings)}"
        return f"{' -> '.join(where)}: unknown key; {hint}"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "missing":
        message = "is missing"
    return f"{' -> '.join(where) or 'recipe'}: {message[:1].lower()}{message[1:]}"
