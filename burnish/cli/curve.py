"""A curve over a logarithmic axis as an SVG file of its own, by the report's charts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from burnish.evidence.report.charts import Line, line_chart

__all__ = ["draw_curve"]

_STYLE = (
    "text{font:12px sans-serif;fill:#333}.grid{stroke:#ccc}.line{stroke:#06c;fill:none}"
    ".dot{fill:#06c}@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#555}"
    ".line{stroke:#6bf}.dot{fill:#6bf}}"
)


def draw_curve(
    positions: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    *,
    marks: Mapping[str, float],
    label: str = "learning rate",
) -> str:
    """An SVG document, legible on light and dark ground.

    Args:
        positions: above 0, rising.
        lines: values by name, at the positions; what is not finite is left out.
        marks: places on the axis that a vertical line shows.
        label: of the axis.
    """
    ceiling = _ceiling(lines)
    floor = min(value for values in lines.values() for value in values if math.isfinite(value))
    drawn = [
        Line(name, [(math.log10(x), _clipped(y, ceiling)) for x, y in points])
        for name, values in lines.items()
        for points in [zip(positions, values, strict=True)]
    ]
    for number, (name, position) in enumerate(marks.items()):
        place = math.log10(min(max(position, positions[0]), positions[-1]))
        top = ceiling - 0.1 * number * (ceiling - floor)  # so that names do not cover each other
        drawn.append(Line(f"{name} {position:.2g}", [(place, floor), (place, top)]))
    chart = line_chart(
        drawn,
        label=f"{' and '.join(lines)} by {label}",
        across=f"{label}, as a power of ten",
        up=next(iter(lines)),
    )
    head, _, rest = chart.partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{_STYLE}</style>{rest}\n'


def _clipped(value: float, ceiling: float) -> float:
    return min(value, ceiling) if math.isfinite(value) else value


def _ceiling(lines: Mapping[str, Sequence[float]]) -> float:
    """Twice the last line's first value, or its greatest if that is less: the rest is clipped."""
    last = [value for value in list(lines.values())[-1] if math.isfinite(value)]
    return min(max(last), 2 * last[0])
