"""The command reference: ``python -m burnish.cli.reference > docs/reference/cli.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from burnish.cli.command import COMMANDS, parsers
from burnish.cli.main import top_parser

__all__ = ["render_reference"]

_INTRODUCTION = """\
# The command line

Generated from the program's parsers: `python -m burnish.cli.reference > docs/reference/cli.md`.

Results go to standard output, progress and notes to standard error. With `--json` standard output
is one JSON document; if a command fails, it is `{"error": ..., "hint": ...}`. Progress bars
are shown on a terminal only, and `NO_COLOR` is respected.

| exit code | |
|---|---|
| 0 | done |
| 1 | a gate or the data failed, or an input could not be answered |
| 2 | wrong usage, or an invalid recipe |
| 130 | interrupted |
| 141 | the reader of the output closed it |
| 143 | a training or `predict -o` was stopped (SIGTERM); run it again (predict: `--resume`) |

What a `--json` document holds:

- `train`: `run`, `metrics` by part, `intervals`, `baseline`, `gates`, `seeds`, `notes`
- `export`: `bundle`, `precision`, `gates`, each with `name`, `value`, `threshold`, `passed`,
  `detail`, `severity` and `reason`
- `evaluate`: `metrics`, `intervals`, `rows`, `labels`; of a bundle also `calibration` and
  `abstention`
- `predict`: one line per input, in input order: `labels` and `scores`, or `entities`, or `answer`,
  `score`, `start` and `end`; with `tokens` and `windows`; or `error`

A gate that blocks adds `gates` to the error.
"""


def render_reference() -> str:
    """Every command's ``--help``, as Markdown."""
    return "\n".join([_INTRODUCTION, *_sections()])


def _sections() -> Iterator[str]:
    yield _section("burnish", top_parser().format_help())
    for name in COMMANDS:
        for words, parser in parsers(name).items():
            yield _section(f"burnish {words}", parser.format_help())


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n```\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(render_reference())
