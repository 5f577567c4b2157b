"""The results table, in LaTeX and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.evidence.report.facts import Facts
from burnish.tasks.evaluation import Evaluation

__all__ = ["latex_table", "markdown_table"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


def markdown_table(facts: Facts) -> str:
    """One row per method and part, one column per metric."""
    names = _names(facts)
    lines = [f"| method | part | n | {' | '.join(names)} |", "|---" * (len(names) + 3) + "|"]
    for method, part, each in _rows(facts):
        cells = [f"{i.value:.3f} [{i.low:.3f}, {i.high:.3f}]" for i in each.metrics.values()]
        lines.append(f"| {method} | {part} | {each.rows} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def latex_table(facts: Facts) -> str:
    """A ``table`` for the package booktabs."""
    names = _names(facts)
    head = " & ".join(["Method", "Part", "$n$", *map(_escape, names)])
    lines = []
    for method, part, each in _rows(facts):
        cells = [f"{i.value:.3f} [{i.low:.3f}, {i.high:.3f}]" for i in each.metrics.values()]
        lines.append(" & ".join([_escape(method), part, str(each.rows), *cells]) + r" \\")
    body = "\n".join(lines)
    return (
        "\\begin{table}\n\\centering\n"
        f"\\caption{{Scores with 95\\,\\% intervals ({_escape(facts.name)}).}}\n"
        f"\\begin{{tabular}}{{ll{'r' * (len(names) + 1)}}}\n\\toprule\n{head} \\\\\n\\midrule\n"
        f"{body}\n\\bottomrule\n\\end{{tabular}}\n\\end{{table}}\n"
    )


def _names(facts: Facts) -> list[str]:
    return list(next(iter(facts.scores.values())).metrics)


def _rows(facts: Facts) -> Iterator[tuple[str, str, Evaluation]]:
    for part, each in facts.scores.items():
        yield f"{facts.record.method} (ours)", part, each
    for name, parts in facts.rivals.items():
        for part, each in parts.items():
            yield name, part, each


def _escape(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
