import json

import pytest

from tests.service.models.layout import copy, make_versions
from tests.service.models.test_versions import spoil_probes
from tests.tiny_onnx import tiny_bundle


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make_versions(tmp_path_factory.mktemp("models"), "1", "2", "10")


@pytest.fixture
def models(whole, tmp_path):
    return copy(whole, tmp_path / "models" / "tickets").parent


def test_the_list_shows_every_version_and_which_is_active(shell, models):
    done = shell("models", "list", models)
    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0].split() == [
        "name", "version", "active", "task", "precision", "digest", "created", "metric",
    ]  # fmt: skip
    assert [line.split()[1] for line in lines[1:]] == ["1", "2", "10"]
    assert [line.split()[2] == "active" for line in lines[1:]] == [False, False, True]


def test_a_damaged_version_is_shown_with_its_reason(shell, models):
    (models / "tickets" / "2" / "model.onnx").write_bytes(b"")
    (models / "tickets" / "3").symlink_to(models / "tickets" / "1")
    done = shell("models", "list", models)
    assert "damaged: tickets 2: model.onnx is not the file that was exported" in done.out
    assert "damaged: tickets 3: it is a link" in done.out
    document = shell("models", "list", models, "--json").document
    damages = {each["version"]: bool(each["damage"]) for each in document["models"]}
    assert damages == {"1": False, "2": True, "10": False, "3": True}


def test_an_active_json_that_cannot_be_read_is_shown(shell, models):
    (models / "tickets" / "active.json").write_text("{")
    done = shell("models", "list", models)
    assert "damaged: tickets: " in done.out
    assert "active.json" in done.out


def test_activating_and_rolling_back(shell, models):
    done = shell("models", "activate", models, "tickets", "2")
    assert (done.code, done.out) == (0, "tickets: 2 is active, before 10\n")
    assert "kill -HUP" in done.notes
    document = shell("models", "rollback", models, "tickets", "--json").document
    assert (document["version"], document["former"], document["probes"]) == ("10", "2", 10)
    active = json.loads((models / "tickets" / "active.json").read_text())
    assert (active["active"], active["history"]) == ("10", ["1"])


def test_a_version_that_fails_its_check_is_refused(shell, models):
    spoil_probes(models / "tickets" / "2")
    done = shell("models", "activate", models, "tickets", "2")
    assert done.code == 1
    assert "self-test 3: label " in done.notes
    assert not (models / "tickets" / "active.json").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("activate", "tickets", "../2"), "not a name for a version"),
        (("activate", "tickets", "7"), "there is no version 7"),
        (("activate", "others", "1"), "there is no model others"),
        (("rollback", "../models"), "not a name for a model"),
    ],
)
def test_hostile_and_unknown_names_are_refused(shell, models, words, message):
    action, *rest = words
    done = shell("models", action, models, *rest)
    assert done.code == 1
    assert message in done.notes


def test_a_directory_without_models_says_so(shell, tmp_path):
    done = shell("models", "list", tmp_path)
    assert done.code == 1
    assert "holds no model" in done.notes


def test_other_labels_need_a_reason_that_the_list_shows(shell, models):
    tiny_bundle(models / "tickets" / "11", probes=True, labels=("billing", "refund"))
    done = shell("models", "activate", models, "tickets", "11")
    assert done.code == 1
    assert "its labels differ from those that callers know" in done.notes
    assert "--labels-change 'why'" in done.notes
    done = shell("models", "activate", models, "tickets", "11", "--labels-change", "a new team")
    assert (done.code, done.out.splitlines()[1]) == (0, "labels changed: a new team")
    assert "labels changed: tickets 11: a new team" in shell("models", "list", models).out
    done = shell("models", "rollback", models, "tickets")
    assert done.out == (
        "tickets: 10 is active, before 11\nlabels changed: taken back: a new team\n"
    )
