"""A decision has no place for anything of a request's content."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from burnish.service.access import AccessError, Decision, InputHmac
from burnish.service.access.records import (
    MAX_LINE_BYTES,
    encode_decision,
    now_text,
    parse_line,
)
from burnish.service.errors import ERROR_TYPES
from burnish.service.routes import ROUTES

FIELDS: dict[str, Any] = {
    "time": "2026-05-01T12:00:00.000Z",
    "request_id": "a1",
    "key_id": "local",
    "route": "/classify",
    "model": "",
    "status": 200,
    "error_type": "",
    "items": 1,
    "tokens": 2,
    "ms": 3.0,
    "input_hmac": "0" * 64,
}
CANARY = "Herr Müller, diabetes"
FORMS = {
    "time": r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z",
    "request_id": "[A-Za-z0-9-]{1,64}",
    "key_id": "[a-z2-9]{8}|api-key|local",
    "route": "|".join(re.escape(route) for route in [*(each.template for each in ROUTES), "none"]),
    "model": "[0-9a-f]{64}",
    "error_type": "|".join(ERROR_TYPES),
    "input_hmac": "[0-9a-f]{64}",
}


def test_the_fields_are_these_and_no_other() -> None:
    assert set(FORMS) == {name for name, value in FIELDS.items() if isinstance(value, str)}
    assert set(Decision.model_fields) == set(FIELDS)
    assert Decision.model_config["extra"] == "forbid"


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", [CANARY, CANARY.encode(), [CANARY], {CANARY: 1}, "müller", " "])
def test_no_field_takes_content(name: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Decision(**(FIELDS | {name: value}))
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("name", FORMS)
@given(text=st.text(min_size=1))
@example(text="two words")
@example(text="k7m2x9qa\n")
@example(text="k7m2x9qa1")
@example(text="0" * 64 + "\n")
def test_what_a_text_field_takes_is_of_a_closed_form(name: str, text: str) -> None:
    try:
        decision = Decision(**(FIELDS | {name: text}))
    except ValidationError:
        return
    assert re.fullmatch(FORMS[name], getattr(decision, name))


def test_no_way_of_making_one_goes_around_the_validation() -> None:
    whole = Decision(**FIELDS)
    for make in [
        lambda: Decision(**(FIELDS | {"text": CANARY})),
        lambda: Decision.model_validate(FIELDS | {"text": CANARY}),
        lambda: Decision.model_validate_json(json.dumps(FIELDS | {"text": CANARY})),
        lambda: Decision.model_construct(**(FIELDS | {"request_id": CANARY})),
        lambda: whole.model_copy(update={"request_id": CANARY}),
        lambda: setattr(whole, "request_id", CANARY),
        lambda: setattr(whole, "text", CANARY),
    ]:
        with pytest.raises((ValidationError, TypeError, ValueError)):
            make()


@pytest.mark.parametrize("name", ["status", "items", "tokens"])
@pytest.mark.parametrize("value", [-1, 2**53, True, 1.5, "1"])
def test_numbers_are_whole_and_bounded(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Decision(**(FIELDS | {name: value}))


@pytest.mark.parametrize("ms", [-0.1, math.inf, math.nan])
def test_a_time_is_finite(ms: float) -> None:
    with pytest.raises(ValidationError):
        Decision(**(FIELDS | {"ms": ms}))


@pytest.mark.parametrize("route", [*(route.template for route in ROUTES), "none"])
def test_every_route_can_be_recorded_and_read(route: str) -> None:
    raw = encode_decision(Decision(**(FIELDS | {"route": route})), sequence=1, previous="0" * 64)
    assert parse_line(raw) is not None


@pytest.mark.parametrize("error_type", ERROR_TYPES)
def test_every_error_type_can_be_recorded_and_read(error_type: str) -> None:
    decision = Decision(**(FIELDS | {"error_type": error_type}))
    assert parse_line(encode_decision(decision, sequence=1, previous="0" * 64)) is not None


def test_a_line_has_its_keys_in_one_order() -> None:
    raw = encode_decision(Decision(**FIELDS), sequence=7, previous="a" * 64)
    assert raw.endswith(b"}\n")
    assert list(json.loads(raw)) == ["kind", "sequence", "previous", *FIELDS]
    assert json.loads(raw)["sequence"] == 7


def test_the_longest_line_can_be_read() -> None:
    longest: dict[str, Any] = FIELDS | {
        "request_id": "a" * 64,
        "key_id": "a" * 8,
        "route": "/openapi.json",
        "model": "f" * 64,
        "error_type": max(ERROR_TYPES, key=len),
        "items": 2**53 - 1,
        "tokens": 2**53 - 1,
        "ms": 123456789.123456789,
    }
    raw = encode_decision(Decision(**longest), sequence=2**53 - 1, previous="f" * 64)
    assert len(raw) < MAX_LINE_BYTES / 2
    assert parse_line(raw) is not None


def test_a_moment_is_in_utc_to_the_millisecond() -> None:
    assert now_text(0.0) == "1970-01-01T00:00:00.000Z"
    assert now_text(1_777_636_800.0419) == "2026-05-01T12:00:00.041Z"
    assert Decision(**{k: v for k, v in FIELDS.items() if k != "time"}).time[:2] == "20"


def test_an_input_is_recorded_by_an_hmac_and_not_by_a_plain_hash(tmp_path) -> None:
    import hashlib
    import hmac

    file = tmp_path / "hmac.key"
    file.write_bytes(b"k" * 32)
    file.chmod(0o600)
    keyed = InputHmac.from_file(file)
    assert keyed.digest(b"text") == hmac.new(b"k" * 32, b"text", "sha256").hexdigest()
    assert keyed.digest(b"text") != hashlib.sha256(b"text").hexdigest()
    assert b"k" * 8 not in repr(keyed).encode()
    assert Decision(**(FIELDS | {"input_hmac": keyed.digest(b"text")})).input_hmac


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (b"k" * 31, 0o600, "it has fewer than 32 bytes"),
        (b"k" * 32, 0o640, "other users may read or write it"),
        (b"k" * 70_000, 0o600, "larger than"),
    ],
)
def test_a_weak_hmac_key_is_refused(tmp_path, content, mode, message) -> None:
    file = tmp_path / "hmac.key"
    file.write_bytes(content)
    file.chmod(mode)
    with pytest.raises(AccessError, match=message):
        InputHmac.from_file(file)
