"""Lists of terms: our own in five languages, and a user's file that extends them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from burnish.errors import ConfigError

__all__ = ["LANGUAGES", "UNKNOWN_LANGUAGE", "Terms", "guess_language", "load_terms"]

LANGUAGES = ("en", "de", "es", "fr", "pt")
"""The languages of the packaged lists."""
UNKNOWN_LANGUAGE = "und"
"""The code of ISO 639 for a language that nobody told."""

_WORD = re.compile(r"\w+")
_LEAST = 0.03
"""The least share of common words in a text of their language."""

Rows = tuple[tuple[str, ...], ...]
Names = dict[str, tuple[str, ...]]


class Terms(BaseModel):
    """The terms of one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    common: tuple[str, ...] = ()
    """Function words that tell the language."""
    terms: dict[str, Rows] = {}
    """By axis, rows of counterparts, each for another group."""
    names: dict[str, Names] = {}
    """By axis and group, given names."""

    def extended(self, other: Terms) -> Terms:
        """These terms together with others."""
        axes = {axis: (*self.terms.get(axis, ()), *rows) for axis, rows in other.terms.items()}
        names = {
            axis: {**self.names.get(axis, {}), **groups} for axis, groups in other.names.items()
        }
        return Terms(
            common=self.common, terms={**self.terms, **axes}, names={**self.names, **names}
        )


def load_terms(language: str, extra: Path | None = None) -> Terms:
    """The list of a language, with the terms of a user's file in the same format.

    Args:
        language: one of ``LANGUAGES``, or another where ``extra`` brings all the terms.
        extra: a YAML file.

    Raises:
        ConfigError: there is no list for the language, or the file has another format.
    """
    terms = Terms()
    if language in LANGUAGES:
        file = resources.files("burnish.evidence.bias").joinpath("lists", f"{language}.yaml")
        terms = Terms.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    elif extra is None:
        raise ConfigError(
            f"bias -> language: burnish has no list of terms for {language!r}",
            f"use one of {', '.join(LANGUAGES)}, or give a file of your own terms: bias.terms",
        )
    return terms if extra is None else terms.extended(_read(extra))


def guess_language(texts: Iterable[str]) -> str | None:
    """The language whose common words are most frequent in the texts; None for any other."""
    words = [word for text in texts for word in _WORD.findall(text.lower())]
    if not words:
        return None
    common = {language: set(load_terms(language).common) for language in LANGUAGES}
    shares = {
        language: sum(word in known for word in words) / len(words)
        for language, known in common.items()
    }
    best = max(shares, key=lambda language: shares[language])
    return best if shares[best] >= _LEAST else None


def _read(path: Path) -> Terms:
    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Terms.model_validate(document)
    except OSError as e:
        raise ConfigError(f"bias -> terms: cannot read {path}: {e.strerror}") from e
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise ConfigError(
            f"bias -> terms: {path} is not YAML: {e}", "see docs/explanation/evidence.md"
        ) from e
    except ValidationError as e:
        first = e.errors()[0]
        where = " -> ".join(map(str, first["loc"])) or "the file"
        raise ConfigError(
            f"bias -> terms: {path}: {where}: {first['msg']}",
            "terms: by axis, rows of counterparts; names: by axis and group; "
            "see docs/explanation/evidence.md",
        ) from e
