"""Texts unlike the rest: hardly any letters, another script, another language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import regex

from burnish.data.checks.finding import Finding, Place, found_at
from burnish.data.checks.subject import Entry, Subject
from burnish.plural import plural

__all__ = ["find_other_languages", "find_short_texts", "find_unlike"]

_FEWEST_CHARACTERS = 3
_SCRIPTS = (
    *("Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Armenian", "Georgian", "Ethiopic"),
    *("Han", "Hiragana", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar"),
    *("Devanagari", "Bengali", "Tamil", "Telugu"),
)
_SCRIPT = {name: regex.compile(rf"\p{{{name}}}") for name in _SCRIPTS}
_FEWEST_LETTERS, _MOSTLY = 5, 0.9

_FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "English": "the and of to is that it for on with this are be not have from you we they "
        "which would there their what about been my your his her",
        "German": "der das und nicht ist ein eine den dem des mit sich auf für auch wird sind "
        "werden nach bei durch wurde aus einer einen zur zum ich wir",
        "French": "le les et est une dans que qui pour pas sur ce au avec sont plus par cette nous "
        "vous mais être ont aux elle ne je",
        "Spanish": "el los y que una por con para las del al lo como más sus este ya esta "
        "muy fue ser son está pero",
        "Portuguese": "o os e que uma não com para da do em as dos das pelo pela são mais mas foi "
        "ao isso você também está",
        "Italian": "il gli che è di per non una della sono con del nel anche alla più questo come "
        "dei delle ha ma ho",
        "Dutch": "het een van en niet dat zijn voor met ook maar deze worden werd wordt naar "
        "hebben door heeft ik wij aan",
    }.items()
}
_FEWEST_WORDS, _HIT_SHARE = 5, 0.25


def find_short_texts(subject: Subject) -> Iterator[Finding]:
    """Texts with fewer than three letters and digits."""
    places = [
        entry.place.with_detail(plural(count, "# [letter or digit|letters and digits]"))
        for entry, name, text in subject.texts()
        if (name, text) != entry.example.shared and (count := _letters(text)) < _FEWEST_CHARACTERS
    ]
    yield from found_at(
        places,
        kind="short-text",
        severity="note",
        message=f"# [text has|texts have] fewer than {_FEWEST_CHARACTERS} letters and digits",
        fix="remove them, unless the model will read such texts",
    )


def find_other_languages(subject: Subject) -> Iterator[Finding]:
    """Texts in a script, or with the function words of a language, that the others lack."""
    yield from find_unlike(list(subject.texts()), noun="[text is|texts are]")


def find_unlike(texts: Sequence[tuple[Entry, str, str]], *, noun: str) -> Iterator[Finding]:
    """Those of some texts that are in another script or language than nine of ten others.

    Args:
        texts: the row of each, what the text is called in it, and the text.
        noun: what they are, with the verb, in both numbers (burnish/plural.py).
    """
    scripts = [_main_script(text) for _, _, text in texts]
    tongues = [_tongue(text) for _, _, text in texts]
    usual_script = _usual(scripts)
    usual_tongue = _usual([_tongue(text, fewest=1) for _, _, text in texts])
    places: list[Place] = []
    for (entry, name, text), script, tongue in zip(texts, scripts, tongues, strict=True):
        of = "" if name == "text" else f"{name}, "
        if usual_script and script and script != usual_script:
            places.append(entry.place.with_detail(f"{of}{script} script"))
        elif usual_tongue and tongue and tongue != usual_tongue and not _hits(text, usual_tongue):
            places.append(entry.place.with_detail(f"{of}{tongue}"))
    usual = usual_tongue or f"{usual_script} script"
    yield from found_at(
        places,
        kind="other-language",
        severity="note",
        message=f"# {noun} in another language than the rest ({usual})",
        fix="remove them, or use a base model that reads both",
    )


def _main_script(text: str) -> str:
    """The script of nearly all letters of a text; empty where it has few, or several."""
    if text.isascii():
        return "Latin" if _letters(text) >= _FEWEST_LETTERS else ""
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPT.items()}
    # Japanese mixes three scripts, and a Chinese text has one of them.
    counts["Han"] += counts.pop("Hiragana") + counts.pop("Katakana")
    total = sum(counts.values())
    name = max(counts, key=counts.__getitem__)
    return name if total >= _FEWEST_LETTERS and counts[name] >= _MOSTLY * total else ""


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _usual(names: list[str]) -> str:
    """The name that nine of ten known ones have; empty where fewer than a third are known."""
    counts = Counter(name for name in names if name)
    if not counts:
        return ""
    name, count = counts.most_common(1)[0]
    known = sum(counts.values())
    return name if count >= _MOSTLY * known and known >= len(names) / 3 else ""


def _tongue(text: str, *, fewest: int = 3) -> str:
    """The language whose function words occur in a text at least twice as often as any other's."""
    words = _words(text)
    if len(words) < _FEWEST_WORDS:
        return ""
    hits = {language: sum(w in known for w in words) for language, known in _FUNCTION_WORDS.items()}
    (language, most), (_, second) = Counter(hits).most_common(2)
    different = len(_FUNCTION_WORDS[language].intersection(words))
    rich = most >= _HIT_SHARE * len(words) or fewest == 1
    return language if rich and different >= fewest and most >= 2 * second else ""


def _hits(text: str, language: str) -> int:
    return sum(word in _FUNCTION_WORDS[language] for word in _words(text))


def _words(text: str) -> list[str]:
    return [word.strip(".,;:!?\"'()[]«»„“”") for word in text.casefold().split()]
