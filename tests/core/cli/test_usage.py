"""Wrong usage: the message names what was typed, the hint what was probably meant."""

from __future__ import annotations

import argparse

import pytest

from burnish.cli.flags import flags_of, in_flags
from burnish.cli.main import top_parser


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("trian", "there is no command 'trian'", "did you mean train?"),
        ("xyzzy", "there is no command 'xyzzy'", "burnish --help"),
        ("init ner", "there is no task 'ner'", "did you mean extraction?"),
        ("init clasification", "there is no task 'clasification'", "did you mean classification?"),
        ("check a.csv --task sentiment", "there is no task 'sentiment'", "mean classification?"),
        ("init xyzzy", "there is no task 'xyzzy'", "tasks are: classification, extraction, qa"),
        ("train r.yaml --epochs 3", "there is no option --epochs", "did you mean train.epochs=3?"),
        ("train --epochs=3 r.yaml", "there is no option --epochs", "did you mean train.epochs=3?"),
        ("train r.yaml --method", "there is no option --method", "did you mean method=VALUE?"),
        ("train r.yaml --batch-size 8", "no option --batch-size", "mean train.batch_size=8?"),
        ("train r.yaml --epoch 3", "there is no option --epoch", "did you mean train.epochs=3?"),
        ("train r.yaml --repalce", "there is no option --repalce", "did you mean --replace?"),
        ("lr-find r.yaml --epochs 3", "there is no option --epochs", "mean train.epochs=3?"),
        ("check a.csv --quik", "there is no option --quik", "did you mean --quick?"),
        ("check a.csv b.csv", "b.csv: unexpected arguments", "burnish check --help"),
        ("keys lst", "there is no action 'lst'", "did you mean list?"),
        ("train", "the following arguments are required: RECIPE\n", "burnish train --help"),
    ],
)
def test_what_was_meant_is_named(shell, line: str, message: str, hint: str) -> None:
    done = shell(*line.split())
    assert (done.code, done.out) == (2, "")
    assert "usage: burnish" in done.notes
    assert f"error: {message}".strip() in done.notes or message in done.notes
    assert hint in done.notes.splitlines()[-1]
    assert len(done.notes.splitlines()) <= 4


def test_burnish_alone_lists_the_commands(shell) -> None:
    done = shell()
    assert (done.code, done.out) == (2, "")
    assert done.notes == top_parser().format_help()


HINTS = {
    "for example data.tag_names: [O, B-person, I-person]": (
        "for example --tag-names O,B-person,I-person"
    ),
    "data.tag_column: 3 or data.tag_column: 4": "--tag-column 3 or --tag-column 4",
    "set data.text: NAME": "use --text NAME",
    "set data.text: NAME; the first line": "use --text NAME; the first line",
    "set data.tag_names to them": "use --tag-names to them",
    "a group (data.group), so": "a group (--group), so",
    "set data.no_label: ''": "use --no-label ''",
    "set data.allow_paths: true": "use --allow-paths",
    'say data.separator: "|"': 'say --separator "|"',
    "them: data.label_columns: [a,b]": "them: --label-columns a,b",
    "data.validation: 0.15": "data.validation: 0.15",
    "data.unknown: 1": "data.unknown: 1",
}


@pytest.mark.parametrize("said", HINTS)
def test_a_hint_names_the_flag_of_the_command_that_speaks(said: str) -> None:
    names = (
        "text",
        "tag_names",
        "tag_column",
        "group",
        "no_label",
        "allow_paths",
        "separator",
        "validation",
        "label_columns",
    )
    flags = flags_of(argparse.Namespace(**dict.fromkeys(names)))
    assert in_flags(said, flags) == HINTS[said]


@pytest.mark.parametrize("said", HINTS)
def test_beside_a_recipe_its_keys_are_named(said: str) -> None:
    assert in_flags(said, flags_of(argparse.Namespace(text="text", recipe="r.yaml"))) == said


def test_commands_name_their_own_flags_in_errors_and_findings(shell, tmp_path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("body,label\n" + "".join(f"/data/{n}.txt,{'ab'[n % 2]}\n" for n in range(6)))
    assert "use --text NAME" in shell("check", path, "--quick").out
    found = shell("check", path, "--quick", "--text", "body")
    assert "use --allow-paths" in found.out
    meant = shell("check", path, "--quick", "--text", "body", "--allow-paths")
    assert (meant.code, "paths-as-texts" in meant.out) == (0, False)
    recipe = tmp_path / "r.yaml"
    recipe.write_text("task: classification\ndata: {train: rows.csv}\noutput: run\n")
    assert "set data.text: NAME" in shell("check", "--recipe", recipe, "--quick").out


def test_a_directory_of_bundles_is_not_called_a_broken_bundle(shell, tmp_path) -> None:
    (tmp_path / "bundles" / "mail").mkdir(parents=True)
    (tmp_path / "bundles" / "mail" / "manifest.json").write_text("{}")
    done = shell("predict", tmp_path / "bundles", "A text")
    assert "this is a directory of bundles: mail" in done.notes
    assert f"name one of them: {tmp_path / 'bundles' / 'mail'}" in done.notes


def test_a_recipe_is_not_read_as_rows(shell, tmp_path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("task: classification\n")
    done = shell("check", path)
    assert (done.code, f"did you mean --recipe {path}?" in done.notes) == (2, True)
