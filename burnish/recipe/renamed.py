"""Keys that a recipe had in 0.1 and what they are called now. 0.3 reads the new names alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from burnish.errors import ConfigError
from burnish.notify import Notify

__all__ = ["RENAMED_KEYS", "RenamedKey", "with_new_keys"]


@dataclass(frozen=True, slots=True)
class RenamedKey:
    """What a key is called now, with its section."""

    key: str
    values: Mapping[str, str | bool] = field(default_factory=dict)
    """Values that have another name too; others stay as they are."""


RENAMED_KEYS = {
    "train.unfreezing": RenamedKey("train.gradual_unfreezing", {"all": False, "gradual": True}),
    "train.keep": RenamedKey("train.regularization"),
    "train.keep_strength": RenamedKey("train.regularization_strength"),
    "train.cloze": RenamedKey("train.synthetic_questions"),
    "train.tracker_place": RenamedKey("train.tracking_dir"),
    "setfit.rows_a_class": RenamedKey("setfit.samples_per_class"),
    "setfit.share": RenamedKey("setfit.weight_ensemble"),
    "setfit.label_names": RenamedKey(
        "setfit.use_label_names", {"tried": "auto", "ignored": "never"}
    ),
}
"""By the old name. A key stays in its section."""


def with_new_keys(
    document: Mapping[str, Any], *, source: str, notify: Notify | None = None
) -> dict[str, Any]:
    """A recipe's document under the new names, in its own order.

    Args:
        document: as it was read.
        source: where it stands, for messages.
        notify: is given one sentence where an old name was found.

    Raises:
        ConfigError: a key stands under both names.
    """
    result, told = dict(document), []
    for old, new in RENAMED_KEYS.items():
        name, _, key = old.partition(".")
        section = result.get(name)
        if not isinstance(section, Mapping) or key not in section:
            continue
        new_key = new.key.partition(".")[2]
        if new_key in section:
            raise ConfigError(
                f"{source}:\n  {name} -> {key}: is the old name of {new.key}, which is there too",
                f"remove {old}",
            )
        value = section[key]
        now = new.values.get(value, value) if isinstance(value, str) else value
        renamed = {key: (new_key, now)}
        result[name] = dict(renamed.get(each, (each, section[each])) for each in section)
        told.append(
            f"{old}: {_shown(value)} is now {new.key}: {_shown(now)}"
            if new.values
            else f"{old} is now {new.key}"
        )
    if told and notify is not None:
        names = "name" if len(told) == 1 else "names"
        notify(f"{source}: {'; '.join(told)}; 0.3 drops the old {names}")
    return result


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
