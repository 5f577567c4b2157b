"""A manuscript's parts: every figure is the record's, every reference is whole."""

from __future__ import annotations

import re
from dataclasses import replace

from burnish.evidence.manuscript import bibliography, latex_table, markdown_table, methods_paragraph
from burnish.run import TeacherRecord
from tests.core.evidence.report.facts_of_a_run import make_facts


def test_the_paragraph_states_model_data_training_and_results() -> None:
    said = methods_paragraph(make_facts())
    for words in (
        *("minilm (bert", "cdcdcdcdcdcdcdcd", "low-rank adaptation", "10 of 1,000 parameters"),
        *("400 rows for training", "80 for validation", "learning rate of 0.0001", "seed 13"),
        *("at most 5 epochs 4 were run", "kept epoch 2", "accuracy 0.910", "0.880–0.940"),  # noqa: RUF001
        "TF-IDF with logistic regression 0.800",
    ):
        assert words in said


def test_tables_hold_a_row_a_method_and_escape_what_latex_reads() -> None:
    facts = make_facts(name="50% & more_of it")
    latex = latex_table(facts)
    assert r"50\% \& more\_of it" in latex
    assert latex.count(r" \\") == 1 + 4
    assert latex.count("{") == latex.count("}")
    assert markdown_table(facts).count("\n") == 2 + 4


def test_every_reference_is_whole_and_stands_once() -> None:
    entries = bibliography(make_facts())
    keys = re.findall(r"^@\w+\{(\w+),$", entries, re.MULTILINE)
    assert keys == sorted(set(keys))
    assert set(keys) == {
        *("devlin2019bert", "hu2022lora", "loshchilov2019adamw", "paszke2019pytorch"),
        *("reimers2019sbert", "wang2020minilm", "wolf2020transformers"),
    }
    for field in ("author", "title", "year"):
        assert len(re.findall(rf"^  {field} = ", entries, re.MULTILINE)) == len(keys)


def test_averaged_seeds_are_told_and_cited() -> None:
    facts = make_facts()
    training = facts.record.training.model_copy(
        update={"seeds": (13, 14, 15), "seed_kept": 14, "seeds_averaged": (13, 14, 15)}
    )
    record = facts.record.model_copy(update={"training": training})
    averaged = replace(facts, record=record)
    assert "seeds 13, 14, 15; the weights were averaged (Wortsman et al. 2022)" in (
        methods_paragraph(averaged)
    )
    assert "@inproceedings{wortsman2022soups," in bibliography(averaged)
    assert "wortsman2022soups" not in bibliography(facts)


def test_the_paragraph_tells_of_seeds_and_of_what_is_not_ordinary() -> None:
    facts = make_facts()
    training = facts.record.training.model_copy(
        update={"seeds": (13, 14, 15), "seed_kept": 15, "precision": "bf16"}
    )
    given = facts.recipe.train.model_copy(
        update={"synthetic_questions": 4.0, "gradual_unfreezing": True}
    )
    said = methods_paragraph(
        replace(
            facts,
            record=facts.record.model_copy(update={"training": training}),
            recipe=facts.recipe.model_copy(update={"train": given}),
        )
    )
    for words in (
        "seeds 13, 14, 15, of which 15, the best on validation, was kept",
        "a warm-up on 4 synthetic cloze questions per labelled row",
        "gradual unfreezing",
        "bf16",
    ):
        assert words in said
    assert "We used" not in methods_paragraph(facts).split("seed 13.")[1]


def test_a_teacher_and_what_it_teaches_are_told_and_cited() -> None:
    facts = make_facts()
    teacher = TeacherRecord(run="runs/large", sha256="ab" * 32)
    record = facts.record.model_copy(update={"taught_by": teacher})
    taught = replace(facts, record=record)
    section = facts.recipe.distill.model_copy(update={"hidden_states": 0.5})
    states = replace(taught, recipe=facts.recipe.model_copy(update={"distill": section}))
    assert "hidden states" not in methods_paragraph(taught)
    assert "jiao2020tinybert" not in bibliography(taught)
    assert "hidden states as further targets (Jiao et al. 2020" in methods_paragraph(states)
    assert "weight 0.5)" in methods_paragraph(states)
    assert "@inproceedings{jiao2020tinybert," in bibliography(states)


def test_rows_left_out_of_any_file_are_counted() -> None:
    facts = make_facts(out_of_scope={"rows": 7})
    file = {"path": "rows.csv", "sha256": "ab" * 32, "rows": 9}
    files = {
        "train": [{**file, "skipped": {"empty text": 12}}],
        "test": [{**file, "skipped": {"empty text": 1}}],
    }
    document = {**facts.record.data.model_dump(), "files": files}
    data = type(facts.record.data).model_validate(document)
    record = facts.record.model_copy(update={"data": data})
    said = methods_paragraph(replace(facts, record=record))
    assert (
        "We left out 13 rows (empty text), 7 rows (out of scope: measured, not trained on)." in said
    )
    assert "left out" not in methods_paragraph(make_facts())
