"""`burnish vocabulary`: what it prints."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

pytest.importorskip("torch")

from burnish.training.diagnostics.vocabulary import Words
from tests.tiny import tiny_base


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_base(tmp_path / "base")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text("my parcels is late\n" * 3 + "my card is late\n" * 20 + "\n")
    return path


def test_words_and_advice_are_printed(shell, base, texts) -> None:
    done = shell("vocabulary", texts, "--base-model", base)
    assert done.code == 0, done.notes
    assert "split words" in done.out
    assert "parcels" in done.out
    assert "tune as it is: " in done.out or "tokens" in done.out


def test_the_advice_can_be_followed(shell, base, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("my parcels is late the card\n" * 30)
    done = shell("vocabulary", texts, "--base-model", base)
    assert "add tokens and adapt: 17 % of the words are split" in done.out
    command = done.notes.partition("next: burnish ")[2].split()
    assert command[:2] == ["pretrain", str(texts)]
    assert "--add-tokens" in command
    command[command.index("BASE")] = str(tmp_path / "new")
    short = ["--epochs", "1", "--threads", "1", "--max-length", "16"]
    followed = [*command[: command.index("--for")], *short]
    texts.write_text("".join(f"my parcels is late the card {n}\n" for n in range(60)))
    assert shell(*followed).code == 0


def test_the_document_has_the_terms(shell, base, texts) -> None:
    found = shell("vocabulary", texts, "--base-model", base, "--json").document
    assert found["these_texts"]["terms"][0]["word"] == "parcels"
    assert found["advice"]
    assert "terms" not in found["plain_sentences"]


def test_counts_that_are_not_exact_are_told(shell, base, texts, monkeypatch) -> None:
    assert "the rarest were dropped" not in shell("vocabulary", texts, "--base-model", base).notes
    small = functools.partial(Words, most_bytes=1_000)
    monkeypatch.setattr("burnish.training.pipeline.vocabulary.Words", small)
    done = shell("vocabulary", texts, "--base-model", base, "--json")
    assert "the rarest were dropped" in done.notes
    assert done.document["these_texts"]["uncounted"] > 0


def test_wrong_texts_are_an_error_of_the_user(shell, base, tmp_path: Path) -> None:
    assert shell("vocabulary", tmp_path / "none", "--base-model", base).code == 2
    (tmp_path / "folder").mkdir()
    done = shell("vocabulary", tmp_path / "folder", "--base-model", base)
    assert done.code != 0
    assert "holds no .txt files" in done.notes
