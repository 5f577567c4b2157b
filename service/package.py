"""``burnish package``: bundles and what serves them as one BentoML archive."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

import yaml

import burnish
from burnish.bundle import read_bundle
from burnish.errors import BundleError, BurnishError, MissingExtraError, UsageError
from burnish.signing.trust import Trust

from .models import Source, find_sources

__all__ = ["Package", "package_bundles"]

_CORE = (
    "calibration",
    "data",
    "gates",
    "generation",
    "recipe",
    "runtime",
    "self_test",
    "signing",
    "tasks",
)
_NAME = re.compile(r"[a-z0-9]([-._a-z0-9]*[a-z0-9])?")
_LONGEST_NAME = 63
_FORMS = (".bento", ".gz", ".xz", ".bz2", ".tar", ".zip")
"""Endings that BentoML leaves as they are; to any other it adds the first."""


@dataclass(frozen=True, slots=True)
class Package:
    """A built bento."""

    tag: str
    """``name:version`` in BentoML's store."""
    path: Path
    """Its directory in the store, or the archive where one was asked for.

    ``python -m service`` in the directory's ``src`` serves it."""


def package_bundles(
    bundles: Sequence[Path],
    *,
    name: str = "burnish",
    output: Path | None = None,
    trust: Trust | None = None,
) -> Package:
    """Build a bento of verified bundles.

    Args:
        bundles: bundle directories, or directories of bundles.
        name: the bento's name.
        output: a file, ``*.bento`` by custom, to which the bento is exported too.
            BentoML adds ``.bento`` to a name without an ending that it knows.
        trust: whose signature each bundle must have.

    Raises:
        UsageError: the name is not one that BentoML takes, or the file exists.
        BundleError: a bundle is damaged, or two have one name.
        SignatureError: one is not signed by a trusted key.
        MissingExtraError: uv is not installed.
        BurnishError: BentoML could not build it.
    """
    _check_name(name)
    _check_uv()
    archive = None if output is None else _new_archive(output)
    with tempfile.TemporaryDirectory(prefix="burnish-package-") as folder:
        build = Path(folder)
        _copy_bundles(find_sources(bundles), build / "bundles", trust)
        _copy_code(build)
        _write_bentofile(build, name)
        tag = _bentoml("build", "--output", "tag", ".", folder=build).split("__tag__:")[-1].strip()
    if archive is None:
        return Package(tag, Path(_bentoml("get", "--output", "path", tag).strip()))
    _bentoml("export", tag, str(archive.absolute()))
    return Package(tag, archive)


def _check_name(name: str) -> None:
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name.lower()):
        raise UsageError(
            f"{name!r} cannot be an archive's name",
            f"use at most {_LONGEST_NAME} of the letters a to z, digits, '-', '_' and '.', "
            "with a letter or digit at both ends",
        )


def _check_uv() -> None:
    """BentoML installs it from the package index, unasked, where it finds none."""
    if shutil.which("uv") is None:
        try:
            version("uv")
        except PackageNotFoundError as error:
            raise MissingExtraError("uv", "package") from error


def _new_archive(output: Path) -> Path:
    """The file that BentoML will write."""
    if output.is_dir():
        raise UsageError(f"{output} is a directory", "name a file in it")
    known = output.suffix in _FORMS or output.name == ".bento"
    archive = output if known else output.with_name(f"{output.name}.bento")
    if os.path.lexists(archive):
        raise UsageError(f"{archive} exists already", "choose another name")
    return archive


def _copy_bundles(sources: Sequence[Source], target: Path, trust: Trust | None) -> None:
    """A model with versions is packed with the active one alone."""
    for source in sources:
        active = source.active()
        bundle = read_bundle(active.path, trust=trust)
        name = source.name or bundle.manifest.name
        if (target / name).exists():
            raise BundleError(f"{active.path}: another bundle is called {name!r} too")
        place = target / name / active.version if source.name else target / name
        shutil.copytree(bundle.path, place)
        read_bundle(place, trust=trust, digest=bundle.digest)  # what was copied, not what was read


def _copy_code(build: Path) -> None:
    """The core without its command line, and this room under the name ``service``."""
    package = Path(burnish.__file__).parent
    core = build / "burnish"
    core.mkdir()
    for file in (*package.glob("*.py"), package / "py.typed"):
        shutil.copy(file, core / file.name)
    no_cache = shutil.ignore_patterns("__pycache__", "samples")
    for folder in _CORE:
        shutil.copytree(package / folder, core / folder, ignore=no_cache)
    shutil.copytree(Path(__file__).parent, build / "service", ignore=no_cache)


def _write_bentofile(build: Path, name: str) -> None:
    content = {
        "service": "service.app:service",
        "name": name,
        "include": ["burnish/", "service/", "bundles/"],
        "python": {"packages": _requirements(), "lock_packages": False},
    }
    (build / "bentofile.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def _requirements() -> list[str]:
    """What the base install and the extra ``serve`` require, as burnish's own metadata says."""
    # A folder of a build beside the sources (egg-info) may be older than the installation.
    installed = max(
        distributions(name="burnish"), key=lambda each: bool(each.read_text("METADATA"))
    )
    found = []
    for requirement in installed.requires or ():
        name, _, condition = requirement.partition(";")
        if "extra ==" not in condition or 'extra == "serve"' in condition.replace("'", '"'):
            found.append(name.strip())
    return found


def _bentoml(*arguments: str, folder: Path | None = None) -> str:
    """In a process of its own: a bento's ``service`` and ours would be two modules in one."""
    # It breaks what it prints, paths too, at the terminal's width.
    environment = {**os.environ, "BENTOML_DO_NOT_TRACK": "True", "COLUMNS": "10000"}
    run = subprocess.run(  # noqa: S603  our own arguments, no shell
        [sys.executable, "-m", "bentoml", *arguments],
        env=environment,
        cwd=folder,  # it reads no file outside the folder that it runs in
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise BurnishError(
            f"bentoml {arguments[0]} failed:\n{run.stderr.strip()[-2000:]}",
            "BENTOML_HOME must be a directory that can be written to",
        )
    return run.stdout
