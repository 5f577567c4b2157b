"""A curve over a logarithmic axis as SVG: small, and legible on light and dark ground."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["draw_curve"]

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 28, 44
_STYLE = (
    "text{font:12px sans-serif;fill:#333}.axis{stroke:#999;fill:none}"
    ".line0{stroke:#9ab;fill:none}.line1{stroke:#06c;fill:none;stroke-width:2}"
    ".mark{stroke:#c50;stroke-dasharray:4 3}.marked{fill:#c50}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.axis{stroke:#777}.line0{stroke:#567}"
    ".line1{stroke:#6bf}.mark{stroke:#fa5}.marked{fill:#fa5}}"
)


def draw_curve(
    positions: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    *,
    marks: Mapping[str, float],
    label: str = "learning rate",
) -> str:
    """An SVG document.

    Args:
        positions: above 0, rising.
        lines: values by name, at the positions; what is not finite is left out.
        marks: places on the axis that a vertical line shows.
        label: what stands under the axis.
    """
    low, high = math.log10(positions[0]), math.log10(max(positions[-1], positions[0] * 10))
    ceiling = _ceiling(lines)
    floor = min(value for values in lines.values() for value in values if math.isfinite(value))

    def x(position: float) -> float:
        share = (math.log10(position) - low) / (high - low)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        share = (min(value, ceiling) - floor) / ((ceiling - floor) or 1.0)
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)

    bottom = _HEIGHT - _BOTTOM
    parts = [f'<path class="axis" d="M{_LEFT} {_TOP}V{bottom}H{_WIDTH - _RIGHT}"/>']
    powers = range(math.ceil(low), math.floor(high) + 1)
    parts += [_text(x(10.0**power), bottom + 16, f"1e{power}") for power in powers]
    parts += [_text(_LEFT - 26, y(value) + 4, f"{value:.3g}") for value in (floor, ceiling)]
    parts.append(_text((_LEFT + _WIDTH) / 2, _HEIGHT - 8, label))
    for number, values in enumerate(lines.values()):
        points = " ".join(
            f"{x(position)},{y(value)}"
            for position, value in zip(positions, values, strict=True)
            if math.isfinite(value)
        )
        parts.append(f'<polyline class="line{min(number, 1)}" points="{points}"/>')
    for number, (name, position) in enumerate(marks.items()):
        place = x(min(max(position, positions[0]), positions[-1]))
        parts.append(f'<path class="mark" d="M{place} {_TOP}V{bottom}"/>')
        said = f"{name} {position:.2g}"
        parts.append(_text(place, _TOP - 4 - 12 * (number % 2), said, kind="marked"))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">\n'
        f"<title>{escape(' and '.join(lines))} by {escape(label)}</title>\n"
        f"<style>{_STYLE}</style>\n{body}\n</svg>\n"
    )


def _ceiling(lines: Mapping[str, Sequence[float]]) -> float:
    """Twice the last line's first value, or its greatest if that is less: the rest is clipped."""
    last = [value for value in list(lines.values())[-1] if math.isfinite(value)]
    return min(max(last), 2 * last[0])


def _text(x: float, y: float, text: str, *, kind: str = "") -> str:
    given = f' class="{kind}"' if kind else ""
    return f'<text{given} x="{x:g}" y="{y:g}" text-anchor="middle">{escape(text)}</text>'
