import json
import os

import pytest

from burnish.errors import BundleError
from burnish.service.models.sources import find_sources, model_directory
from burnish.service.models.switching import activate, roll_back
from burnish.service.models.versions import (
    Active,
    check_version,
    find_active,
    refused_entries,
    versions_of,
    write_active,
)
from tests.disk import Disk
from tests.endless import endless_bundle
from tests.service.models.layout import change_manifest, copy, make_versions
from tests.tiny_onnx import tiny_bundle


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make_versions(tmp_path_factory.mktemp("models"), "1", "2", "10")


@pytest.fixture
def tickets(whole, tmp_path):
    return copy(whole, tmp_path / "models" / "tickets")


def test_versions_stand_in_natural_order(tmp_path):
    for name in ("10", "2", "1", "1.10", "1.9", "v3", "2026-02-01", ".2.abc.partial"):
        (tmp_path / name).mkdir()
    (tmp_path / "3").write_text("a file")
    expected = ("1", "1.9", "1.10", "2", "10", "2026-02-01", "v3")
    assert versions_of(tmp_path) == expected


def test_of_two_alike_the_one_exported_later_is_newer(tmp_path):
    tiny_bundle(tmp_path / "1", created="2026-03-01T00:00:00Z")
    tiny_bundle(tmp_path / "01", created="2026-02-01T00:00:00Z")
    assert versions_of(tmp_path) == ("01", "1")


def test_without_active_json_the_newest_is_active_and_the_older_ones_its_history(tickets):
    assert find_active(tickets).active == "10"
    assert find_active(tickets).history == ("1", "2")


def test_activating_writes_what_was_active_into_the_history(tickets):
    models = tickets.parent
    assert activate(models, "tickets", "2").former == "10"
    activate(models, "tickets", "1")
    found = json.loads((tickets / "active.json").read_text())
    assert found["active"] == "1"
    assert found["history"] == ["10", "2"]
    assert set(found) == {"schema_version", "active", "history", "time", "contract"}
    assert not list(tickets.glob(".active*"))


def test_rolling_back_goes_through_the_history(tickets):
    models = tickets.parent
    activate(models, "tickets", "2")
    activate(models, "tickets", "10")
    assert roll_back(models, "tickets").version == "2"
    assert roll_back(models, "tickets").version == "1"
    with pytest.raises(BundleError, match="no version was active before 1"):
        roll_back(models, "tickets")


def test_a_damaged_version_is_not_activated(tickets):
    with (tickets / "2" / "model.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(BundleError, match=r"model\.onnx is not the file that was exported"):
        activate(tickets.parent, "tickets", "2")
    assert not (tickets / "active.json").exists()


def test_a_version_that_answers_otherwise_is_not_activated(tickets):
    spoil_probes(tickets / "2")
    with pytest.raises(BundleError, match=r"self-test 3: label '.*recorded 0\.1234"):
        activate(tickets.parent, "tickets", "2")
    assert not (tickets / "active.json").exists()


def test_a_rollback_to_a_damaged_version_is_refused(tickets):
    (tickets / "2" / "config.json").unlink()
    with pytest.raises(BundleError, match=r"config\.json is missing"):
        roll_back(tickets.parent, "tickets")
    assert find_active(tickets).active == "10"


def spoil_probes(bundle):
    """As if the export had seen another score."""
    raw = json.loads((bundle / "manifest.json").read_text())["probes"]
    label = next(iter(raw["answers"][2]["scores"]))
    raw["answers"][2]["scores"] = {label: 0.1234}
    change_manifest(bundle, probes=raw)


@pytest.mark.parametrize(
    "version", ["..", ".", "", "../2", "a/b", "/etc", "-1", "é", "2\n", "x" * 65]
)
def test_hostile_versions_are_no_names(tickets, version):
    with pytest.raises(BundleError, match="not a name for a version"):
        check_version(tickets, version)


@pytest.mark.parametrize("name", ["..", "", "../models", "a/b", "tick\x00ets"])
def test_hostile_names_are_no_names(tickets, name):
    with pytest.raises(BundleError, match="not a name for a model"):
        model_directory(tickets.parent, name)


def test_links_and_files_are_no_versions(tickets, tmp_path):
    (tickets / "3").symlink_to(tickets / "2")
    (tickets / "4").write_text("a file")
    os.mkfifo(tickets / "5")
    for version in ("3", "4", "5"):
        with pytest.raises(BundleError, match="not a link and not a file"):
            check_version(tickets, version)
    assert versions_of(tickets) == ("1", "2", "10")
    assert refused_entries(tickets) == {"3": "it is a link", "5": "it is not a directory"}


def test_a_model_that_is_a_link_is_refused(tickets):
    (tickets.parent / "other").symlink_to(tickets)
    with pytest.raises(BundleError, match="there is no model other"):
        model_directory(tickets.parent, "other")
    with pytest.raises(BundleError, match="a model's directory must not be a link"):
        find_sources([tickets.parent])


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[" * 100_000,
        '{"schema_version": 1, "active": "../../x", "history": [], "time": ""}',
        '{"schema_version": 2, "active": "1", "history": [], "time": ""}',
        '{"schema_version": 1, "active": "1", "history": ["/"], "time": ""}',
        '{"schema_version": 1, "active": "1", "time": "", "more": 1}',
    ],
)
def test_a_damaged_active_json_is_refused_by_name(tickets, content):
    (tickets / "active.json").write_text(content)
    with pytest.raises(BundleError, match=r"active\.json"):
        find_active(tickets)


@pytest.mark.parametrize("make", ["link", "pipe", "folder"])
def test_an_active_json_that_is_no_plain_file_is_refused(tickets, tmp_path, make):
    place = tickets / "active.json"
    if make == "link":
        (tmp_path / "elsewhere").write_text("{}")
        place.symlink_to(tmp_path / "elsewhere")
    elif make == "pipe":
        os.mkfifo(place)
    else:
        place.mkdir()
    with pytest.raises(BundleError, match=r"active\.json"):
        find_active(tickets)


def test_activating_fixes_a_damaged_active_json(tickets):
    (tickets / "active.json").write_text("{")
    activate(tickets.parent, "tickets", "2")
    assert find_active(tickets).active == "2"


def test_the_history_does_not_grow_without_end(tickets):
    active = Active(active="0", time="")
    for number in range(1, 300):
        active = active.switched(str(number))
    write_active(tickets, active)
    assert len(find_active(tickets).history) == 100


def test_the_three_forms_of_a_path(tickets, tmp_path):
    models = tickets.parent
    assert [s.name for s in find_sources([models])] == ["tickets"]
    assert [s.name for s in find_sources([tickets / "1"])] == [""]
    assert [s.path.name for s in find_sources([tickets])] == ["1", "10", "2"]
    activate(models, "tickets", "1")
    assert [s.name for s in find_sources([tickets])] == ["tickets"]
    with pytest.raises(BundleError, match="neither a bundle nor a directory of bundles"):
        find_sources([tmp_path / "nowhere"])


def test_a_version_that_never_answers_is_not_activated_and_the_lock_is_free(tickets, monkeypatch):
    monkeypatch.setattr("burnish.self_test.trial._LEAST_S", 4.0)
    endless_bundle(tickets / "11")
    with pytest.raises(BundleError, match="may never end"):
        activate(tickets.parent, "tickets", "11")
    monkeypatch.undo()
    assert activate(tickets.parent, "tickets", "2").version == "2"


def test_active_json_is_on_the_disk_before_it_replaces_the_old_one(tmp_path, monkeypatch):
    disk = Disk.watched(monkeypatch)
    write_active(tmp_path, Active(active="2", history=("1",), time=""))
    assert disk.renamed == [tmp_path / "active.json"]
    assert (disk.unsynced, disk.unsynced_names) == ([], set())
