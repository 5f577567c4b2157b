"""Bundles that no trusted key has signed, as the newest version of a served model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from burnish.bundle import read_manifest, write_manifest
from burnish.signing.private_key import PrivateKey, make_pair, read_private_key
from burnish.signing.sign import sign_bundle
from qualification.bench import Bench, make_tiny
from qualification.loading import reloaded
from qualification.models import LABELS, MODEL, ROUTE
from qualification.rows import Measurement, Row

__all__ = ["ROWS"]

Spoil = Callable[[Path, PrivateKey, PrivateKey], None]
"""Makes a whole bundle one that must be refused, with the trusted key's owner or another."""


def measure_unsigned(bench: Bench) -> Measurement:
    """Lay down each bundle, reload, and ask the old model; in the end a signed one must come."""
    models = bench.folder / "models"
    make_tiny(models / MODEL / "1", "classification", name=MODEL, labels=LABELS[0])
    pair = make_pair(bench.folder / "release")
    key, other = read_private_key(pair.private, bytes), _other(bench.folder)
    sign_bundle(models / MODEL / "1", key)
    problems = []
    with bench.serving(models, options=("--trust", str(pair.public))) as served:
        for name, spoil in SPOILED.items():
            place = make_tiny(
                models / MODEL / "9", "classification", name=MODEL, labels=LABELS[0], created=name
            )
            spoil(place, key, other)
            said = reloaded(served)
            if "refused" not in said:
                problems.append(f"{name}: {said.strip()[-200:] or 'nothing was said'}")
            shutil.rmtree(place)
            reply = served.ask("POST", ROUTE, {"inputs": "my card"})
            problems += [f"{name}: then {reply.status}"] if reply.status != 200 else []
        last = models / MODEL / "9"
        make_tiny(last, "classification", name=MODEL, labels=LABELS[0], created="later")
        sign_bundle(last, key)
        came = "switched" in reloaded(served)
    refused = len(SPOILED) - len(problems)
    figure = (
        f"{refused}/{len(SPOILED)} refused, the signed one {'came' if came else 'did not come'}"
    )
    return Measurement(figure, came and not problems, {"problems": problems})


def _other(folder: Path) -> PrivateKey:
    return read_private_key(make_pair(folder / "other").private, bytes)


def _unsigned(bundle: Path, key: PrivateKey, other: PrivateKey) -> None:
    """As it was exported."""


def _by_another_key(bundle: Path, key: PrivateKey, other: PrivateKey) -> None:
    sign_bundle(bundle, other)


def _forged(bundle: Path, key: PrivateKey, other: PrivateKey) -> None:
    """Changed and sealed again, with the signature of what it was."""
    signature = sign_bundle(bundle, key).path
    content = signature.read_bytes()
    signature.unlink()
    manifest, _ = read_manifest(bundle)
    write_manifest(bundle, manifest.model_copy(update={"burnish_version": "forged"}))
    signature.write_bytes(content)


def _renamed(bundle: Path, key: PrivateKey, other: PrivateKey) -> None:
    """Another key's signature under the name of the trusted one."""
    path = sign_bundle(bundle, other).path
    path.rename(path.with_name(path.name.replace(other.public.fingerprint, key.public.fingerprint)))


SPOILED: dict[str, Spoil] = {
    "unsigned": _unsigned,
    "signed by another key": _by_another_key,
    "forged": _forged,
    "another key's signature under the trusted name": _renamed,
}

ROWS = (
    Row(
        name="unsigned-models",
        test="with --trust: a bundle unsigned, signed by another key, forged, with another key's "
        "signature under the trusted name; then a signed one",
        anchor="none",
        bar="4/4 refused, the old model keeps serving, the signed one comes",
        measure=measure_unsigned,
        guards=("no-trust",),
        timed=False,
    ),
)
