"""Labelling configurations: what is read of them, and what is refused."""

from __future__ import annotations

import pytest

from burnish.service.errors import HTTPError
from burnish.service.label_studio.configuration import read_configuration
from tests.service.label_studio.forms import CHOICES, SPANS

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def test_texts_and_controls_are_found() -> None:
    found = read_configuration(SPANS)
    (control,) = found.controls
    assert (control.kind, control.name, control.marks) == ("labels", "ner", ("doc",))
    assert control.labels == {"place": "place", "person": "PER", "PER": "PER"}
    assert found.texts["doc"].key == "text"


def test_tags_have_no_case_and_other_tags_do_not_matter() -> None:
    config = CHOICES.replace("<Text ", "<text ").replace("Choices", "choices")
    config = config.replace("<View>", "<View><Style>.a {b: c}</Style><Label value='lonely'/>")
    found = read_configuration(f'<?xml version="1.0" encoding="utf-16"?>\n{config}')
    assert list(found.texts) == ["body"]
    assert "spam" in found.controls[0].labels


@pytest.mark.parametrize(
    ("tag", "key"),
    [
        ('value="$body"', "body"),
        ('value="$a b"', "a b"),
        ('value="Dear $body"', None),
        ('value="$"', None),
        ('value="$body" valueType="url"', None),
        ('value="$body" valueType="text"', "body"),
        ('value="$body" encoding="base64"', None),
        ("", None),
    ],
)
def test_the_key_is_there_only_where_the_text_is(tag: str, key: str | None) -> None:
    found = read_configuration(f'<View><Text name="t" {tag}/></View>')
    assert found.texts["t"].key == key


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "not well-formed XML: no element found, line 1"),
        ("<View>\n<Text></View>", "not well-formed XML: mismatched tag, line 2"),
        ('<!DOCTYPE v [<!ENTITY x SYSTEM "file:///etc/passwd">]><v>&x;</v>', "a document type"),
        (f'<!DOCTYPE v [<!ENTITY l0 "ha">{LAUGHS}]><v>&l9;</v>', "a document type"),
        ('<!DOCTYPE v SYSTEM "http://localhost:1/x.dtd"><v/>', "a document type"),
        ("<v>&x;</v>", "undefined entity"),
        ("<v>\0</v>", "invalid token"),
        ("<v>" + " " * 2**18 + "</v>", "more than 262144 characters"),
        ("<a>" * 65 + "</a>" * 65, "64 inside each other"),
        ("<a>" + "<b/>" * 10_001 + "</a>", "more than 10000 tags"),
    ],
)
def test_what_could_do_harm_is_refused(source: str, message: str) -> None:
    with pytest.raises(HTTPError) as refused:
        read_configuration(source)
    assert refused.value.status == 422
    assert refused.value.message.startswith("label_config: ")
    assert message in refused.value.message
