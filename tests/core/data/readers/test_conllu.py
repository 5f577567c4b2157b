"""CoNLL-U and CoNLL-U Plus, in the form of Universal Dependencies 2."""

from __future__ import annotations

from pathlib import Path

from burnish.data import read_rows
from burnish.data.readers.head import guess_task
from tests.core.data.readers.entities import found
from tests.core.data.rows_file import write

CONLLU = """# newdoc id = d1
# sent_id = 1
# text = 👩\u200d🔬 Zoe\u0301 vient du Nord-Est, là.
1	👩\u200d🔬	👩\u200d🔬	SYM	_	_	3	dep	_	NER=O
2	Zoe\u0301	Zoe\u0301	PROPN	_	_	3	nsubj	_	NER=B-PER
3	vient	venir	VERB	_	_	0	root	_	_
4-5	du	_	_	_	_	_	_	_	_
4	de	de	ADP	_	_	6	case	_	NER=B-LOC
5	le	le	DET	_	_	6	det	_	NER=I-LOC
6	Nord-Est	Nord-Est	PROPN	_	_	3	obl	_	SpaceAfter=No|NER=I-LOC
6.1	est	être	AUX	_	_	_	_	3:dep	_
7	,	,	PUNCT	_	_	8	punct	_	_
8	là	là	ADV	_	_	3	advmod	_	SpaceAfter=No
9	.	.	PUNCT	_	_	3	punct	_	_

# sent_id = 2
1	Tom	Tom	PROPN	_	_	2	nsubj	_	NER=B-PER|SpaceAfter=No
2	!	!	PUNCT	_	_	1	punct	_	_

"""
PLUS = """# global.columns = ID FORM MISC PARSEME:NE
# text = Ana,  in Ulm.
1	Ana	SpaceAfter=No	B-PER
2	,	SpacesAfter=\\s\\s	O
3	in	_	O
4	Ulm	SpaceAfter=No	B-LOC
5	.	_	O
"""


def test_tags_in_misc_and_words_of_one_form_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "fr.conllu", CONLLU)
    assert guess_task(path) == "extraction"
    assert found(path) == [
        (
            "👩\u200d🔬 Zoe\u0301 vient du Nord-Est, là.",
            [("Zoe\u0301", "PER"), ("du Nord-Est", "LOC")],
        ),
        ("Tom!", [("Tom", "PER")]),
    ]


def test_without_its_text_a_sentence_is_joined_as_its_words_say(tmp_path: Path) -> None:
    lines = [line for line in CONLLU.split("\n") if not line.startswith("# text")]
    path = write(tmp_path / "fr.conllu", "\n".join(lines))
    assert found(path)[0][0] == "👩\u200d🔬 Zoe\u0301 vient du Nord-Est, là."


def test_a_text_that_is_not_that_of_its_words_is_not_taken(tmp_path: Path) -> None:
    path = write(tmp_path / "fr.conllu", CONLLU.replace("vient du Nord-Est,", "vient de là,", 1))
    assert found(path)[0][0] == "👩\u200d🔬 Zoe\u0301 vient du Nord-Est, là."


def test_named_columns_of_conllu_plus_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.conllup", PLUS)
    assert guess_task(path) == "extraction"
    assert found(path) == [("Ana,  in Ulm.", [("Ana", "PER"), ("Ulm", "LOC")])]
    assert len(read_rows(path, "extraction")) == 1
