"""spaCy's strings: the numbers that stand for words and labels in its files."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["string_numbers"]

_MASK = (1 << 64) - 1
_MULTIPLIER, _SHIFT, _SEED = 0xC6A4A7935BD1E995, 47, 1
_OWN = {
    64: "ID ORTH LOWER NORM SHAPE PREFIX SUFFIX LENGTH CLUSTER LEMMA POS TAG DEP ENT_IOB ENT_TYPE "
    "HEAD SENT_START SPACY PROB LANG ADJ ADP ADV AUX CONJ CCONJ DET INTJ NOUN NUM PART PRON PROPN "
    "PUNCT SCONJ SYM VERB X EOL SPACE",
    380: "PERSON NORP FACILITY ORG GPE LOC PRODUCT EVENT WORK_OF_ART LANGUAGE LAW DATE TIME "
    "PERCENT MONEY QUANTITY ORDINAL CARDINAL acomp advcl advmod agent amod appos attr aux "
    "auxpass cc ccomp complm conj cop csubj csubjpass dep det dobj expl hmod hyph infmod "
    "intj iobj mark meta neg nmod nn npadvmod nsubj nsubjpass num number oprd obj obl "
    "parataxis partmod pcomp pobj poss possessive preconj prep prt punct quantmod relcl "
    "rcmod root xcomp acl ENT_KB_ID MORPH ENT_ID IDX _",
}
"""Strings that spaCy counts itself, from a first number on; a test compares them with spaCy's."""


def string_numbers(strings: Iterable[str]) -> dict[int, str]:
    """Each string by its number in spaCy's files; 0 is the empty one."""
    own = {name: first + at for first, run in _OWN.items() for at, name in enumerate(run.split())}
    numbers = {own.get(each, 0) or _murmur(each.encode("utf-8")): each for each in strings if each}
    return {0: "", **numbers}


def _murmur(data: bytes) -> int:
    """MurmurHash64A with seed 1 (Austin Appleby, https://github.com/aappleby/smhasher)."""
    value = _SEED ^ (len(data) * _MULTIPLIER & _MASK)
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        part = int.from_bytes(data[at : at + 8], "little") * _MULTIPLIER & _MASK
        part = (part ^ part >> _SHIFT) * _MULTIPLIER & _MASK
        value = (value ^ part) * _MULTIPLIER & _MASK
    if len(data) > whole:
        value = (value ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _MASK
    value = (value ^ value >> _SHIFT) * _MULTIPLIER & _MASK
    return value ^ value >> _SHIFT
