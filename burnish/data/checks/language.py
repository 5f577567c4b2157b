"""Language: which one the rows are in, and whether the base model's tokenizer knows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tokenizers import Encoding, Tokenizer

from burnish.data.checks.finding import Finding
from burnish.data.checks.subject import Subject
from burnish.tasks.windows import unknown_id

__all__ = ["Language", "find_unknown_language", "read_language"]

_TEXTS = 200
_CHARACTERS = 600
"""Of each text; langid is linear in them. Chosen."""
_AGREEING = 0.5
"""The share of the texts that must be in one language for it to be named."""
_MOST_PIECES = 1.6
"""Tokens per word. Measured with MiniLM's English tokenizer on 15 data sets: 1.0 to 1.4 in
English, biomedical abstracts and social media included; 1.8 in Hausa, 2.0 in old Dutch, 2.4 in
German."""
_MOST_UNKNOWN = 0.02
_WORD = re.compile(r"\w+")
_WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "km", "my"})
_MULTILINGUAL = "FacebookAI/xlm-roberta-base"
_ENCODERS: Mapping[str, str] = {
    "ar": "aubmindlab/bert-base-arabertv02",
    "de": "deepset/gbert-base",
    "es": "dccuchile/bert-base-spanish-wwm-cased",
    "fr": "almanach/camembert-base",
    "it": "dbmdz/bert-base-italian-cased",
    "nl": "GroNLP/bert-base-dutch-cased",
    "pt": "neuralmind/bert-base-portuguese-cased",
    "sv": "KB/bert-base-swedish-cased",
}
"""An encoder of one language, by its code; the others take a multilingual one."""


@dataclass(frozen=True, slots=True)
class Language:
    """What texts look like to a tokenizer."""

    code: str | None
    """ISO 639 code of the language of most texts; None where they are mixed, or where the tokenizer
    knows them and the language was therefore not asked for."""
    pieces: float | None
    """Tokens per word; None in a language that writes words without spaces."""
    unknown: float
    """Share of the tokens that the tokenizer does not know."""

    @property
    def is_known(self) -> bool:
        """Whether the tokenizer reads the texts much as those it was made from."""
        return self.unknown < _MOST_UNKNOWN and (self.pieces or 0) < _MOST_PIECES

    @property
    def encoder(self) -> str:
        """A hub id of an encoder for the language."""
        return _ENCODERS.get(self.code or "", _MULTILINGUAL)

    def describe(self, base: str) -> str:
        """Why a base is wrong for the texts."""
        named = f"the language {self.code!r}" if self.code else "several languages"
        reasons = []
        if self.pieces is not None:
            reasons.append(f"it cuts a word into {self.pieces:.1f} tokens on average")
        if self.unknown >= _MOST_UNKNOWN:
            reasons.append(f"{100 * self.unknown:.2g} % of the tokens are unknown to it")
        return (
            f"the texts are in {named}, which {base} does not seem to know: "
            f"{', and '.join(reasons)}"
        )

    @property
    def fix(self) -> str:
        """Which base to take instead."""
        own = "" if self.encoder == _MULTILINGUAL else f"{self.encoder} or "
        return f"take an encoder that knows it: base_model: {own}{_MULTILINGUAL}"


def read_language(texts: Sequence[str], tokenizer_json: Path) -> Language:
    """Look at the first texts.

    Args:
        texts: of the training rows.
        tokenizer_json: the base model's.

    Raises:
        ImportError: the tokenizer does not know the texts, and py3langid is not installed (extra
            ``train``).
    """
    tokenizer = Tokenizer.from_file(str(tokenizer_json))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    some = [text[:_CHARACTERS] for text in texts[:_TEXTS]]
    words = [_WORD.findall(text) for text in some]
    encoded = tokenizer.encode_batch([" ".join(each) for each in words], add_special_tokens=False)
    unknown, tokens = unknown_id(tokenizer), max(1, sum(len(each.ids) for each in encoded))
    seen = Language(
        code=None,
        pieces=tokens / max(1, sum(map(len, words))),
        unknown=0.0 if unknown is None else _count(encoded, unknown) / tokens,
    )
    return seen if seen.is_known else _named(seen, some)


def _named(seen: Language, texts: Sequence[str]) -> Language:
    import py3langid  # its model takes a second to load, and most rows are in a known language

    counts = Counter(py3langid.classify(text)[0] for text in texts)
    code, most = counts.most_common(1)[0]
    return Language(
        code=code if most >= _AGREEING * len(texts) else None,
        pieces=None if code in _WITHOUT_SPACES else seen.pieces,
        unknown=seen.unknown,
    )


def _count(encoded: Sequence[Encoding], token: int) -> int:
    return sum(each.ids.count(token) for each in encoded)


def find_unknown_language(
    subject: Subject, tokenizer_json: Path, *, base: str
) -> Iterator[Finding]:
    """Texts that are in a language which the base model does not know."""
    train = (text for entry, _, text in subject.texts() if entry.part == "train")
    language = read_language(list(islice(train, _TEXTS)), tokenizer_json)
    if not language.is_known:
        yield Finding(
            kind="unknown-language",
            severity="warning",
            message=language.describe(base),
            fix=language.fix,
        )
