"""How many marked texts each sentence splitter splits as a reader does, and its time.

::

    .venv/bin/pip install --no-deps --target build/pysbd pysbd==0.3.4
    .venv/bin/python -m benchmarks.sentences --pysbd build/pysbd

The texts are those of tests/core/tasks/sentence_cases.tsv. pysbd is told the language; the others
need none. It needs a folder of its own because it also installs a package named ``benchmarks``.
The processor time is that for 70,000 characters of the texts, and for burnish also for a million.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from syntok.segmenter import analyze

from burnish.tasks.sentences import split_sentences
from tests.core.tasks.sentence_cases import CASES, MISSED, Case

__all__ = ["main"]

_LANGUAGES = {"German court decision": "de", "French": "fr", "Dutch": "nl", "CJK": "ja"}
_LENGTHS = {"syntok": 70_000, "pysbd": 70_000, "burnish": 1_000_000}
Splitter = Callable[[Case], list[str]]


def _burnish(case: Case) -> list[str]:
    text = case.text
    return [text[start:end] for start, end in split_sentences(text)]


def _syntok(case: Case) -> list[str]:
    found = (sentence for paragraph in analyze(case.text) for sentence in paragraph)
    return ["".join(map(str, sentence)).strip() for sentence in found]


def _pysbd(case: Case) -> list[str]:
    from pysbd import Segmenter

    language = _LANGUAGES.get(case.kind, "en")
    found = Segmenter(language=language, clean=False).segment(case.text)
    return [sentence.strip() for sentence in found if sentence.strip()]


def _seconds(split: Splitter, length: int) -> float:
    text = "\n\n".join(case.text for case in CASES)
    text = (text * (length // len(text) + 1))[:length]
    begin = time.process_time()
    split(Case("English", text))
    return time.process_time() - begin


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row per kind, then one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sentences")
    parser.add_argument("--pysbd", type=Path, help="the folder that pysbd was installed into")
    folder = parser.parse_args(arguments).pysbd
    splitters = {"syntok": _syntok, "burnish": _burnish}
    if folder is not None:
        sys.path.append(str(folder))
        splitters["pysbd"] = _pysbd
    cases = [*CASES, *MISSED]
    right = {
        name: [split(case) == case.sentences for case in cases] for name, split in splitters.items()
    }
    print(f"{'kind':24}{'texts':>8}" + "".join(f"{name:>10}" for name in splitters))
    for kind in dict.fromkeys(case.kind for case in cases):
        places = [place for place, case in enumerate(cases) if case.kind == kind]
        counts = "".join(f"{sum(right[name][p] for p in places):>10}" for name in splitters)
        print(f"{kind:24}{len(places):>8}{counts}")
    totals = {name: sum(found) for name, found in right.items()}
    seconds = {
        f"{name}, {length} characters": round(_seconds(splitters[name], length), 2)
        for name, length in [*_LENGTHS.items(), ("burnish", 70_000)]
        if name in splitters
    }
    print(json.dumps({"texts": len(cases), "right": totals, "seconds": seconds}))


if __name__ == "__main__":
    main()
