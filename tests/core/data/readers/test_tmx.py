"""TMX 1.4, as OPUS, OmegaT and Trados write it (https://www.gala-global.org/tmx-14b)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from burnish.data import Columns, Rows, read_rows
from burnish.data.checks.faults import find_skipped
from burnish.errors import DataError
from burnish.tasks.written.example import WrittenExample
from tests.core.data.rows_file import write
from tests.core.tasks.written_tasks import TRANSLATION, with_written_tasks

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="{srclang}" datatype="plaintext" segtype="sentence">
<prop type="corpus">none of a unit</prop></header><body>
"""
TAIL = "</body></tmx>"


@pytest.fixture(autouse=True)
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with with_written_tasks(monkeypatch):
        yield


def unit(**texts: str) -> str:
    """A ``tu`` with a segment per language; ``_`` in a code stands for a hyphen."""
    variants = (
        f'<tuv xml:lang="{code.replace("_", "-")}"><seg>{text}</seg></tuv>\n'
        for code, text in texts.items()
    )
    return f"<tu>{''.join(variants)}</tu>\n"


def memory(path: Path, *units: str, srclang: str = "en") -> Path:
    return write(path / "memory.tmx", HEAD.format(srclang=srclang) + "".join(units) + TAIL)


def read(path: Path, *languages: str) -> Rows:
    pair = (languages[0], languages[1]) if languages else None
    return read_rows(path, TRANSLATION, columns=Columns(languages=pair))


def pairs(rows: Rows) -> list[tuple[str, str]]:
    found = [each for each in rows.examples if isinstance(each, WrittenExample)]
    return [(each.source, each.target) for each in found]


def test_the_only_two_languages_are_source_and_target(tmp_path: Path) -> None:
    path = memory(tmp_path, unit(sw="Osha mikono.", en="Wash your hands."))
    rows = read(path)
    assert pairs(rows) == [("Wash your hands.", "Osha mikono.")]  # by the header's srclang
    assert rows.examples[0].id == "memory.tmx:1"
    assert pairs(read(memory(tmp_path, unit(sw="a", en="b"), srclang="*all*"))) == [("a", "b")]


def test_languages_choose_the_pair_and_its_direction(tmp_path: Path) -> None:
    path = memory(tmp_path, unit(en_GB="Fever", fr="Fièvre", sw="Homa"))
    assert pairs(read(path, "sw", "en")) == [("Homa", "Fever")]
    assert pairs(read(path, "EN", "fr")) == [("Fever", "Fièvre")]
    assert pairs(read(path, "en_gb", "fr")) == [("Fever", "Fièvre")]


def test_more_than_two_languages_need_a_choice(tmp_path: Path) -> None:
    path = memory(tmp_path, unit(en="a", sw="b", fr="c"), unit(en="d", sw="e"))
    with pytest.raises(DataError) as caught:
        read(path)
    assert caught.value.reason == (
        "has segments in 3 languages, and two are read; there are: en (2), sw (2), fr (1)"
    )
    assert "data.languages: [en, sw]" in caught.value.hint
    assert pairs(read(path, "en", "sw")) == [("a", "b"), ("d", "e")]


def test_a_memory_of_one_language_has_no_pair(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="segments in 1 language") as caught:
        read(memory(tmp_path, unit(en="a"), unit(en="b")))
    assert "each in a <tuv> with its xml:lang" in caught.value.hint


def test_languages_that_no_unit_has_are_named(tmp_path: Path) -> None:
    path = memory(tmp_path, unit(en="a", sw="b"))
    with pytest.raises(DataError) as caught:
        read(path, "en", "swa")
    assert "'en' and one in 'swa'; there are: en (1), sw (1)" in caught.value.reason


def test_text_stays_and_the_codes_of_a_format_go(tmp_path: Path) -> None:
    seg = (
        'Press <bpt i="1">&lt;b&gt;</bpt>OK<ept i="1">&lt;/b&gt;</ept> or <hi type="term">not'
        '</hi><ph>&lt;img alt="<sub>a footnote</sub>"/&gt;</ph>,\n   R&amp;D.\u00a0<it>x</it> '
    )
    assert pairs(read(memory(tmp_path, unit(en=seg, sw="b")))) == [
        ("Press OK or not, R&D.", "b"),
    ]


def test_a_unit_that_lacks_a_language_is_left_out_and_told(tmp_path: Path) -> None:
    path = memory(tmp_path, unit(en="a", sw="b"), unit(en="c"), unit(sw="d"), unit(sw="e"))
    rows = read(path)
    assert pairs(rows) == [("a", "b")]
    assert {finding.message for finding in find_skipped(rows)} == {
        "1 row is left out: the unit has no segment in 'sw'",
        "2 rows are left out: the unit has no segment in 'en'",
    }
    assert [place.id for finding in find_skipped(rows) for place in finding.rows] == [
        "memory.tmx:2",
        "memory.tmx:3",
        "memory.tmx:4",
    ]


def test_a_second_segment_of_a_language_is_told(tmp_path: Path) -> None:
    two = '<tu><tuv xml:lang="en"><seg>a</seg></tuv><tuv xml:lang="sw"><seg>b</seg></tuv>'
    path = memory(tmp_path, f'{two}<tuv xml:lang="sw"><seg>c</seg></tuv></tu>')
    rows = read(path)
    assert pairs(rows) == [("a", "b")]
    assert rows.files[0].notes == ("1 unit has several segments in a language; the first is read",)


def test_an_empty_side_is_no_row_or_an_error(tmp_path: Path) -> None:
    path = memory(tmp_path, unit(en="", sw="b"), unit(en="c", sw="d"))
    assert read(path).files[0].skipped == {"empty source": 1}
    with pytest.raises(DataError, match="the row has no target"):
        read(memory(tmp_path, unit(en="a", sw=" ")))


def test_properties_of_a_unit_group_its_rows(tmp_path: Path) -> None:
    tuv = '<tuv xml:lang="en"><prop type="doc">no</prop><seg>a</seg></tuv>'
    path = memory(
        tmp_path,
        f'<tu tuid="7"><prop type="doc">leaflet</prop>{tuv}<tuv lang="sw"><seg>b</seg></tuv></tu>',
    )
    for column, value in (("doc", "leaflet"), ("tuid", "7")):
        rows = read_rows(path, TRANSLATION, columns=Columns(group=column))
        assert [each.group for each in rows.examples] == [value]


def test_a_document_with_entities_of_its_own_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><tmx><body>'
    path = write(tmp_path / "bomb.tmx", f"{bomb}{unit(en='&b;', sw='x')}</body></tmx>")
    with pytest.raises(DataError, match="declares the entity 'a'"):
        read(path)


def test_a_packed_memory_is_read(tmp_path: Path) -> None:
    plain = memory(tmp_path, unit(en="a", sw="b")).read_bytes()
    path = write(tmp_path / "memory.tmx.gz", gzip.compress(plain))
    assert pairs(read(path)) == [("a", "b")]


def test_another_task_names_what_can_hold_its_rows(tmp_path: Path) -> None:
    path = memory(tmp_path, unit(en="a", sw="b"))
    with pytest.raises(DataError, match="is a TMX file, which cannot hold classification rows"):
        read_rows(path, "classification")
