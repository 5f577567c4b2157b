"""Text to text, beside transformers and CTranslate2: ``python -m benchmarks.generation``.

Two tables, then one line of JSON. *Identical*: for each family, whole and with a merged adapter,
the texts of which ONNX Runtime writes other tokens than torch. *Speed*: tokens per second and
processor time per token of a Marian-sized model with random weights, on one thread.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks.generation.identical import Outcome, count_differences
from benchmarks.generation.speed import Pace, measure_speed
from tests.tiny_generation import FAMILIES

METHODS = ("full", "lora")


def main() -> None:
    """Run what the command line asks for."""
    given = _parser().parse_args()
    torch.set_num_threads(1)
    outcomes = []
    print(
        _HEAD.format("family", "method", "beams", "texts", "written", "lengths", "differ", "ties")
    )
    for family in given.family or FAMILIES:
        for method in METHODS:
            for outcome in count_differences(family, method, texts=given.texts):
                outcomes.append(outcome)
                print(_row(outcome), flush=True)
    paces = []
    if not given.no_speed:
        with tempfile.TemporaryDirectory() as directory:
            paces = measure_speed(Path(directory), given.ctranslate2, tokens=given.tokens)
        _print_speed(paces)
    document = {"identical": [asdict(e) for e in outcomes], "speed": [asdict(e) for e in paces]}
    print(json.dumps(document))
    sys.exit(any(each.differences > each.ties for each in outcomes))


_HEAD = "{:<16}{:<7}{:>6}{:>7}{:>9}{:>9}{:>8}{:>6}"


def _row(each: Outcome) -> str:
    return _HEAD.format(
        each.family,
        each.method,
        each.beams,
        each.texts,
        each.different_texts,
        each.lengths,
        each.differences,
        each.ties,
    )


def _print_speed(paces: list[Pace]) -> None:
    head = "{:>11}{:>11}{:>6}{:>10}{:>14}{:>9}{:>9}"
    print()
    print(head.format("engine", "precision", "beams", "tokens/s", "CPU ms/token", "MiB", "ratio"))
    for each in paces:
        print(
            head.format(
                each.engine,
                each.precision,
                each.beams,
                f"{each.tokens_per_s:.1f}",
                f"{each.cpu_ms_per_token:.2f}",
                f"{each.size_mib:.1f}",
                "" if each.ratio is None else f"{each.ratio:.2f}",
            )
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generation", description=__doc__)
    parser.add_argument("--family", action="append", choices=FAMILIES, help="only this; repeatable")
    parser.add_argument("--texts", type=int, default=200, help="of each family and method")
    parser.add_argument("--tokens", type=int, default=40, help="written for each time measured")
    parser.add_argument("--no-speed", action="store_true")
    parser.add_argument(
        "--ctranslate2",
        type=Path,
        metavar="SITE_PACKAGES",
        help="where ctranslate2 is installed, in an environment of its own",
    )
    return parser


if __name__ == "__main__":
    main()
