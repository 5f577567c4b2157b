"""A version of another task, or with other labels, does not go live unnoticed, by whatever way."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import pytest

from burnish.errors import BundleError, UsageError
from burnish.service.models.contract import Contract
from burnish.service.models.listing import list_versions
from burnish.service.models.switching import activate, roll_back
from burnish.service.models.versions import Active, find_active, write_active
from tests.service.models.layout import OTHER_LABELS, copy, registry_of
from tests.tiny_onnx import LABELS, tiny_bundle

NEW = (*LABELS[:-1], "refund")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """1: as callers know it; 2: an extractor; 3: other labels; 4: several labels; 5: as 3."""
    tickets = tmp_path_factory.mktemp("models") / "tickets"
    tiny_bundle(tickets / "1", name="t1", probes=True)
    tiny_bundle(tickets / "2", "extraction", name="t2", probes=True)
    tiny_bundle(tickets / "3", name="t3", probes=True, labels=NEW)
    tiny_bundle(tickets / "4", name="t4", probes=True, multi_label=True)
    tiny_bundle(tickets / "5", name="t5", probes=True, labels=NEW[::-1])
    tiny_bundle(tickets / "6", name="t6", probes=True, labels=OTHER_LABELS)
    return tickets


@pytest.fixture
def tickets(whole, tmp_path) -> Path:
    """Version 1 alone, active; the others beside, to be laid in."""
    (tmp_path / "models" / "tickets").mkdir(parents=True)
    found = tmp_path / "models" / "tickets"
    copy(whole / "1", found / "1")
    return found


def lay(whole: Path, tickets: Path, *versions: str) -> None:
    for version in versions:
        copy(whole / version, tickets / version)


def by_hand(tickets: Path, version: str) -> None:
    """``active.json`` as burnish 0.1, or a person, writes it."""
    document = {"schema_version": 1, "active": version, "history": ["1"], "time": "2026-01-01"}
    (tickets / "active.json").write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("2", "it is a model for extraction, and tickets is one for classification with one label"),
        ("4", "it is a model for classification with several labels per text"),
    ],
)
def test_another_task_is_not_activated(whole, tickets, version, message):
    lay(whole, tickets, version)
    for why in ("", "callers know"):
        with pytest.raises(BundleError, match=message) as caught:
            activate(tickets.parent, "tickets", version, labels_change=why)
        assert "a name of its own" in caught.value.hint
    assert not (tickets / "active.json").exists()


def test_the_hint_for_another_task_works_when_it_is_followed(whole, tickets):
    lay(whole, tickets, "2")
    shutil.move(tickets / "1", tickets.parent.parent / "away")
    activate(tickets.parent, "tickets", "2")
    with registry_of(tickets.parent) as registry:
        assert registry.named("tickets").task == "extraction"


def test_other_labels_need_a_reason_which_is_kept_and_listed(whole, tickets):
    lay(whole, tickets, "3")
    with pytest.raises(BundleError, match=r"new: 'refund'; no longer there: 'other'") as caught:
        activate(tickets.parent, "tickets", "3")
    assert "--labels-change" in caught.value.hint
    assert not (tickets / "active.json").exists()
    switch = activate(tickets.parent, "tickets", "3", labels_change="refunds get a team")
    assert switch.labels_change == "refunds get a team"
    (change,) = find_active(tickets).labels_changes
    assert (change.version, change.former, change.reason) == ("3", "1", "refunds get a team")
    listed = {each.version: each.labels_change for each in list_versions(tickets.parent)}
    assert listed == {"1": "", "3": "refunds get a team"}


def test_the_same_labels_in_another_order_need_none_and_keep_none(whole, tickets):
    lay(whole, tickets, "6")
    activate(tickets.parent, "tickets", "6", labels_change="not needed")
    assert find_active(tickets).labels_changes == ()


@pytest.mark.parametrize("reason", [" ", "two\nlines", "x" * 501])
def test_a_reason_is_one_line(whole, tickets, reason):
    lay(whole, tickets, "3")
    with pytest.raises(UsageError, match="one line"):
        activate(tickets.parent, "tickets", "3", labels_change=reason)


def test_taking_a_change_of_labels_back_needs_no_new_reason(whole, tickets):
    lay(whole, tickets, "3")
    activate(tickets.parent, "tickets", "3", labels_change="why not")
    assert roll_back(tickets.parent, "tickets").labels_change == "taken back: why not"
    with registry_of(tickets.parent) as registry:
        assert registry.named("tickets").version == "1"


def test_a_rollback_to_labels_of_which_nothing_is_recorded_needs_a_reason(whole, tickets):
    lay(whole, tickets, "3")
    by_hand(tickets, "3")
    with pytest.raises(BundleError, match="labels differ") as caught:
        roll_back(tickets.parent, "tickets")
    assert "burnish models rollback" in caught.value.hint
    assert roll_back(tickets.parent, "tickets", labels_change="a mistake").version == "1"


def test_a_rollback_to_another_task_is_refused(whole, tickets):
    lay(whole, tickets, "2")
    write_active(tickets, Active(active="1", history=("2",), time="2026-01-01"))
    with pytest.raises(BundleError, match="a model for extraction"):
        roll_back(tickets.parent, "tickets", labels_change="why")


def test_a_reload_follows_an_accepted_change_of_labels_over_several_switches(whole, tickets):
    with registry_of(tickets.parent) as registry:
        lay(whole, tickets, "3", "5")
        activate(tickets.parent, "tickets", "1")
        activate(tickets.parent, "tickets", "3", labels_change="why")
        activate(tickets.parent, "tickets", "5")
        assert [each.change for each in registry.reload()] == ["switched"]
        roll_back(tickets.parent, "tickets")
        roll_back(tickets.parent, "tickets")
        assert [each.change for each in registry.reload()] == ["switched"]
        assert registry.named("tickets").version == "1"


@pytest.mark.parametrize("version", ["2", "3", "4"])
@pytest.mark.parametrize("way", ["newest", "by hand", "replaced"])
def test_a_reload_refuses_what_callers_do_not_expect(whole, tickets, version, way):
    with registry_of(tickets.parent) as registry:
        before = registry.named("tickets")
        if way == "replaced":
            activate(tickets.parent, "tickets", "1")
            shutil.rmtree(tickets / "1")
            copy(whole / version, tickets / "1")
        else:
            lay(whole, tickets, version)
            if way == "by hand":
                by_hand(tickets, version)
        (outcome,) = registry.reload()
        assert outcome.change == "refused"
        assert "labels differ" in outcome.reason or "a model for" in outcome.reason
        assert registry.named("tickets") is before


@pytest.mark.parametrize("version", ["2", "3"])
def test_a_plain_bundle_is_not_exchanged_for_one_that_callers_do_not_expect(
    whole, tmp_path, version
):
    bundle = tiny_bundle(tmp_path / "b", name=f"t{version}", probes=True)
    with registry_of(bundle) as registry:
        shutil.rmtree(bundle)
        copy(whole / version, bundle)
        (outcome,) = registry.reload()
        assert outcome.change == "refused"
    with registry_of(bundle) as registry:  # as the hint says
        assert registry.named(f"t{version}")


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_a_start_takes_the_former_version_where_the_newest_is_not_expected(
    whole, tickets, version, caplog
):
    lay(whole, tickets, version)
    with caplog.at_level(logging.WARNING), registry_of(tickets.parent) as registry:
        assert registry.named("tickets").version == "1"
    assert f"VERSION 1 IS SERVED, the active version {version} was refused" in caplog.text


def test_a_start_takes_the_newest_that_is_expected(whole, tickets):
    lay(whole, tickets, "2", "3", "6")
    with registry_of(tickets.parent) as registry:
        assert registry.named("tickets").version == "6"


@pytest.mark.parametrize("version", ["2", "3"])
def test_a_start_with_what_burnish_0_1_has_activated_goes_on(whole, tickets, version):
    lay(whole, tickets, version)
    by_hand(tickets, version)
    with registry_of(tickets.parent) as registry:
        assert registry.named("tickets").version == version


def test_a_start_refuses_a_version_that_was_replaced_in_place(whole, tickets):
    activate(tickets.parent, "tickets", "1")
    shutil.rmtree(tickets / "1")
    copy(whole / "3", tickets / "1")
    with pytest.raises(BundleError, match="labels differ"), registry_of(tickets.parent):
        pass


def test_a_start_falls_back_to_a_version_of_the_same_task_alone(whole, tickets):
    lay(whole, tickets, "2", "6")
    write_active(tickets, Active(active="6", history=("1", "2"), time="2026-01-01"))
    (tickets / "6" / "model.onnx").write_bytes(b"")
    with registry_of(tickets.parent) as registry:
        assert registry.named("tickets").version == "1"


def test_a_contract_has_the_labels_of_an_extractor_not_its_tags(whole):
    contract = Contract.of(next(iter(_manifests(whole / "2"))))
    assert (contract.answers, contract.labels) == ("extraction", ("person", "place"))


def _manifests(*paths: Path):
    from burnish.bundle import read_manifest

    return (read_manifest(path)[0] for path in paths)


def test_many_labels_fit_into_active_json(tmp_path):
    labels = tuple(f"a label with a long name, number {number}" for number in range(5000))
    active = Active(active="1", time="t", contract=Contract(answers="a", labels=labels))
    write_active(tmp_path, active)
    assert find_active(tmp_path) == active
