"""What adoption asks for, refuses, and does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.cli import main
from burnish.errors import BaseModelError, UsageError
from burnish.gates import Gate, blocking
from burnish.training import adopt
from tests.tiny import tiny_base
from tests.training.pipeline.adopt.checkpoints import lora_adapter, trainer_output


def test_labels_that_differ_are_listed_on_both_sides(tickets: Path, tmp_path: Path) -> None:
    source = trainer_output(tmp_path / "model")
    with pytest.raises(UsageError) as caught:
        adopt(str(source), tickets, tmp_path / "run")
    assert "LABEL_0, LABEL_1" in caught.value.message
    assert "money, parcel" in caught.value.message
    assert "--output-names" in caught.value.hint
    assert not (tmp_path / "run").exists()


def test_what_is_not_known_is_said_and_not_passed(tickets: Path, tmp_path: Path) -> None:
    source = trainer_output(tmp_path / "model")
    code = main(
        [
            *("adopt", str(source), "--data", str(tickets), "-o", str(tmp_path / "run")),
            *("--map", "LABEL_0=money,LABEL_1=parcel"),
        ]
    )
    assert code == 0
    from burnish.run import read_run

    run = read_run(tmp_path / "run")
    gates = {entry["name"]: Gate.model_validate(entry) for entry in run.metrics["gates"]}
    for name in ("training_rows", "leaked_rows", "learned", "undocumented"):
        assert gates[name].verdict == "unknown"
        assert not gates[name].passed
    assert blocking(gates.values()) == ()
    assert run.recipe.data.train is None
    assert "train" not in run.record.data.parts
    assert run.record.training.learning_rate is None
    for page in ("README.md", "report.html"):
        assert "nknown" in (run.path / page).read_text(encoding="utf-8")


def test_a_pickled_head_is_never_opened(tickets: Path, tmp_path: Path) -> None:
    source = tiny_base(tmp_path / "setfit", pooling="mean")
    (source / "model_head.pkl").write_bytes(b"cos\nabort\n(tR.")
    with pytest.raises(BaseModelError, match="never opens one") as caught:
        adopt(str(source), tickets, tmp_path / "run")
    assert "--head-script" in caught.value.hint


def test_an_adapter_whose_base_is_not_here_asks_for_it(tickets: Path, tmp_path: Path) -> None:
    base = tiny_base(tmp_path / "base")
    source = lora_adapter(tmp_path / "adapter", base)
    base.rename(tmp_path / "elsewhere")
    with pytest.raises(BaseModelError) as caught:
        adopt(str(source), tickets, tmp_path / "run")
    assert "--base" in caught.value.hint


def test_an_encoder_without_a_head_is_refused(tickets: Path, tmp_path: Path) -> None:
    with pytest.raises(BaseModelError, match="ForSequenceClassification"):
        adopt(str(tiny_base(tmp_path / "base")), tickets, tmp_path / "run")


def test_a_model_of_scores_is_refused_with_a_way_on(tickets: Path, tmp_path: Path) -> None:
    source = trainer_output(tmp_path / "checkpoint-12", problem="regression")
    with pytest.raises(BaseModelError, match="gives a number") as refused:
        adopt(str(source), tickets, tmp_path / "run")
    assert "task: regression" in refused.value.hint
    rows = tmp_path / "scores.csv"
    rows.write_text("text,score\nmy card,2\nthe parcel,3\n", encoding="utf-8")
    for task in (None, "regression"):
        with pytest.raises(UsageError, match="not scores") as caught:
            adopt(str(source), rows, tmp_path / "run", task=task)
        assert "burnish train" in caught.value.hint
