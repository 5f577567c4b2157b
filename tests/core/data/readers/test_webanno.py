"""WebAnno TSV, in the form of versions 3.2 and 3.3 (INCEpTION's user guide)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from burnish.data import Columns, read_rows
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from tests.core.data.readers.entities import found
from tests.core.data.rows_file import write

NE = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
POS = "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS"
DOCUMENT = rf"""#FORMAT=WebAnno TSV 3.3
#T_SP={POS}|PosValue
#T_SP={NE}|identifier|value


#Text=👩‍🔬 Zoé met \\ Łódź\r
#Text=Bank .
1-1	0-5	👩‍🔬	X	_	_
1-2	6-10	Zoé	PROPN	*[1]	PER\_x[1]
1-3	11-14	met	VERB	_	_
1-4	15-16	\	PUNCT	_	_
1-5	17-21	Łódź	PROPN	*[2]	ORG[2]
1-6	23-27	Bank	PROPN	*[2]	ORG[2]
1-7	28-29	.	PUNCT	_	_

#Sentence.id=s2
#Text=Tabs	and東京 .
2-1	30-34	Tabs	X	_	_
2-2	35-40	and東京	X	_	_
2-2.1	38-40	東京	_	*	LOC
2-3	41-42	.	PUNCT	_	_
"""
DOCUMENT = re.sub(r"(?m)^(\d.*)$", "\\1\t", DOCUMENT).replace("Zoé", "Zoe\u0301")
"""With the tab that ends each line, and a combining mark."""


def _file(tmp_path: Path, content: str = DOCUMENT) -> Path:
    return write(tmp_path / "doc.tsv", content.replace("#Text=Tabs\t", "#Text=Tabs\\t"))


def test_sentences_with_tokens_parts_of_tokens_and_escapes_are_read(tmp_path: Path) -> None:
    path = _file(tmp_path)
    assert guess_task(path) == "extraction"
    assert found(path) == [
        ("👩‍🔬 Zoe\u0301 met \\ Łódź\r\nBank .", [("Zoe\u0301", "PER_x"), ("Łódź\r\nBank", "ORG")]),
        ("Tabs\tand東京 .", [("東京", "LOC")]),
    ]
    (note,) = read_rows(path, "extraction").files[0].notes
    assert note == "entities are read from the layer NamedEntity; layers that are not read: POS"


def test_a_file_for_another_task_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a WebAnno TSV file, which cannot hold classification"):
        read_rows(_file(tmp_path), "classification")


TWO = """#FORMAT=WebAnno TSV 3.2
#T_SP=webanno.custom.Law|kind|note
#T_SP=webanno.custom.Role|


#Text=Ana sued Tom .
1-1	0-3	Ana	_	_	*
1-2	4-8	sued	act	*	_
1-3	9-12	Tom	party[1]|name[2]	x[1]|*[2]	*
1-4	13-14	.	_	_	_
"""


def test_of_several_layers_one_is_named(tmp_path: Path) -> None:
    path = _file(tmp_path, TWO)
    with pytest.raises(DataError, match="several layers may hold the entities") as told:
        read_rows(path, "extraction")
    assert "data.entities: webanno.custom.Law" in told.value.hint
    (row,) = found(path, Columns(entities="Role"))
    assert row[1] == [("Ana", "Role"), ("Tom", "Role")]
    with pytest.raises(DataError, match=r"several features may hold the labels; .*Law\|kind"):
        read_rows(path, "extraction", columns=Columns(entities="Law"))
    with pytest.raises(DataError, match="entities 9-12 'party' and 9-12 'name' overlap"):
        read_rows(path, "extraction", columns=Columns(entities="webanno.custom.Law|kind"))
    with pytest.raises(DataError, match=r"there is no layer 'Person'; there are: .*Law, .*Role"):
        read_rows(path, "extraction", columns=Columns(entities="Person"))


def test_an_entity_across_sentences_joins_them(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        f"#FORMAT=WebAnno TSV 3.3\n#T_SP={NE}|value\n\n\n"
        "#Text=Seen in New\n1-1\t0-4\tSeen\t_\t\n1-2\t5-7\tin\t_\t\n1-3\t8-11\tNew\tLOC[1]\t\n\n"
        "#Text=York .\n2-1\t12-16\tYork\tLOC[1]\t\n2-2\t17-18\t.\t_\t\n\n"
        "#Text=End .\n3-1\t19-22\tEnd\t_\t\n3-2\t23-24\t.\t_\t\n",
    )
    assert found(path) == [("Seen in New York .", [("New York", "LOC")]), ("End .", [])]


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        (
            "1-2\t7-11\tZoe\u0301",
            "1-2\t6-10\tZoe\u0301",
            ":9: the token does not stand at its offsets",
        ),
        ("1-7\t28-99\t.", "1-7\t28-29\t.", ":14: the token is outside its sentence"),
        ("1-2\t1-10\tZoe\u0301", "1-2\t6-10\tZoe\u0301", ":9: the token is outside its"),
        ("nonsense", "1-3\t11-14\tmet", ":10: the line is not a token's"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, wrong: str, right: str, message: str) -> None:
    path = _file(tmp_path, DOCUMENT.replace(right, wrong))
    with pytest.raises(DataError) as caught:
        read_rows(path, "extraction")
    assert message in str(caught.value)
    assert "export the document" in caught.value.hint


def test_a_wrong_sentence_does_not_hide_the_others(tmp_path: Path) -> None:
    path = _file(tmp_path, DOCUMENT.replace("2-2\t35-40", "2-2\t36-40"))
    errors: list[DataError] = []
    rows = read_rows(path, "extraction", on_error=errors.append)
    assert [error.line for error in errors] == [19]
    assert len(rows) == 1


def test_offsets_that_begin_anew_in_each_sentence_are_read(tmp_path: Path) -> None:
    sentence = "\n#Text=Ana Silva left\n1-1\t0-3\tAna\tPER[1]\t\n1-2\t4-9\tSilva\tPER[1]\t\n"
    header = f"#FORMAT=WebAnno TSV 3.3\n#T_SP={NE}|value\n\n"
    path = _file(tmp_path, header + sentence + "1-3\t10-14\tleft\t_\t\n" + sentence)
    assert found(path) == 2 * [("Ana Silva left", [("Ana Silva", "PER")])]
