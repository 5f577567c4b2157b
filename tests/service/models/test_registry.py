import gc
import logging
import shutil
import threading
import weakref

import pytest

from burnish.errors import BundleError
from burnish.runtime import ModelFaultError
from burnish.self_test.replay import replay_probes
from burnish.service.access import LOCAL
from burnish.service.api.model_info import model_details
from burnish.service.models import MemoryLimitError
from burnish.service.models.memory import memory_need, resident_bytes
from burnish.service.models.versions import Active, write_active
from tests.endless import endless_bundle
from tests.service.models.layout import OTHER_LABELS, copy, make_versions, registry_of, said
from tests.tiny_onnx import LABELS, tiny_bundle


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make_versions(tmp_path_factory.mktemp("models"), "1", "2")


@pytest.fixture
def tickets(whole, tmp_path):
    return copy(whole, tmp_path / "models" / "tickets")


def switch(tickets, version):
    write_active(tickets, Active(active=version, history=("1", "2"), time=""))


def changes(outcomes):
    return [(each.name, each.version, each.change) for each in outcomes]


def test_a_model_is_served_under_its_directorys_name(tickets):
    with registry_of(tickets.parent) as registry:
        served = registry.named("tickets")
        assert (served.version, served.model.name) == ("2", "tickets-2")
        assert served.digest == served.model.bundle.digest
        assert registry.for_task("classification", None, LOCAL) is served


def test_a_reload_switches_and_leaves_what_is_unchanged(tickets):
    with registry_of(tickets.parent) as registry:
        before = registry.named("tickets")
        assert changes(registry.reload()) == [("tickets", "2", "kept")]
        assert registry.named("tickets") is before
        switch(tickets, "1")
        outcome = registry.reload()[0]
        after = registry.named("tickets")
        assert changes([outcome]) == [("tickets", "1", "switched")]
        assert outcome.digest == after.digest != before.digest
        assert said(before, "the invoice") == OTHER_LABELS[0]
        assert said(after, "the invoice") == LABELS[0]


def test_damage_behind_an_unchanged_manifest_is_told_and_the_old_one_goes_on(tickets):
    with registry_of(tickets.parent) as registry:
        before = registry.named("tickets")
        (tickets / "2" / "model.onnx").write_bytes(b"other bytes")
        (outcome,) = registry.reload()
        assert changes([outcome]) == [("tickets", "2", "refused")]
        assert "model.onnx is not the file" in outcome.reason
        assert registry.named("tickets") is before
        assert said(before, "the invoice") == OTHER_LABELS[0]


def test_new_names_are_added_and_vanished_ones_go_on(tickets, caplog):
    models = tickets.parent
    with registry_of(models) as registry:
        tiny_bundle(models / "places" / "1", "extraction", probes=True)
        assert ("places", "1", "added") in changes(registry.reload())
        shutil.rmtree(models / "places")
        with caplog.at_level(logging.WARNING):
            assert ("places", "1", "gone") in changes(registry.reload())
        assert registry.named("places").model.predict_one("anna was in paris").tokens > 0
        assert "served until the server restarts" in caplog.text


def test_a_plain_bundle_that_was_replaced_is_followed(tmp_path):
    bundle = tiny_bundle(tmp_path / "b", name="plain", probes=True)
    with registry_of(bundle) as registry:
        shutil.rmtree(bundle)
        tiny_bundle(bundle, name="plain", probes=True, labels=OTHER_LABELS)
        assert changes(registry.reload()) == [("plain", "", "switched")]
        (bundle / "README.md").write_text("changed")
        (bundle / "manifest.json").write_text("{")
        refused = registry.reload()[0]
        assert changes([refused]) == [("plain", "", "refused")]
        assert "manifest.json" in refused.reason


def test_a_tampered_version_is_refused_by_name_and_the_old_one_goes_on(tickets, caplog):
    switch(tickets, "1")
    with registry_of(tickets.parent) as registry, caplog.at_level(logging.WARNING):
        old = registry.named("tickets")
        (tickets / "2" / "tokenizer.json").write_text("{}")
        switch(tickets, "2")
        outcome = registry.reload()[0]
        assert changes([outcome]) == [("tickets", "2", "refused")]
        assert "tokenizer.json is not the file that was exported" in outcome.reason
        assert outcome.digest == old.digest
        assert registry.named("tickets") is old
    record = next(r for r in caplog.records if r.name == "burnish.service.models")
    assert (record.model, record.version, record.change) == ("tickets", "2", "refused")
    assert "\n" not in record.getMessage()


def test_a_version_that_answers_otherwise_is_refused_with_figures(tickets, monkeypatch):
    switch(tickets, "1")
    with registry_of(tickets.parent) as registry:
        session = type(registry.named("tickets").model._steps._session)
        run = session.run
        monkeypatch.setattr(session, "run", lambda self, window: run(self, window) * 0.5)
        switch(tickets, "2")
        outcome = registry.reload()[0]
        assert outcome.change == "refused"
        assert "self-test 1: label " in outcome.reason
        assert "(tolerance 0.001)" in outcome.reason


def test_a_bundle_without_answers_that_fails_at_a_probe_is_refused(tmp_path, monkeypatch):
    def fail(_self, _window):
        raise ModelFaultError("the model fails on this text", reason="out of bounds")

    with registry_of(tiny_bundle(tmp_path / "b", name="a")) as registry:
        model = registry.named("a").model
        monkeypatch.setattr(type(model._steps._session), "run", fail)
        with pytest.raises(BundleError, match="fails in its self-test: out of bounds"):
            replay_probes(model)


def test_at_the_first_start_a_damaged_bundle_ends_the_start(tmp_path):
    bundle = tiny_bundle(tmp_path / "b")
    (bundle / "model.onnx").write_bytes(b"")
    with (
        pytest.raises(BundleError, match=r"model\.onnx is not the file"),
        registry_of(bundle),
    ):
        pass


def test_at_the_first_start_a_damaged_version_falls_back_to_the_former(tickets, caplog):
    (tickets / "2" / "model.onnx").write_bytes(b"")
    with caplog.at_level(logging.WARNING), registry_of(tickets.parent) as registry:
        assert registry.named("tickets").version == "1"
    assert "VERSION 1 IS SERVED, the active version 2 was refused" in caplog.text
    assert "model.onnx is not the file that was exported" in caplog.text


def test_where_no_version_is_whole_the_start_ends_with_the_active_ones_reason(tickets):
    (tickets / "1" / "config.json").unlink()
    (tickets / "2" / "model.onnx").write_bytes(b"")
    with pytest.raises(BundleError, match=r"tickets/2: model\.onnx"), registry_of(tickets.parent):
        pass


def test_two_models_of_one_name_end_the_start_and_refuse_a_reload(tickets, tmp_path):
    plain = tmp_path / "plain"
    tiny_bundle(plain / "a", name="tickets")
    with (
        pytest.raises(BundleError, match="another bundle is called 'tickets' too"),
        registry_of(tickets.parent, plain),
    ):
        pass
    shutil.rmtree(plain / "a")
    tiny_bundle(plain / "b", name="b")
    with registry_of(tickets.parent, plain) as registry:
        tiny_bundle(plain / "c", name="tickets")
        assert ("tickets", "", "refused") in changes(registry.reload())
        assert registry.named("tickets").version == "2"


@pytest.mark.parametrize("labels", [LABELS, OTHER_LABELS])
@pytest.mark.parametrize("damaged", [False, True])
def test_a_newcomer_does_not_take_a_name_that_is_served(tmp_path, labels, damaged):
    models = tmp_path / "bundles"
    tickets = tiny_bundle(models / "tickets", name="tickets")
    with registry_of(models) as registry:
        before = registry.named("tickets")
        tiny_bundle(models / "old-tickets", name="tickets", labels=labels)
        if damaged:
            (tickets / "manifest.json").write_text("{")
        first, newcomer = registry.reload()
        assert changes([first]) == [("tickets", "", "refused" if damaged else "kept")]
        assert changes([newcomer]) == [("tickets", "", "refused")]
        assert "old-tickets: another bundle is called 'tickets' too" in newcomer.reason
        assert registry.named("tickets") is before


def test_a_newcomer_does_not_take_the_name_of_a_directory_of_versions(tickets):
    with registry_of(tickets.parent) as registry:
        before = registry.named("tickets")
        tiny_bundle(tickets.parent / "a-copy", name="tickets")
        assert changes(registry.reload()) == [
            ("tickets", "2", "kept"),
            ("tickets", "", "refused"),
        ]
        assert registry.named("tickets") is before


def test_the_card_is_the_one_that_was_loaded(tmp_path):
    bundle = tiny_bundle(tmp_path / "b", name="a")
    with registry_of(bundle) as registry:
        card = (bundle / "README.md").read_text()
        (bundle / "README.md").unlink()
        (bundle / "README.md").symlink_to("/etc/hostname")
        assert model_details(registry.named("a"))["card"] == card


def test_answers_are_never_mixed_over_a_hundred_swaps(tickets):
    labels_of: dict[str, tuple[str, ...]] = {}
    answered: list[str] = []
    failures: list[object] = []
    stop = threading.Event()

    with registry_of(tickets.parent) as registry:

        def ask():
            while not stop.is_set():
                try:
                    served = registry.named("tickets")
                    found = said(served, "my invoice was not in " * 9)
                    if found != labels_of[served.digest][0]:
                        failures.append((served.digest, found))
                    answered.append(served.digest)
                except Exception as error:  # noqa: BLE001  told by the test's thread
                    failures.append(error)

        for version, labels in (("1", LABELS), ("2", OTHER_LABELS)):
            switch(tickets, version)
            registry.reload()
            labels_of[registry.named("tickets").digest] = labels
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(100):
            switch(tickets, "12"[number % 2])
            assert [each.change for each in registry.reload()] == ["switched"]
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert set(answered) == set(labels_of)
    assert len(answered) > 100


def test_reloads_take_turns(tickets):
    with registry_of(tickets.parent) as registry:
        switch(tickets, "1")
        found = []
        threads = [
            threading.Thread(target=lambda: found.extend(registry.reload())) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(each.change for each in found) == ["kept", "kept", "kept", "switched"]


def test_the_old_models_memory_goes_with_its_last_request(tickets):
    with registry_of(tickets.parent) as registry:
        held = registry.named("tickets")
        model = weakref.ref(held.model)
        switch(tickets, "1")
        registry.reload()
        gc.collect()
        assert model() is not None
        del held
        gc.collect()
        assert model() is None


def test_a_load_that_would_go_over_the_limit_is_refused_and_says_how_to_fix_it(tickets):
    limit = resident_bytes() + 1
    with (
        pytest.raises(MemoryLimitError, match=r"needs about .* MiB, this process holds .* MiB"),
        registry_of(tickets / "1", max_memory_bytes=limit),
    ):
        pass
    with registry_of(tickets.parent, max_memory_bytes=2**40) as registry:
        object.__setattr__(registry._settings, "max_memory_bytes", limit)
        other = tickets.parent / "places" / "1"
        tiny_bundle(other, "extraction", probes=True, max_length=512, stride=8)
        outcomes = {each.name: each for each in registry.reload()}
        assert outcomes["places"].change == "refused"
        assert "raise --max-memory to at least" in outcomes["places"].reason
        assert said(registry.named("tickets"), "the invoice") == OTHER_LABELS[0]


def test_parts_that_are_loaded_count_nothing(tickets):
    alone = memory_need(tickets / "1", threads=2)
    with registry_of(tickets.parent) as registry:
        files = registry.named("tickets").model.bundle.manifest.files
    shared = {files["model.onnx"].sha256, files["tokenizer.json"].sha256}
    assert min(alone.graph, alone.tokenizer, alone.windows) > 0
    assert memory_need(tickets / "2", threads=2, loaded=shared).total == 0


def test_more_threads_and_longer_windows_need_more(tmp_path):
    short = tiny_bundle(tmp_path / "short")
    long = tiny_bundle(tmp_path / "long", max_length=128)
    assert memory_need(short, threads=4).windows == 4 * memory_need(short, threads=1).windows
    assert memory_need(long, threads=1).windows > 4 * memory_need(short, threads=1).windows


def test_a_graph_that_never_ends_is_refused_and_later_reloads_work(tickets):
    switch(tickets, "1")
    with registry_of(tickets.parent, load_timeout_s=15.0) as registry:
        old = registry.named("tickets")
        endless_bundle(tickets / "3", name="tickets-3", probes=True)
        switch(tickets, "3")
        outcome = registry.reload()[0]
        assert changes([outcome]) == [("tickets", "3", "refused")]
        assert "may never end" in outcome.reason
        assert registry.named("tickets") is old
        switch(tickets, "2")
        assert changes(registry.reload()) == [("tickets", "2", "switched")]


def test_a_graph_that_ends_in_its_trial_alone_is_refused_too(tickets, monkeypatch):
    """It could draw lots."""
    monkeypatch.setattr("burnish.service.models.loading.try_bundle", lambda *_, **__: None)
    switch(tickets, "1")
    with registry_of(tickets.parent, load_timeout_s=15.0) as registry:
        endless_bundle(tickets / "4", name="tickets-4", probes=True, labels=OTHER_LABELS)
        switch(tickets, "4")
        assert "does not always end" in registry.reload()[0].reason
        switch(tickets, "2")
        assert changes(registry.reload()) == [("tickets", "2", "switched")]
