"""Hints about annotated documents and lists, each with what follows from it."""

from __future__ import annotations

import json
from typing import Any

from tests.core.data.hint_case import Case

__all__ = ["DOCUMENTS"]

_E, _Q, _C = "extraction", "qa", "classification"
_T = "Ada lives in Leeds."


def _gliner(tokens: Any, found: Any) -> str:
    return json.dumps({"tokenized_text": tokens, "ner": found}) + "\n"


def _asked(**fields: Any) -> str:
    return json.dumps({"context": _T, "question": "Who?", **fields}) + "\n"


def _pairs(*pairs: Any) -> str:
    return json.dumps([["Tom is here.", {"entities": []}], *pairs])


def _with(annotations: Any) -> str:
    return _pairs([_T, annotations])


def _docs(*paragraphs: Any) -> str:
    right = {"sentences": [{"tokens": [{"orth": "Tom", "ner": "U-P"}]}]}
    return json.dumps([{"id": 0, "paragraphs": [right, *paragraphs]}])


def _tagged(*tags: str) -> str:
    tokens = [{"orth": f"w{number}", "ner": tag} for number, tag in enumerate(tags)]
    return _docs({"sentences": [{"tokens": tokens}]})


_NE = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"


def _tsv(*lines: str, layers: str = f"#T_SP={_NE}|value\n") -> str:
    body = "\n".join(line.replace(" ", "\t") for line in lines)
    return f"#FORMAT=WebAnno TSV 3.3\n{layers}\n\n#Text=Ada left\n{body}\n"


_ADA, _LEFT = "1-1 0-3 Ada P", "1-2 4-8 left _"
_FIRST_LAYER, _SECOND_LAYER = "#T_SP=webanno.custom.A|value\n", "#T_SP=webanno.custom.B|value\n"


def _xmi(marks: str, sofa: str = 'sofaString="Ada left"') -> str:
    return (
        '<?xml version="1.0"?><xmi:XMI xmlns:xmi="http://www.omg.org/XMI" '
        'xmlns:cas="http:///uima/cas.ecore" xmlns:c="http:///webanno/custom.ecore">'
        f'{marks}<cas:Sofa xmi:id="1" {sofa}/></xmi:XMI>'
    )


def _mark(start: str, end: str, more: str = 'value="P"') -> str:
    return f'<c:A xmi:id="{start}9" sofa="1" begin="{start}" end="{end}" {more}/>'


_RIGHT_XMI = _xmi(_mark("0", "3"))


def _tei(body: str, start: str = "") -> str:
    return f'<?xml version="1.0"?>{start}<TEI><text><body>{body}</body></text></TEI>'


_RIGHT_TEI = _tei("<p>Ada</p>")

DOCUMENTS: dict[str, Case] = {
    # GLiNER
    "gliner without words": Case(
        _E, _gliner("Ada", []), "one string per token", _gliner(["Ada"], [])
    ),
    "gliner without a list": Case(
        _E, _gliner(["Ada"], {}), "[first token", _gliner(["Ada"], [[0, 0, "P"]])
    ),
    "gliner's entity of two": Case(
        _E, _gliner(["Ada"], [[0, "P"]]), "[first token", _gliner(["Ada"], [[0, 0, "P"]])
    ),
    "gliner's entity outside": Case(
        _E, _gliner(["Ada"], [[0, 1, "P"]]), "last token", _gliner(["Ada"], [[0, 0, "P"]])
    ),
    # questions in lists
    "an answer more than once": Case(
        _Q, _asked(answer="e"), "answer_start", _asked(answer="e", answer_start=7)
    ),
    "an answer that is not there": Case(
        _Q, _asked(answer="leeds"), "as it stands there", _asked(answer="Leeds")
    ),
    "more starts than answers": Case(
        _Q, _asked(answers=["Ada"], answer_start=[0, 1]), "answer_start", _asked(answers=["Ada"])
    ),
    # spaCy's JSON
    "categories without numbers": Case(
        _C,
        json.dumps([["A.", {"cats": {"x": "yes"}}]]),
        '{"news": 1.0}',
        json.dumps([["A.", {"cats": {"x": 1}}]]),
        name="rows.json",
    ),
    "no pair": Case(_E, _pairs(5), '["text", {"entities"', _pairs(), name="rows.json"),
    "no list of entities": Case(
        _E, _with({"entities": 5}), "[[0, 3", _with({"entities": []}), name="rows.json"
    ),
    "no entity": Case(
        _E,
        _with({"entities": [5]}),
        "[[0, 3",
        _with({"entities": [[0, 3, "P"]]}),
        name="rows.json",
    ),
    "no paragraphs": Case(
        _E,
        json.dumps([{"ents": [], "text": "A."}, {"paragraphs": 5}]),
        "Doc.to_json",
        json.dumps([{"ents": [], "text": "A."}]),
        name="rows.json",
    ),
    "no sentences": Case(_E, _docs({}), "Doc.to_json", _docs(), name="rows.json"),
    "no words": Case(
        _E, _docs({"sentences": [{"tokens": [{}]}]}), "Doc.to_json", _docs(), name="rows.json"
    ),
    "an entity that is not closed": Case(
        _E, _tagged("B-P", "U-P"), "close it", _tagged("B-P", "L-P"), name="rows.json"
    ),
    "a stray I": Case(
        _E, _tagged("B-P", "O", "I-P"), "write B-P", _tagged("B-P", "O", "B-P"), name="rows.json"
    ),
    # WebAnno TSV
    "several layers": Case(
        _E,
        _tsv(_ADA + " Q", _LEFT + " _", layers=_FIRST_LAYER + _SECOND_LAYER),
        "data.entities: webanno.custom.A",
        good_columns={"entities": "webanno.custom.A"},
        name="doc.tsv",
    ),
    "a sentence without tokens": Case(
        _E, _tsv(), "export the document", _tsv(_ADA, _LEFT), name="doc.tsv"
    ),
    "a token outside its sentence": Case(
        _E, _tsv(_ADA, "1-2 4-80 left _"), "export", _tsv(_ADA, _LEFT), name="doc.tsv"
    ),
    "a token elsewhere": Case(
        _E, _tsv(_ADA, "1-2 3-7 left _"), "export", _tsv(_ADA, _LEFT), name="doc.tsv"
    ),
    "a sentence far away": Case(
        _E, _tsv("1-1 9000000-9000003 Ada P"), "export", _tsv(_ADA, _LEFT), name="doc.tsv"
    ),
    "an entity without a value": Case(
        _E, _tsv(_ADA, "1-2 4-8 left *"), "export", _tsv(_ADA, _LEFT), name="doc.tsv"
    ),
    "no line of a token": Case(_E, _tsv(_ADA, "left"), "export", _tsv(_ADA, _LEFT), name="doc.tsv"),
    # UIMA CAS XMI
    "no text": Case(_E, _xmi(_mark("0", "3"), ""), "'UIMA CAS XMI'", _RIGHT_XMI, name="doc.xmi"),
    "an offset that is no number": Case(
        _E, _xmi(_mark("a", "3")), "'UIMA CAS XMI'", _RIGHT_XMI, name="doc.xmi"
    ),
    "an annotation outside": Case(
        _E, _xmi(_mark("0", "30")), "'UIMA CAS XMI'", _RIGHT_XMI, name="doc.xmi"
    ),
    "an annotation without a label": Case(
        _E,
        _xmi(_mark("0", "3") + _mark("4", "8", "")),
        "annotate it, or remove it",
        _RIGHT_XMI,
        name="doc.xmi",
    ),
    # XML
    "an entity is declared": Case(
        _E,
        _tei("<p>&a;</p>", '<!DOCTYPE TEI [<!ENTITY a "Ada">]>'),
        "xmllint --noent",
        _RIGHT_TEI,
        name="a.xml",
    ),
    "an entity is used": Case(
        _E,
        _tei("<p>Ada&nbsp;B</p>", '<!DOCTYPE TEI SYSTEM "a.dtd">'),
        "&#160;",
        _tei("<p>Ada&#160;B</p>"),
        name="a.xml",
    ),
    "too deep": Case(_E, _tei("<div>" * 600), "flatten", _RIGHT_TEI, name="a.xml"),
    "not well-formed": Case(_E, _tei("<p>Ada"), "xmllint --noout", _RIGHT_TEI, name="a.xml"),
    "an unknown encoding": Case(
        _E,
        _RIGHT_TEI.replace('"1.0"', '"1.0" encoding="x-none"'),
        "save it as UTF-8",
        _RIGHT_TEI,
        name="a.xml",
    ),
}
