"""A kit for machines without a network: ``python -m release airgap -o DIR``.

Wheels with their digests, models to serve, a script that installs and one that verifies. An
installed burnish cannot make it: only the checkout has constraints.txt and the scripts.
"""

from __future__ import annotations

import shutil
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import burnish
from burnish.bundle import Bundle, read_bundle
from burnish.directory import check_free, staged_directory
from release.archive import pack_directory
from release.build import Release, build_release, pins
from release.source import ROOT, ReleaseError
from release.sums import SUMS, write_sums
from release.wheelhouse import fill_wheelhouse, least_glibc, requirements_text

__all__ = ["SAMPLE", "Kit", "make_kit"]

SAMPLE = Path("demo/bundles/tickets")
"""The bundle of a kit for which none is named: the demo's."""
_TEMPLATES = Path(__file__).with_name("kit")
_PROGRAMS = ("install.sh", "verify")
_LICENSE = "LICENSE"


@dataclass(frozen=True, slots=True)
class Kit:
    """A finished kit."""

    path: Path
    wheels: int
    size_bytes: int
    digest: str
    """SHA-256 of ``SHA256SUMS``: what the receiver compares."""


def make_kit(
    out: Path,
    *,
    extra: str = "all",
    bundles: Sequence[Path] = (),
    tar: bool = False,
    root: Path = ROOT,
    notify: Callable[[str], None] = lambda _: None,
) -> Kit:
    """Make a kit for this machine's platform and Python version.

    Args:
        out: its directory, which must be new or empty.
        extra: ``serve``, for machines that only serve, or ``all``.
        bundles: the models in it; the demo's sample where none is named.
        tar: also write ``out`` as a tar file beside it.
        root: the checkout.
        notify: called with a note before each longer step.

    Raises:
        ReleaseError: there is no sample, or pip cannot fetch a wheel.
        BundleError: a bundle is damaged.
        UsageError: ``out`` is in use.
    """
    check_free(out, marker=SUMS)
    packed = out.with_name(f"{out.name}.tar")
    if tar and packed.exists():
        raise ReleaseError(f"{packed} exists already", "remove it, or choose another output")
    chosen = _chosen(bundles, root / SAMPLE)
    with tempfile.TemporaryDirectory(prefix="burnish-kit-") as place:
        notify("building burnish's wheel")
        release = build_release(Path(place) / "dist", root)
        with staged_directory(out, marker=SUMS) as kit:
            notify(f"fetching the wheels of burnish[{extra}]")
            wheels = _add_wheels(kit, release, extra=extra, root=root)
            _add_bundles(kit, chosen)
            _add_documents(kit, release, root)
            _add_templates(kit, _values(wheels, chosen, extra))
            digest = write_sums(kit)
        if tar:
            notify(f"packing {packed}")
            pack_directory(out, packed, epoch=release.epoch)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return Kit(out, len(wheels), size, digest)


def _chosen(paths: Sequence[Path], sample: Path) -> dict[str, Bundle]:
    """The bundles by the name of their directory, each verified.

    Raises:
        ReleaseError: the sample was not made yet, or two have one name.
    """
    if not paths and not sample.exists():
        raise ReleaseError(
            f"{sample}: there is no sample model to put into the kit",
            "make demo trains it; or name a bundle of yours with --bundle DIR",
        )
    found: dict[str, Bundle] = {}
    for path in paths or [sample]:
        name = path.resolve().name
        if name in found:
            raise ReleaseError(f"two bundles have the name {name}", "rename one of the directories")
        found[name] = read_bundle(path)
    return found


def _add_wheels(kit: Path, release: Release, *, extra: str, root: Path) -> list[Path]:
    wheelhouse = kit / "wheelhouse"
    constraints = kit / "constraints.txt"
    shutil.copyfile(root / constraints.name, constraints)
    # The build without CUDA: 2 GB less, and by its name no other can be taken.
    cpu = release.wheel.with_name("cpu.txt")
    cpu.write_text(f"torch=={pins(root)['torch']}+cpu\n", encoding="utf-8")
    wheels = fill_wheelhouse(wheelhouse, release.wheel, extra=extra, constraints=[constraints, cpu])
    (kit / "requirements.txt").write_text(requirements_text(wheels), encoding="utf-8")
    return wheels


def _add_bundles(kit: Path, bundles: dict[str, Bundle]) -> None:
    for name, bundle in bundles.items():
        shutil.copytree(bundle.path, kit / "bundles" / name)
        read_bundle(kit / "bundles" / name)


def _add_documents(kit: Path, release: Release, root: Path) -> None:
    shutil.copyfile(root / _LICENSE, kit / _LICENSE)
    for document in sorted(release.wheel.parent.glob("*.json")):  # SBOM and VEX
        (kit / "sbom").mkdir(exist_ok=True)
        shutil.copyfile(document, kit / "sbom" / document.name)


def _values(wheels: Sequence[Path], bundles: dict[str, Bundle], extra: str) -> dict[str, str]:
    """What the templates name as ``@NAME@``."""
    return {
        "VERSION": burnish.__version__,
        "EXTRA": f"burnish[{extra}]",
        "WHEELS": str(len(wheels)),
        "BUNDLES": ", ".join(f"`{name}`" for name in bundles),
        "PYTHON": f"python{sysconfig.get_python_version()}",
        "SOABI": str(sysconfig.get_config_var("SOABI")),
        "GLIBC": least_glibc(wheels),
    }


def _add_templates(kit: Path, values: dict[str, str]) -> None:
    for template in sorted(_TEMPLATES.iterdir()):
        text = template.read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        target = kit / template.name
        target.write_text(text, encoding="utf-8")
        target.chmod(0o755 if template.name in _PROGRAMS else 0o644)
