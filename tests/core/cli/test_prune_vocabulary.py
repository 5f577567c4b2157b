"""`burnish prune-vocabulary`: what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from tests.tiny import tiny_base


def test_savings_and_losses_are_printed(shell, tmp_path: Path) -> None:
    base, out = tiny_base(tmp_path / "base"), tmp_path / "small"
    texts = tmp_path / "texts.csv"
    texts.write_text("body\n" + "".join(f"my card is late {n}\n" for n in range(60)))
    done = shell("prune-vocabulary", base, texts, "--text", "body", "-o", out)
    assert done.code == 0, done.notes
    assert "unknown tokens, held-out texts" in done.out
    assert "held-out texts become other tokens" in done.out
    assert f"set base_model: {out}" in done.notes
    found = shell(
        "prune-vocabulary", base, texts, "--text", "body", "-o", out, "--replace", "--json"
    )
    assert found.document["after"] < found.document["before"]


def test_a_wrong_base_is_an_error_of_the_user(shell, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("my card\n")
    done = shell(
        "prune-vocabulary", tmp_path / "none", tmp_path / "texts.txt", "-o", tmp_path / "x"
    )
    assert done.code != 0
    assert "is not a directory" in done.notes
