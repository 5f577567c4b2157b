"""TEI, in the form of P5 (https://tei-c.org/release/doc/tei-p5-doc/en/html/ND.html)."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import Columns, read_rows
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from tests.core.data.readers.entities import found
from tests.core.data.rows_file import write

LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-model href="tei_all.rng"?>
<!DOCTYPE TEI SYSTEM "tei_all.dtd">
<TEI xmlns="http://www.tei-c.org/ns/1.0">
 <teiHeader><fileDesc><titleStmt><title>Letters of <persName>Nobody</persName></title></titleStmt>
 </fileDesc></teiHeader>
 <text>
  <front><p>Not <persName>read</persName>.</p></front>
  <body>
   <div>
    <head>To <persName>Zoé <surname>Łuk</surname></persName></head>
    <p xml:id="p1">👩‍🔬 In the Haupt-<lb break="no"/>stadt of
      <placeName>New<lb/>
      York</placeName><fw>17</fw><pb n="2"/>lives
      <rs type="company">the <orgName>Bank</orgName></rs><note>So <persName>Ana</persName>
      says.</note>, <choice><sic>allways</sic><corr>always</corr></choice>
      <name type="ship"> Argo </name>&amp; <name>Fido</name><del>gone</del>.</p>
    <lg><l>One <geogName>Rhine</geogName>,</l>
        <l>two.</l></lg>
   </div>
   Loose <persName>Tom</persName>.
  </body>
 </text>
</TEI>
"""


def test_blocks_of_the_body_are_rows_with_their_names(tmp_path: Path) -> None:
    path = write(tmp_path / "letters.xml", LETTER)
    assert guess_task(path) == "extraction"
    assert found(path) == [
        ("To Zoé Łuk", [("Zoé Łuk", "persName")]),
        (
            "👩‍🔬 In the Hauptstadt of New York lives the Bank, allways Argo & Fido.",
            [
                ("New York", "placeName"),
                ("the Bank", "company"),
                ("Argo", "ship"),
                ("Fido", "name"),
            ],
        ),
        ("So Ana says.", [("Ana", "persName")]),
        ("One Rhine,\ntwo.", [("Rhine", "geogName")]),
        ("Loose Tom.", [("Tom", "persName")]),
    ]
    rows = read_rows(path, "extraction", columns=Columns(group="element"))
    assert [each.group for each in rows.examples] == ["head", "p", "note", "lg", "body"]
    assert rows.files[0].notes == ("1 name inside another is not read",)


def test_white_space_that_is_kept_is_kept(tmp_path: Path) -> None:
    body = '<ab xml:space="preserve"> A\t<persName> Zoe\u0301</persName>&#13;\nB </ab>'
    path = write(tmp_path / "a.xml", f"<TEI><text><body>{body}</body></text></TEI>")
    assert found(path) == [(" A\t Zoe\u0301\r\nB ", [(" Zoe\u0301", "persName")])]


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ('<!DOCTYPE TEI [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', ":2: declares the entity 'a'"),
        ('<!DOCTYPE TEI [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "declares the entity 'x'"),
        (
            '<!DOCTYPE TEI [<!ENTITY % p SYSTEM "http://127.0.0.1/p">%p;]>',
            "declares the entity 'p'",
        ),
        ('<!DOCTYPE TEI SYSTEM "tei.dtd">', "uses the entity &nbsp;, which it does not declare"),
        ("", ":3: is not well-formed XML: undefined entity at column"),
    ],
)
def test_entities_are_neither_expanded_nor_fetched(
    tmp_path: Path, start: str, message: str
) -> None:
    text = f'<?xml version="1.0"?>\n{start}\n<TEI><text><body><p>&nbsp;</p></body></text></TEI>'
    with pytest.raises(DataError) as caught:
        read_rows(write(tmp_path / "bomb.xml", text), "extraction")
    assert message in str(caught.value)


def test_a_document_that_nests_too_deeply_is_refused(tmp_path: Path) -> None:
    text = f"<TEI><text><body>{'<div>' * 600}"
    with pytest.raises(DataError, match="nests more than 500 elements"):
        read_rows(write(tmp_path / "deep.xml", text), "extraction")
