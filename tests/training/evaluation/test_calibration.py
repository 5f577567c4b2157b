"""What cannot be promised, and which labels are not judged, is said where it helps."""

from __future__ import annotations

import json

import pytest

from burnish.errors import ConfigError
from burnish.training import train


def test_a_share_to_reject_needs_rows_out_of_scope(make_recipe) -> None:
    with pytest.raises(ConfigError, match=r"abstain -> reject: 0\.9 of the rows") as caught:
        train(make_recipe("one", base_model="/nowhere", abstain={"reject": 0.9}))
    assert "data.out_of_scope=LABEL" in caught.value.hint


def test_limits_are_said_before_training_and_labels_without_rows_in_the_card(
    make_recipe, files, tmp_path
) -> None:
    rare = json.dumps({"text": "my parcel is a gift", "label": "rare"})
    file = tmp_path / "rows.jsonl"
    file.write_text(files["one"].read_text() + "\n" + rare)
    told: list[str] = []
    recipe = make_recipe(
        "one",
        data={"train": str(file)},
        train={"epochs": 1},
        method="head",
        abstain={"error": 0.05, "score": 0.4},
    )
    run = train(recipe, notify=told.append)

    (early,) = [each for each in told if each.startswith("note: before training: ")]
    assert told.index(early) < next(i for i, each in enumerate(told) if "linear probe" in each)
    rows = run.metrics["validation"]["rows"]
    assert f"{rows} validation answers are too few to promise at most 5 % wrong" in early
    assert run.metrics["abstention"]["promise"]["note"] in run.record.notes
    assert run.metrics["abstention"]["asked"] == {"error": 0.05, "confidence": 0.95, "score": 0.4}
    card = (run.path / "README.md").read_text()
    limits = card.index("1 of 3 labels has no test row, so nothing here says how well it is")
    assert limits < card.index("## Scores")
    assert "| rare | | | not judged | 0 |" in card
    assert "- macro_f1" in card
    report = (run.path / "report.html").read_text()
    assert report.index("1 of 3 labels has no test row") < report.index("gates passed")
