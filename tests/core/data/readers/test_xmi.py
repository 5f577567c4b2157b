"""UIMA CAS XMI, in the form that INCEpTION 36 and dkpro-cassis 0.12 export."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import Columns, read_rows
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from tests.core.data.readers.entities import found
from tests.core.data.rows_file import write

XMI = """<?xml version="1.0" encoding="UTF-8"?>
<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore"
    xmlns:type="http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore"
    xmlns:type0="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore"
    xmlns:custom="http:///webanno/custom.ecore" xmi:version="2.0">
  <cas:NULL xmi:id="0"/>
  <type:Sentence xmi:id="2" sofa="1" begin="0" end="32"/>
  <type:Sentence xmi:id="3" sofa="1" begin="33" end="42"/>
  <type:Token xmi:id="7" sofa="1" begin="6" end="10" parent="4"/>
  <type0:NamedEntity xmi:id="4" sofa="1" begin="6" end="10" value="PER"/>
  <type0:NamedEntity xmi:id="5" sofa="1" begin="15" end="25" value="ORG" identifier="http://x/Q1"/>
  <type0:NamedEntity xmi:id="6" sofa="1" begin="29" end="31" value="LOC"/>
  <cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text"
    sofaString="👩\u200d🔬 Zoe\u0301 met Łódź&#13;&#10;Bank in 東京. Tom left."/>
  <cas:View sofa="1" members="2 3 4 5 6 7"/>
</xmi:XMI>
"""
CUSTOM = '<custom:Law xmi:id="8" sofa="1" begin="11" end="14" kind="act" link="4"/>\n  <cas:Sofa'


def test_sentences_and_named_entities_are_read_without_a_type_system(tmp_path: Path) -> None:
    path = write(tmp_path / "doc.xmi", XMI)
    assert guess_task(path) == "extraction"
    assert found(path) == [
        (
            "👩\u200d🔬 Zoe\u0301 met Łódź\r\nBank in 東京.",
            [("Zoe\u0301", "PER"), ("Łódź\r\nBank", "ORG"), ("東京", "LOC")],
        ),
        ("Tom left.", []),
    ]
    (note,) = read_rows(path, "extraction").files[0].notes
    assert note.endswith("layers that are not read: Sentence, Token")


def test_of_several_layers_one_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "doc.xmi", XMI.replace("<cas:Sofa", CUSTOM))
    with pytest.raises(DataError, match="several layers may hold the entities") as told:
        read_rows(path, "extraction")
    assert "data.entities: " in told.value.hint
    (first, _) = found(path, Columns(entities="Law"))
    assert first[1] == [("met", "act")]


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('begin="6" end="10" value', 'begin="1" end="10" value', "an entity from 1 to 10 is outs"),
        ('begin="29" end="31"', 'begin="29" end="310"', ":12: an entity from 29 to 310 is outside"),
        ('begin="29" end="31" value="LOC"', 'begin="29" end="31"', ":12: an entity has no label"),
        ('begin="29"', 'begin="x"', ":12: an offset is not a whole number"),
        ("sofaString", "other", "has no text: no Sofa has a 'sofaString'"),
        ("</xmi:XMI>", "", "is not well-formed XML: no element found"),
    ],
)
def test_a_wrong_document_is_named(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    path = write(tmp_path / "doc.xmi", XMI.replace(right, wrong, 1))
    with pytest.raises(DataError) as caught:
        read_rows(path, "extraction")
    assert message in str(caught.value)
    assert caught.value.hint
