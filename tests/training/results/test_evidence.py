"""Beside a model stand its cheap rivals, its errors and its gates; a run can be made again."""

from __future__ import annotations

import json
import shutil

import pytest
from huggingface_hub import ModelCard

from burnish.cli import main
from burnish.cli.train import run_parts
from burnish.errors import DataError, GateError, UsageError
from burnish.evidence.report import read_facts
from burnish.export import export_run
from burnish.gates import Gate, blocking
from burnish.run import TermsRecord, read_run
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.training import train
from burnish.training.pipeline.reproduction import _differences, reproduce_run
from burnish.training.tasks.extraction.dictionary import Dictionary
from tests.core.evidence.report.facts_of_a_run import make_facts

WHY = "a pilot on made-up rows, agreed with nobody"


def _gates(run) -> dict[str, Gate]:
    return {g["name"]: Gate.model_validate(g) for g in run.metrics["gates"]}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("one", "TF-IDF with logistic regression"),
        ("several", "TF-IDF with logistic regression"),
        ("extraction", "dictionary of the training entities"),
        ("qa", "sentence that shares most with the question"),
    ],
)
def test_a_cheap_rival_is_scored_on_the_same_rows(make_recipe, kind, name) -> None:
    run = train(make_recipe(kind, train={"epochs": 1}))

    rival = read_facts(run).rivals[name]
    metric = run.record.task.main_metric
    assert {part: each.rows for part, each in rival.items()} == {
        part: run.metrics[part]["rows"] for part in ("validation", "test")
    }
    assert rival["validation"].metrics[metric].value > 0.3
    gain = _gates(run)["beats_baseline"].value
    reached = run.metrics["test"]["metrics"][metric]["value"]
    assert gain == pytest.approx(reached - rival["test"].metrics[metric].value)
    assert "report.html" in run.record.files


def test_a_tuning_that_ends_where_it_began_is_not_better_than_its_start(make_recipe) -> None:
    run = train(make_recipe("one", train={"epochs": 1, "learning_rate": 1e-9}))

    assert run.record.training.best_epoch == 1  # a tie never goes to the start
    gate = _gates(run)["beats_probe"]
    assert (gate.value, gate.passed, gate.verdict) == (0, False, "warning")
    assert gate.detail.startswith("not better than logistic regression on the frozen encoder: ")
    assert list(run_parts(run)) == ["validation", "test", "validation, TF-IDF", "test, TF-IDF"]
    assert list(read_facts(run).rivals) == ["TF-IDF with logistic regression"]
    assert "linear probe |" not in (run.path / "README.md").read_text()
    assert run.metrics["baseline"]["test"] == run.metrics["test"]


def test_a_rival_that_answers_otherwise_keeps_its_column() -> None:
    facts = make_facts()
    assert "linear probe on the frozen encoder" in facts.rivals
    facts.metrics["baseline"]["test"] = facts.metrics["test"]
    assert "linear probe on the frozen encoder" not in facts.rivals


def test_rows_that_stand_in_train_too_block_the_export_until_somebody_says_why(
    make_recipe, files, tmp_path
) -> None:
    rows = files["one"].read_text().splitlines()
    judging = tmp_path / "judging.jsonl"
    judging.write_text("\n".join(rows[:20]))
    recipe = make_recipe("one", data={"validation": str(judging), "test": None})
    run = train(recipe)

    assert [gate.name for gate in blocking(_gates(run).values())] == ["leaked_rows"]
    with pytest.raises(GateError, match=r"gate leaked_rows: 1 against 0\.05"):
        export_run(run.path, tmp_path / "bundle", precision="fp32")
    bundle = export_run(run.path, tmp_path / "bundle", precision="fp32", allow={"leaked_rows": WHY})
    assert [g.reason for g in bundle.manifest.gates if not g.passed and g.severity == "block"] == [
        WHY
    ]


def test_a_test_that_chose_the_epoch_is_no_test(make_recipe, files, tmp_path) -> None:
    train_file, judging = tmp_path / "train.jsonl", tmp_path / "judging.jsonl"
    rows = files["one"].read_text().splitlines()
    train_file.write_text("\n".join(rows[20:]))
    judging.write_text("\n".join(rows[:20]))
    parts = {"train": str(train_file), "validation": str(judging), "test": str(judging)}
    run = train(make_recipe("one", data=parts, train={"epochs": 1}))

    gate = _gates(run)["leaked_rows"]
    assert (gate.value, gate.blocks) == (1.0, True)
    assert "0 of 20 rows of validation, 20 of 20 rows of test" in gate.detail
    assert "20 of them were" in (run.path / "report.html").read_text()


def test_mistakes_are_named_by_rows_and_hold_no_text(make_recipe, files) -> None:
    run = train(make_recipe("extraction", train={"epochs": 1}))

    errors = read_facts(run).errors
    assert errors is not None
    assert errors.rows == run.metrics["test"]["rows"]
    assert errors.wrong
    assert all(m.row.startswith("extraction.jsonl:") for m in errors.mistakes)
    texts = [json.loads(line)["text"] for line in files["extraction"].read_text().splitlines()]
    page = (run.path / "report.html").read_text()
    assert not any(text in page for text in texts)


@pytest.mark.parametrize("kind", ["one", "extraction", "qa"])
def test_a_run_is_reproduced_bit_for_bit(make_recipe, kind) -> None:
    run = train(make_recipe(kind, train={"epochs": 1}))

    found = reproduce_run(run)
    assert found.bit_equal
    assert found.holds
    assert found.differences == ()
    assert all(score.before == score.after for score in found.scores)


def test_other_rows_do_not_reproduce_a_run(make_recipe, files, tmp_path) -> None:
    rows = tmp_path / "rows.jsonl"
    shutil.copyfile(files["one"], rows)
    run = train(make_recipe("one", data={"train": str(rows)}, train={"epochs": 1}))
    rows.write_text(rows.read_text().replace("refund", "return"))

    with pytest.raises(DataError, match="are not those of the run"):
        reproduce_run(read_run(run.path))


def test_a_rerun_never_takes_the_place_of_anything(make_recipe) -> None:
    run = train(make_recipe("extraction", train={"epochs": 1}))

    with pytest.raises(UsageError, match="is not empty") as caught:
        reproduce_run(run, run.path)
    assert "--replace" not in caught.value.hint
    assert read_run(run.path) == run


def _example(text: str, *mentions: str) -> ExtractionExample:
    spans = [Span(text.index(m), text.index(m) + len(m), "place") for m in mentions]
    return ExtractionExample(id="f:1", text=text, entities=tuple(spans))


def test_a_dictionary_finds_whole_words_longest_first_and_no_everyday_word() -> None:
    dictionary = Dictionary(
        [
            _example("she left New York in may", "New York"),
            _example("York is old", "York"),
            _example("May is a town", "May"),
            _example("May is warm and May is green"),
        ]
    )
    found = dictionary.extract("from New York to York, not Yorkshire, in May")
    assert [(e.start, e.end, e.label) for e in found.entities] == [
        (5, 13, "place"),
        (17, 21, "place"),
    ]


def test_the_hubs_own_library_reads_the_card(make_recipe) -> None:
    run = train(make_recipe("one", train={"epochs": 1}))

    card = ModelCard.load(run.path / "README.md", ignore_metadata_errors=False)
    assert card.data.pipeline_tag == "text-classification"
    assert card.data.base_model is None  # a directory of this machine is nobody else's
    found = {(e.dataset_split, e.metric_type): e.metric_value for e in card.data.eval_results or ()}
    assert found["test", "accuracy"] == pytest.approx(
        run.metrics["test"]["metrics"]["accuracy"]["value"], abs=1e-4
    )


def test_a_report_into_no_directory_says_how_to_make_it(make_recipe, tmp_path, capsys) -> None:
    run = train(make_recipe("extraction", train={"epochs": 1}))

    missing = tmp_path / "for" / "the board"
    assert main(["report", str(run.path), "-o", str(missing / "report.html")]) == 2
    assert f"mkdir -p '{missing}'" in capsys.readouterr().err
    assert not missing.exists()


def test_what_may_change_the_bits_of_a_rerun_is_compared() -> None:
    then = make_facts().record
    assert _differences(then, then) == []
    now = then.model_copy(
        update={
            "training": then.training.model_copy(update={"processes": 2}),
            "hardware": then.hardware.model_copy(update={"gpu": "a card"}),
            "base_model": then.base_model.model_copy(update={"digest": "ef" * 32}),
            "packages": {**then.packages, "torch": "3.0"},
            "bias_terms": TermsRecord(path="terms.yaml", sha256="ab" * 32),
        }
    )
    named = [line.partition(":")[0] for line in _differences(then, now)]
    assert named == ["torch", "gpu", "processes", "bias.terms", "base model"]
