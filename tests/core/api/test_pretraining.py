"""Base models from Python: read, pre-trained, pruned and compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import burnish
from burnish.errors import UsageError
from burnish.torch_models.base import read_base
from tests.tiny import tiny_base

QUICK: dict[str, Any] = {
    "epochs": 1,
    "batch_size": 4,
    "max_length": 24,
    "threads": 1,
    "progress": False,
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base") / "bert", checkpoint="mlm", pooling="mean")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.csv"
    path.write_text("body\n" + "".join(f"my parcels is late the card {n}\n" for n in range(60)))
    return path


def test_a_base_is_pretrained_as_the_arguments_say(base, texts, tmp_path) -> None:
    said: list[str] = []
    done = burnish.pretrain(
        texts,
        str(tmp_path / "new"),
        base_model=base,
        text="body",
        add_tokens=1,
        notify=said.append,
        **QUICK,
    )
    assert (done.texts, done.added, done.new_head) == (60, ("parcels",), False)
    assert done.steps == -(-done.tokens // 24) // 4 + bool(-(-done.tokens // 24) % 4)
    assert done.after.domain < done.before.domain
    assert read_base(done.path).digest != read_base(base).digest
    assert any(line.startswith("before: ") for line in said)
    with pytest.raises(UsageError, match="exists"):
        burnish.pretrain(texts, done.path, base_model=base, text="body", **QUICK)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"max_length": 15}, "max_length is 15"),
        ({"add_tokens": -1}, "add_tokens is -1"),
        ({"threads": 0}, "threads is 0"),
        ({"learning_rate": 2}, "learning_rate is 2"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(texts, base, tmp_path, settings, said) -> None:
    with pytest.raises(UsageError, match=said):
        burnish.pretrain(texts, tmp_path / "new", base_model=base, **settings)


def test_words_are_judged(base, texts) -> None:
    found = burnish.vocabulary(texts, base_model=base, text="body")
    assert (found.texts.texts, found.base_model) == (60, str(base))
    assert [term.word for term in found.own.terms] == ["parcels"]
    assert found.advice == "add tokens and adapt"


def test_unused_tokens_are_pruned(base, texts, tmp_path) -> None:
    done = burnish.prune_vocabulary(base, texts, tmp_path / "small", text="body")
    assert done.after < done.before
    assert read_base(done.path).digest != read_base(base).digest
    again = burnish.prune_vocabulary(base, texts, tmp_path / "small", text="body", replace=True)
    assert again == done


def test_bases_are_compared_on_a_recipes_rows(base, tmp_path) -> None:
    words = {"billing": "my card", "access": "my login"}
    labels = [("billing", "access")[index % 2] for index in range(60)]
    lines = [f"{words[label]} is late {at},{label}\n" for at, label in enumerate(labels)]
    (tmp_path / "rows.csv").write_text("text,label\n" + "".join(lines))
    other = tiny_base(tmp_path / "other", "roberta", pooling="mean")
    keys = {
        "task": "classification",
        "data": {"train": tmp_path / "rows.csv", "validation": 0.25},
        "train": {"max_length": 32, "threads": 1},
        "output": tmp_path / "run",
    }
    found = burnish.compare_bases(keys, [base, other], "data.test=0.2")
    assert [each.name for each in found.standings] == [str(base), str(other)]
    assert len(found.examples) == 12
    (duel,) = found.duels
    assert duel.difference.low <= duel.difference.value <= duel.difference.high
    assert not (tmp_path / "run").exists()
    with pytest.raises(UsageError, match="needs two bases or more"):
        burnish.compare_bases(keys, [base])
    with pytest.raises(UsageError, match="a base is named twice"):
        burnish.compare_bases(keys, [base, str(base)])
