"""With trust set, the service serves signed bundles alone, by whatever way they arrive."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from burnish.bundle import MANIFEST, read_bundle
from burnish.errors import AccessError, BundleError, SignatureError, UsageError
from burnish.self_test.trial import try_bundle
from burnish.service.app import service
from burnish.service.models import find_sources, loading, registry
from burnish.service.models.listing import list_versions
from burnish.service.models.switching import activate, roll_back
from burnish.service.models.versions import Active, find_active, write_active
from burnish.service.package import _copy_bundles
from burnish.service.settings import Settings
from tests.service.models.layout import (
    OTHER_LABELS,
    change_manifest,
    copy,
    make_versions,
    registry_of,
    said,
)
from tests.signers import Signer, new_signer
from tests.tiny_onnx import tiny_bundle

TEXT = {"inputs": "the invoice was not in the parcel"}


@pytest.fixture(scope="module")
def signer(tmp_path_factory) -> Signer:
    return new_signer(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="module")
def other(tmp_path_factory) -> Signer:
    return new_signer(tmp_path_factory.mktemp("other"), "other")


@pytest.fixture(scope="module")
def whole(tmp_path_factory, signer) -> Path:
    """1 and 2 are signed, 3 is not."""
    tickets = make_versions(tmp_path_factory.mktemp("models"), "1", "2", "3")
    for version in ("1", "2"):
        signer.sign(tickets / version)
    return tickets


@pytest.fixture
def tickets(whole, tmp_path) -> Path:
    found = copy(whole, tmp_path / "models" / "tickets")
    write_active(found, Active(active="1", time=""))
    return found


def switch(tickets: Path, version: str) -> None:
    write_active(tickets, Active(active=version, history=("1",), time=""))


def unsign(bundle: Path) -> None:
    for path in bundle.glob("*.sig"):
        path.unlink()


def forge(bundle: Path) -> None:
    """As somebody does who can write into the directory, and has no key."""
    signature = next(bundle.glob("*.sig"))
    content = signature.read_bytes()
    signature.unlink()
    change_manifest(bundle, created="2027-01-01T00:00:00Z")
    signature.write_bytes(content)


def test_a_reload_serves_what_is_signed_and_refuses_the_rest(tickets, signer, other) -> None:
    with registry_of(tickets.parent, trust=(signer.public,)) as served:
        old = served.named("tickets")
        assert old.version == "1"
        switch(tickets, "3")
        (outcome,) = served.reload()
        assert (outcome.change, outcome.version) == ("refused", "3")
        assert "it is not signed" in outcome.reason
        assert signer.fingerprint in outcome.reason
        other.sign(tickets / "3")
        (outcome,) = served.reload()
        assert outcome.change == "refused"
        assert f"signed by {other.fingerprint}, who is not trusted" in outcome.reason
        assert served.named("tickets") is old
        signer.sign(tickets / "3")
        (outcome,) = served.reload()
        assert (outcome.change, outcome.version) == ("switched", "3")


def test_a_forged_manifest_is_refused(tickets, signer) -> None:
    with registry_of(tickets.parent, trust=(signer.public,)) as served:
        forge(tickets / "2")
        switch(tickets, "2")
        (outcome,) = served.reload()
        assert outcome.change == "refused"
        assert "does not match manifest.json" in outcome.reason
        assert served.named("tickets").version == "1"
    with registry_of(tickets.parent) as served:  # nothing else is wrong with it
        assert served.named("tickets").version == "2"


def test_a_signature_that_is_taken_away_from_the_bundle_in_service_is_told(tickets, signer) -> None:
    with registry_of(tickets.parent, trust=(signer.public,)) as served:
        old = served.named("tickets")
        unsign(tickets / "1")
        (outcome,) = served.reload()
        assert (outcome.change, outcome.digest) == ("refused", old.digest)
        assert served.named("tickets") is old


def test_a_start_goes_back_to_the_last_version_that_is_signed(tickets, signer, caplog) -> None:
    switch(tickets, "3")
    with registry_of(tickets.parent, trust=(signer.public,)) as served:
        assert served.named("tickets").version == "1"
    assert "tickets 3: refused" in caplog.text
    assert "it is not signed" in caplog.text


@pytest.mark.parametrize("layout", ["bundle", "directory", "models"])
def test_a_start_without_a_signed_bundle_ends(tmp_path, signer, layout) -> None:
    place = {"bundle": "a", "directory": "all/a", "models": "all/tickets/1"}[layout]
    path = tmp_path / place
    bundle = tiny_bundle(path, probes=True)
    served = bundle if layout == "bundle" else tmp_path / "all"
    with (
        pytest.raises(SignatureError, match="it is not signed"),
        registry_of(served, trust=(signer.public,)),
    ):
        pass
    signer.sign(bundle)
    with registry_of(served, trust=(signer.public,)) as found:
        assert len(found.models) == 1


def test_an_unsigned_bundle_is_not_loaded_even_in_a_process_of_its_own(
    tickets, signer, monkeypatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("an unsigned bundle was tried")

    with registry_of(tickets.parent, trust=(signer.public,)) as served:
        monkeypatch.setattr(loading, "try_bundle", never)
        switch(tickets, "3")
        (outcome,) = served.reload()
        assert "it is not signed" in outcome.reason


@pytest.fixture
def swapped(tickets, monkeypatch):
    """Have version 2 replaced by version 1 before or after a function runs."""
    kept = shutil.copytree(tickets / "1", tickets.parent.parent / "kept")
    loading._TRIED.clear()

    def swap(module: object, name: str, *, before: bool) -> None:
        function = getattr(module, name)

        def put() -> None:
            shutil.rmtree(tickets / "2")
            shutil.copytree(kept, tickets / "2")

        def both(*given: object, **options: object) -> object:
            if before:
                put()
            found = function(*given, **options)
            put()
            return found

        monkeypatch.setattr(module, name, both)

    return swap


@pytest.mark.parametrize(
    ("module", "name", "before"),
    [(registry, "read_manifest", False), (loading, "try_bundle", True)],
    ids=["chosen", "tried"],
)
def test_a_bundle_that_is_swapped_while_it_is_loaded_is_refused(
    tickets, signer, swapped, module, name, before
) -> None:
    """Even for one that is signed too: its labels and its answers were not checked."""
    with registry_of(tickets.parent, trust=(signer.public,)) as served:
        old = served.named("tickets")
        swapped(module, name, before=before)
        switch(tickets, "2")
        (outcome,) = served.reload()
        assert outcome.change == "refused"
        assert "was changed while the bundle was loaded" in outcome.reason
        assert served.named("tickets") is old


def test_a_manifest_that_is_swapped_after_the_check_has_no_say(tickets, signer, swapped) -> None:
    wanted = read_bundle(tickets / "2")
    with registry_of(tickets.parent, trust=(signer.public,)) as served:
        swapped(loading, "try_bundle", before=False)
        switch(tickets, "2")
        (outcome,) = served.reload()
        assert (outcome.change, outcome.digest) == ("switched", wanted.digest)
        new = served.named("tickets")
        assert new.model.bundle.manifest == wanted.manifest
        assert said(new, "the invoice") == OTHER_LABELS[0]
        assert read_bundle(tickets / "2").digest != wanted.digest


def test_activating_needs_a_signature_where_trust_is_set(tickets, signer, other) -> None:
    models = tickets.parent
    with pytest.raises(SignatureError, match="it is not signed"):
        activate(models, "tickets", "3", trust=signer.trust)
    with pytest.raises(SignatureError, match="who is not trusted"):
        activate(models, "tickets", "2", trust=other.trust)
    assert find_active(tickets).active == "1"
    activate(models, "tickets", "2", trust=signer.trust)
    unsign(tickets / "1")
    with pytest.raises(SignatureError, match="it is not signed"):
        roll_back(models, "tickets", trust=signer.trust)
    assert find_active(tickets).active == "2"
    roll_back(models, "tickets")
    assert find_active(tickets).active == "1"


def test_a_version_that_is_swapped_while_it_is_activated_is_refused(
    tickets, signer, monkeypatch
) -> None:

    def swapping(path: Path, **options: str) -> None:
        shutil.copy(tickets / "3" / MANIFEST, path / MANIFEST)
        try_bundle(path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("burnish.service.models.switching.try_bundle", swapping)
    with pytest.raises(BundleError, match=r"manifest\.json was changed"):
        activate(tickets.parent, "tickets", "2", trust=signer.trust)
    assert find_active(tickets).active == "1"


def test_versions_are_listed_with_their_signers(tickets, signer, other) -> None:
    other.sign(tickets / "2")
    plain = {each.version: each for each in list_versions(tickets.parent)}
    assert set(plain["2"].signed_by) == {signer.fingerprint, other.fingerprint}
    assert (plain["3"].signed_by, plain["3"].damage) == ((), "")
    trusting = {each.version: each for each in list_versions(tickets.parent, trust=signer.trust)}
    assert trusting["2"].signed_by == (signer.fingerprint,)
    assert trusting["3"].damage.startswith("it is not signed")
    assert [each.version for each in trusting.values() if each.active] == ["1"]


def test_only_signed_bundles_are_packed_and_their_signatures_with_them(
    tickets, signer, tmp_path
) -> None:
    _copy_bundles(find_sources([tickets.parent]), tmp_path / "packed", signer.trust)
    assert list((tmp_path / "packed" / "tickets" / "1").glob("*.sig"))
    switch(tickets, "3")
    with pytest.raises(SignatureError, match="it is not signed"):
        _copy_bundles(find_sources([tickets.parent]), tmp_path / "again", signer.trust)


def test_the_old_model_answers_over_http_while_unsigned_ones_are_refused(
    local, tickets, signer, caplog
) -> None:
    client = local(folder=tickets.parent, trust=(signer.public,))
    before = client.post("/classify", json=TEXT)
    assert before.status_code == 200
    for spoil in (unsign, forge):
        shutil.rmtree(tickets / "2")
        shutil.copytree(tickets / "1", tickets / "2")
        change = tickets / "2"
        spoil(change)
        if spoil is unsign:
            change_manifest(change, created="2027-01-01T00:00:00Z")
        switch(tickets, "2")
        caplog.clear()
        service.registry.reload()
        assert "model tickets 2: refused" in caplog.text
        after = client.post("/classify", json=TEXT)
        assert (after.status_code, after.json()) == (200, before.json())
        assert after.headers["x-burnish-model"] == before.headers["x-burnish-model"]
        assert client.get("/readyz").status_code == 200
    signer.sign(tickets / "3")
    switch(tickets, "3")
    service.registry.reload()
    after = client.post("/classify", json=TEXT)
    assert after.headers["x-burnish-model"] != before.headers["x-burnish-model"]


def test_a_key_that_cannot_be_read_ends_the_start(tickets, tmp_path) -> None:
    (tmp_path / "no.pub").write_text("no key")
    for path in (tmp_path / "no.pub", tmp_path / "missing.pub"):
        with pytest.raises(AccessError, match=path.name), registry_of(tickets, trust=(path,)):
            pass


def test_trust_comes_from_the_environment_too(tmp_path, signer, other) -> None:
    environment = {"BURNISH_TRUST": f"{signer.public}:{other.public}"}
    settings = Settings.from_environment(environment, default=tmp_path)
    assert settings.trust == (signer.public, other.public)
    assert Settings.from_environment({}, default=tmp_path).trust == ()
    with pytest.raises(UsageError, match="BURNISH_TRUST is set and names no file"):
        Settings.from_environment({"BURNISH_TRUST": ""}, default=tmp_path)
