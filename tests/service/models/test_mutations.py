"""Random damage to a bundle: every mutation is refused by name, and the old model goes on.

The qualification calls `mutate_and_reload` with more of them than a test run has time for.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from burnish.service.models.versions import Active, write_active
from tests.service.models.layout import make_versions, registry_of

MUTATIONS = 60
"""Of a test run; the qualification makes 600."""


def mutate_and_reload(
    folder: Path, count: int, *, seed: int = 13
) -> tuple[list[str], Counter[str]]:
    """Damage version 2 of a model in ``count`` ways, one after the other, and reload.

    Args:
        folder: an empty directory.
        count: of mutations.
        seed: of the random choices.

    Returns:
        what was not refused by name, or disturbed the version that was served; and how often each
        kind of damage was done.
    """
    rng = random.Random(seed)
    tickets = make_versions(folder / "models", "1", "2")
    whole = shutil.move(tickets / "2", folder / "whole")
    write_active(tickets, Active(active="1", time=""))
    wrong, kinds = [], Counter[str]()
    with registry_of(tickets.parent) as registry:
        write_active(tickets, Active(active="2", history=("1",), time=""))
        old = registry.named("tickets")
        expected = old.model.predict_one("the invoice was not in the parcel")
        for number in range(count):
            shutil.rmtree(tickets / "2", ignore_errors=True)
            shutil.copytree(whole, tickets / "2")
            kind, *names = _damage(tickets / "2", rng, number)
            name = " or ".join(names)
            kinds[kind] += 1
            (outcome,) = registry.reload()
            served = registry.named("tickets")
            answer = served.model.predict_one("the invoice was not in the parcel")
            named = outcome.version == "2" and any(each in outcome.reason for each in names)
            if outcome.change != "refused" or not named:
                wrong.append(f"{number}: {kind} of {name}: {outcome.change}: {outcome.reason}")
            if served is not old or answer != expected:
                wrong.append(f"{number}: {kind} of {name}: the old version did not go on")
    return wrong, kinds


def _flip(path: Path, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= rng.randrange(1, 256)
    path.write_bytes(content)


def _flip_many(path: Path, rng: random.Random) -> None:
    for _ in range(rng.randrange(2, 40)):
        _flip(path, rng)
    _flip_first(path)


def _flip_first(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[0] ^= 0x80
    path.write_bytes(content)


def _truncate(path: Path, rng: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: rng.randrange(len(content))])


def _extend(path: Path, rng: random.Random) -> None:
    with path.open("ab") as file:
        file.write(rng.randbytes(rng.randrange(1, 100)))


def _zero(path: Path, rng: random.Random) -> None:
    size = path.stat().st_size
    start = rng.randrange(size)
    content = bytearray(path.read_bytes())
    content[start : start + 64] = bytes(len(content[start : start + 64]))
    if bytes(content) == path.read_bytes():  # zeros stood there
        content[start] = 1
    path.write_bytes(content)


def _remove(path: Path, _: random.Random) -> None:
    path.unlink()


def _rename(path: Path, rng: random.Random) -> None:
    path.rename(path.with_name(f"renamed-{rng.randrange(1000)}.bin"))


def _link(path: Path, _: random.Random) -> None:
    target = path.rename(path.parent.parent.parent / f"target-{path.name}")
    path.symlink_to(target)


_DAMAGES: dict[str, Callable[[Path, random.Random], None]] = {
    "flip": _flip,
    "many flips": _flip_many,
    "truncation": _truncate,
    "extension": _extend,
    "zeros": _zero,
    "removal": _remove,
    "renaming": _rename,
    "link": _link,
}
_ADDED = ("extra.bin", "model.onnx.data", ".hidden", "a b", "manifest.json.bak", "model.pkl")


def _damage(bundle: Path, rng: random.Random, number: int) -> tuple[str, ...]:
    """Do one thing; the kind of it, and the names of which the refusal must have one."""
    files = sorted(path.name for path in bundle.iterdir())
    kinds = [*_DAMAGES, "addition", "exchange"]
    kind, name = kinds[number % len(kinds)], files[(number // len(kinds)) % len(files)]
    if kind == "addition":
        name = rng.choice(_ADDED)
        (bundle / name).write_bytes(rng.randbytes(10))
    elif kind == "exchange":
        other = files[(files.index(name) + 1) % len(files)]
        one, two = (bundle / name).read_bytes(), (bundle / other).read_bytes()
        (bundle / name).write_bytes(two)
        (bundle / other).write_bytes(one)
        name = "manifest.json" if "manifest.json" in (name, other) else min(name, other)
    else:
        _DAMAGES[kind](bundle / name, rng)
        if kind == "renaming" and name != "manifest.json":
            return kind, name, "renamed-"
    return kind, name


def test_every_mutation_is_refused_by_name_and_the_old_version_goes_on(tmp_path):
    wrong, kinds = mutate_and_reload(tmp_path, MUTATIONS)
    assert wrong == []
    assert len(kinds) == 10


def test_a_bundle_that_is_not_damaged_would_not_pass(tmp_path, monkeypatch):
    """The control: what does no damage is seen to be served."""
    monkeypatch.setitem(_DAMAGES, "flip", lambda path, rng: None)
    wrong, _ = mutate_and_reload(tmp_path, 1)
    assert any("switched" in each for each in wrong)
