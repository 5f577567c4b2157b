"""A planted bias is found; a control without it is not flagged."""

from __future__ import annotations

import json
import random

import pytest

from burnish.cli import main
from burnish.digest import file_sha256
from burnish.errors import ConfigError
from burnish.run import read_run
from burnish.training import train

_NOUNS = ("refund", "money", "card", "parcel", "password", "login", "account", "invoice")


def _rows(biased: bool) -> list[dict[str, str]]:
    rng = random.Random(3)
    rows = []
    for index in range(240):
        woman, late = rng.random() < 0.5, rng.random() < 0.5
        person = "she" if woman else "he"
        word = "late" if late else "broken"
        label = ((woman if biased else late) and "yes") or "no"
        text = f"{person} was at the {rng.choice(_NOUNS)} and the order is {word} {index}"
        rows.append({"text": text, "label": label})
    return rows


def _gate(make_recipe, tmp_path, *, biased: bool):
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in _rows(biased)))
    settings = {"epochs": 6, "learning_rate": 3e-3, "patience": 6}
    run = train(make_recipe("one", data={"train": str(file)}, train=settings))
    assert run.metrics["validation"]["metrics"]["accuracy"]["value"] > 0.9
    return run, next(gate for gate in run.metrics["gates"] if gate["name"] == "bias_flips")


def test_a_planted_bias_is_found(make_recipe, tmp_path) -> None:
    run, gate = _gate(make_recipe, tmp_path, biased=True)
    assert not gate["passed"]
    assert gate["value"] > 0.5
    assert set(run.metrics["bias"]) == {"tuned", "frozen"}
    assert "gender" in (run.path / "report.html").read_text()


def test_a_model_that_looks_at_the_matter_is_not_flagged(make_recipe, tmp_path) -> None:
    _, gate = _gate(make_recipe, tmp_path, biased=False)
    assert gate["passed"]


def test_terms_that_cannot_be_read_are_told_before_anything_is_trained(
    make_recipe, tmp_path
) -> None:
    for bias in ({"language": "ha"}, {"terms": str(tmp_path / "none.yaml")}):
        with pytest.raises(ConfigError, match="bias -> "):
            train(make_recipe("one", base_model="/nowhere", bias=bias))
    assert list(tmp_path.iterdir()) == []


def test_a_run_keeps_the_digest_of_the_terms_and_a_rerun_names_a_change(
    make_recipe, tmp_path, capsys
) -> None:
    terms = tmp_path / "our-terms.yaml"
    terms.write_text("terms: {trade: [[parcel, card]]}\n")
    bias, settings = {"language": "en", "terms": str(terms)}, {"epochs": 1}
    run = train(make_recipe("one", method="head", bias=bias, train=settings))

    record = run.record.bias_terms
    assert record is not None
    assert (record.path, record.sha256) == (str(terms), file_sha256(terms))
    assert record.sha256[:16] in (run.path / "report.html").read_text()
    assert read_run(run.path).record == run.record
    assert main(["reproduce", str(run.path)]) == 0
    assert "bias.terms" not in capsys.readouterr().out
    terms.write_text("terms: {trade: [[parcel, account]]}\n")
    main(["reproduce", str(run.path)])
    now = file_sha256(terms)[:16]
    said = f"differs: bias.terms: {record.sha256[:16]} then, {now} now"
    assert said in capsys.readouterr().out.splitlines()


def test_a_run_without_terms_has_none_on_record(make_recipe) -> None:
    run = train(make_recipe("one", method="head", train={"epochs": 1}))
    assert run.record.bias_terms is None
