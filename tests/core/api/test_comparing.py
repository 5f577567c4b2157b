"""Models compared from Python: the figures of `burnish compare`, on rows of any form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import burnish
from burnish.errors import DataError, SignatureError, UsageError
from tests.signers import new_signer
from tests.tiny_onnx import tiny_bundle

TICKETS = [("my invoice", "billing"), ("my parcel", "delivery"), ("the courier", "billing")]
ROWS = [{"text": text, "label": label} for text, label in TICKETS]


@pytest.fixture(scope="module")
def rivals(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two bundles; the second calls billing what the first calls delivery, and the reverse."""
    place = tmp_path_factory.mktemp("rivals")
    names = ("delivery", "billing", "other")
    return tiny_bundle(place / "first"), tiny_bundle(place / "second", labels=names)


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    file = tmp_path / "tickets.csv"
    file.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in TICKETS))
    return file


def figures(found: Any) -> Any:
    """All but the rows' names and the time that was measured."""
    document = found.to_json()
    for each in document["models"]:
        assert each.pop("cpu_ms") > 0
    for each in document["differing"]:
        each.pop("row")
    return document


def test_each_model_is_compared_with_the_first(rivals, tickets) -> None:
    found = burnish.compare(rivals, tickets)
    assert [each.name for each in found.standings] == [str(path) for path in rivals]
    assert [each.metrics["accuracy"].value for each in found.standings] == [2 / 3, 1 / 3]
    (duel,) = found.duels
    assert duel.difference.value == pytest.approx(-1 / 3)
    assert (duel.only_this, duel.only_first, duel.verdict) == (1, 2, "not told apart")
    assert [found.examples[place].id for place in found.differing] == [
        f"tickets.csv:{line}" for line in (2, 3, 4)
    ]


def test_bundles_and_rows_may_be_objects(rivals, tickets) -> None:
    by_path = figures(burnish.compare(rivals, tickets))
    bundles = [burnish.read_bundle(path) for path in rivals]
    assert figures(burnish.compare(bundles, ROWS)) == by_path
    assert (
        figures(burnish.compare(bundles, burnish.read_rows(tickets, "classification"))) == by_path
    )
    renamed = [{"body": row["text"], "label": row["label"]} for row in ROWS]
    columns = burnish.Columns(text="body")
    assert figures(burnish.compare(bundles, renamed, columns=columns)) == by_path


def test_bundles_are_compared_without_torch(rivals, tickets) -> None:
    code = (
        "import burnish, sys\n"
        f"burnish.compare({[str(path) for path in rivals]!r}, {str(tickets)!r})\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("False", 0), done.stderr


@pytest.mark.parametrize("names", [[], ["first"], "first", Path("first")])
def test_fewer_than_two_models_are_no_comparison(names, tickets) -> None:
    with pytest.raises(UsageError, match="needs two models or more"):
        burnish.compare(names, tickets)


def test_what_cannot_be_compared_is_refused(rivals, tickets, tmp_path) -> None:
    first, second = rivals
    with pytest.raises(UsageError, match="named twice"):
        burnish.compare([first, first.parent / "second" / ".." / "first"], tickets)
    with pytest.raises(UsageError, match="neither a run"):
        burnish.compare([first, tmp_path], tickets)
    with pytest.raises(UsageError, match=r"for qa, and .*first for classification"):
        burnish.compare([first, tiny_bundle(tmp_path / "qa", "qa")], tickets)
    with pytest.raises(DataError, match="does not know the label 'refund'"):
        burnish.compare(rivals, [{"text": "my invoice", "label": "refund"}])
    assert burnish.compare([second, first], tickets).standings[0].name == str(second)


def test_every_bundle_must_be_signed_where_keys_are_named(rivals, tickets, tmp_path) -> None:
    signer = new_signer(tmp_path / "keys")
    with pytest.raises(SignatureError, match="it is not signed"):
        burnish.compare(rivals, tickets, trust=signer.public)
