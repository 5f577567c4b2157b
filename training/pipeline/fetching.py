"""Fetching a base model from a hub, for a machine that has no network.

What is written is what :func:`burnish.torch_models.base.resolve_base` reads, and a manifest: no
pickle, no code, no other format of the weights. The configuration is vetted before the weights are
asked for, and everything once more before the directory has its name.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from burnish.digest import file_sha256
from burnish.directory import check_free, sync
from burnish.errors import BaseModelError
from burnish.lock import owned
from burnish.notify import Notify, ignore
from burnish.torch_models.base import resolve_base
from burnish.torch_models.base_files import first_line, read_json
from burnish.torch_models.fetched import FETCHED, Fetched, write_fetched
from burnish.torch_models.support import check_family
from burnish.torch_models.vetting import check_environment, vet_config

__all__ = ["fetch_model"]

_CONFIGS = ("config.json", "1_Pooling/config.json")
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
_SINGLE, _INDEX, _SHARDS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "model-*-of-*.safetensors",
)
_SUFFIX = ".fetching"
_MB = 1e6


def fetch_model(
    name: str, output: Path, *, revision: str | None = None, notify: Notify | None = None
) -> Fetched:
    """Download what burnish reads of a hub's model, verified, into a directory.

    A download that was interrupted is continued: finished files are kept beside the output.

    Args:
        name: the hub's id.
        output: a directory to make; it is there only when everything is.
        revision: a branch, a tag or a commit; None: the main branch. The commit is written down.
        notify: told each file.

    Returns:
        The manifest, as it was written.

    Raises:
        BaseModelError: the hub has no such model, or it is refused.
        UsageError: the output holds something.
        RunError: another process fetches the same output.
    """
    say = notify or ignore
    check_environment()
    check_free(output, marker=FETCHED)
    output = Path(os.path.abspath(output))
    output.parent.mkdir(parents=True, exist_ok=True)
    place = output.parent / f".{output.name}{_SUFFIX}"
    with owned(place, by="fetch"):
        about = _about(name, revision)
        directory = _place_of(place, about.sha)
        with _told(name):
            _download(about, [f for f in _CONFIGS if f in _sizes(about)], directory, say)
        config = read_json(directory / "config.json", name=name)
        vet_config(config, file="config.json", name=name)
        check_family(config, name=name)
        wanted = _wanted(about, name=name)
        with _told(name):
            _download(about, wanted, directory, say)
        shutil.rmtree(directory / ".cache", ignore_errors=True)  # the library's own notes
        _check_digests(about, wanted, directory, name=name)
        digests = {file: file_sha256(directory / file) for file in sorted(wanted)}
        fetched = Fetched(about.id, about.sha, _hub(), _license(about), digests)
        write_fetched(directory, fetched)
        resolve_base(str(directory))
        for file in directory.rglob("*"):
            sync(file)
        if output.exists():
            output.rmdir()  # it is empty
        directory.rename(output)
        shutil.rmtree(place, ignore_errors=True)
    return fetched


def _hub() -> str:
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def _about(name: str, revision: str | None) -> Any:
    from huggingface_hub import HfApi

    with _told(name):
        return HfApi(endpoint=_hub()).model_info(name, revision=revision, files_metadata=True)


def _place_of(place: Path, commit: str) -> Path:
    """Where the files of a commit are collected; those of another one are thrown away."""
    for other in place.iterdir():
        if other.is_dir() and other.name != commit:
            shutil.rmtree(other)
    directory = place / commit
    directory.mkdir(exist_ok=True)
    return directory


def _sizes(about: Any) -> Mapping[str, int]:
    return {each.rfilename: int(each.size or 0) for each in about.siblings or ()}


def _license(about: Any) -> str | None:
    card = about.card_data
    said = card.get("license") if card is not None else None
    return str(said) if said else None


def _wanted(about: Any, *, name: str) -> list[str]:
    """The files to fetch, and nothing else.

    Raises:
        BaseModelError: the hub has no safetensors or no fast tokenizer of this model.
    """
    there = _sizes(about)
    weights = [_SINGLE] if _SINGLE in there else []
    if not weights and _INDEX in there:
        weights = [_INDEX, *fnmatch.filter(there, _SHARDS)]
    if not weights:
        raise BaseModelError(
            f"{name} has no {_SINGLE} on the hub",
            "burnish never loads a pickle (pytorch_model.bin): convert the model on a machine that "
            "you can lose (docs/how-to/offline.md)",
        )
    if _TOKENIZER[0] not in there:
        raise BaseModelError(
            f"{name} has no tokenizer.json on the hub (a fast tokenizer)",
            "load and save its tokenizer with transformers (docs/how-to/offline.md)",
        )
    return [*(f for f in (*_CONFIGS, *_TOKENIZER) if f in there), *weights]


def _download(about: Any, files: Sequence[str], directory: Path, say: Notify) -> None:
    from huggingface_hub import hf_hub_download

    sizes, digests = _sizes(about), _digests(about)
    for file in files:
        target = directory / file
        if target.exists() and _is_whole(target, sizes[file], digests.get(file)):
            continue
        say(f"{file}: {sizes[file] / _MB:,.1f} MB")
        hf_hub_download(about.id, file, revision=about.sha, local_dir=directory, endpoint=_hub())


def _is_whole(path: Path, size: int, digest: str | None) -> bool:
    return path.stat().st_size == size and digest in (None, file_sha256(path))


def _digests(about: Any) -> dict[str, str]:
    """SHA-256 of the files that the hub keeps one of: those in its large storage."""
    return {each.rfilename: str(each.lfs.sha256) for each in about.siblings or () if each.lfs}


def _check_digests(about: Any, files: Sequence[str], directory: Path, *, name: str) -> None:
    """Compare sizes and digests with those that the hub told.

    Raises:
        BaseModelError: names the file; it is removed, so that the next try fetches it again.
    """
    sizes, digests = _sizes(about), _digests(about)
    for file in files:
        path = directory / file
        if not _is_whole(path, sizes[file], digests.get(file)):
            path.unlink()
            raise BaseModelError(
                f"{name}: {file} is not the file that the hub describes: its size or its SHA-256 "
                "is another one",
                "run the same command again: the file was removed, and the others are kept",
            )


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn what goes wrong on the way to a hub into one error that says what to do."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled, RepositoryNotFoundError

    try:
        yield
    except OfflineModeIsEnabled as e:
        raise BaseModelError(
            f"{name} cannot be fetched: HF_HUB_OFFLINE is set",
            "run this on a machine with internet, without HF_HUB_OFFLINE",
        ) from e
    except RepositoryNotFoundError as e:
        raise BaseModelError(
            f"the hub {_hub()} has no model {name!r} that you may read",
            "check the id; a model that asks for consent needs a login: hf auth login",
        ) from e
    except (HfHubHTTPError, OSError, ValueError) as e:
        raise BaseModelError(
            f"{name} could not be fetched from {_hub()}: {first_line(e)}",
            "run the same command again: it continues with what is there",
        ) from e
