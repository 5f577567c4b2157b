"""Overrides: keys of a recipe on the command line, ``key=value``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from burnish.errors import ConfigError

__all__ = ["key_path", "merged", "nested", "override_values", "parse_override"]


def override_values(overrides: Sequence[str]) -> dict[str, Any]:
    """The keys that overrides set, as nested dictionaries.

    Args:
        overrides: ``key=value``.

    Raises:
        ConfigError: one has another form.
    """
    values: dict[str, Any] = {}
    for override in overrides:
        key, given = parse_override(override)
        values = merged(values, key_path(given, len(key)), given)
    return values


def parse_override(override: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The names that lead to a key, and its value as nested dictionaries.

    Raises:
        ConfigError: it is not ``key=value``, or the value is not YAML.
    """
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
        raise ConfigError(f"{key}: the value is nested too deeply", "give a simple value") from e
    return parts, nested(parts, value)


def nested(key: Sequence[str], value: Any) -> dict[str, Any]:
    """A value as nested dictionaries, under the names that lead to it; at least one."""
    found: Any = value
    for part in reversed(key):
        found = {part: found}
    document: dict[str, Any] = found
    return document


def key_path(document: dict[str, Any], depth: int) -> tuple[str, ...]:
    """The first ``depth`` names on the way into sections of one key each."""
    names: list[str] = []
    inner: Any = document
    for _ in range(depth):
        ((name, inner),) = inner.items()
        names.append(name)
    return tuple(names)


def merged(document: dict[str, Any], key: tuple[str, ...], given: dict[str, Any]) -> dict[str, Any]:
    """A copy of a document in which a key has the value that it has in ``given``."""
    head, *rest = key
    old = document.get(head)
    if not rest:
        return {**document, head: given[head]}
    inner = merged(old if isinstance(old, dict) else {}, tuple(rest), given[head])
    return {**document, head: inner}
