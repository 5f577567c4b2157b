"""What looking words up saves: microseconds of tokenizing a text, by the library and by burnish.

::

    .venv/bin/python -m tests.benchmarks.tokenizing --text "Where is the card that I ordered?"

Processor time, the best of several rounds, both ways in turns. Without ``--text``, texts of 16, 64,
128 and 512 tokens of the benchmarks' own words.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

from tokenizers import Tokenizer

from burnish.bench.texts import inputs_of_length
from burnish.tasks import ClassificationTask
from burnish.tasks.wordpiece import PlainWordPiece
from burnish.torch_models.base import resolve_base

_ROUNDS, _TIMES = 15, 50


def main(argv: Sequence[str] | None = None) -> None:
    """Print a row for each text."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.tokenizing")
    parser.add_argument("--text", action="append")
    given = parser.parse_args(argv)
    path = resolve_base("minilm").path / "tokenizer.json"
    task = ClassificationTask(labels=("a", "b"), max_length=512)
    encoder = task.text_encoder(path)
    texts = given.text or [str(inputs_of_length(task, encoder, n)[0]) for n in (16, 64, 128, 512)]
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    plain = PlainWordPiece.of(tokenizer)
    assert plain is not None
    ways = "library, µs | burnish, µs | times"
    print(f"| tokens | ids: {ways} | offsets too: {ways} |")
    print("|---|---|---|---|---|---|---|")
    for text in texts:
        print(_row(text, tokenizer, plain), flush=True)


def _row(text: str, tokenizer: Tokenizer, plain: PlainWordPiece) -> str:
    def library(text: str) -> object:
        encoded = tokenizer.encode(text, add_special_tokens=False)
        return encoded.ids, encoded.offsets, encoded.word_ids

    def library_ids(text: str) -> object:
        return tokenizer.encode(text, add_special_tokens=False).ids

    ids = plain.ids(text)
    if ids is None or ids != library_ids(text):
        return f"| the text {text[:40]!r} is left to the library |"
    best = _best([library_ids, plain.ids, library, plain.tokens], text)
    times = [best[0] / best[1], best[2] / best[3]]
    return (
        f"| {len(ids)} | {best[0]:.1f} | {best[1]:.1f} | {times[0]:.1f} "
        f"| {best[2]:.1f} | {best[3]:.1f} | {times[1]:.1f} |"
    )


def _best(ways: Sequence[Callable[[str], object]], text: str) -> list[float]:
    found = [float("inf")] * len(ways)
    for _ in range(_ROUNDS):
        for number, way in enumerate(ways):
            begin = time.thread_time()
            for _ in range(_TIMES):
                way(text)
            found[number] = min(found[number], (time.thread_time() - begin) / _TIMES * 1e6)
    return found


if __name__ == "__main__":
    main()
