"""Charts as inline SVG: legible in light, in dark and in grey print, and without colour."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Bar", "Line", "bar_chart", "interval_chart", "line_chart"]

_WIDTH = 640
_ROW = 46
"""Pixels for a bar and its name above it: on a phone there is no room for it at the left."""
_VALUES = 130
"""Pixels for the figures at the right."""
_HEIGHT = 260
_LEFT, _BOTTOM, _TOP = 60, 48, 26
"""Room for letters that are twice as large: the style makes them so where the picture is small."""
_DASHES = ("", "7 4", "2 3", "9 3 2 3")
"""Lines differ by these: colours are lost in print."""
_LONGEST_NAME = 50
_NAME_HEIGHT = 20
"""Pixels between the names of two lines."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A named value, with its interval where it has one."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A named series of (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]


def interval_chart(bars: Sequence[Bar], *, label: str) -> str:
    """Points with their intervals, on one scale that shows their differences.

    Args:
        bars: from the top.
        label: what the chart is, for those who cannot see it.
    """
    lows = [bar.value if bar.low is None else bar.low for bar in bars]
    highs = [bar.value if bar.high is None else bar.high for bar in bars]
    margin = 0.05 * (max(highs) - min(lows)) or 0.05
    return _rows(bars, label, low=min(lows) - margin, high=max(highs) + margin, draw=_point)


def bar_chart(bars: Sequence[Bar], *, label: str, high: float | None = None) -> str:
    """Bars from zero.

    Args:
        bars: from the top.
        label: what the chart is, for those who cannot see it.
        high: the value of a full bar; the largest where None.
    """
    largest = max((bar.value for bar in bars), default=0.0)
    return _rows(bars, label, low=0.0, high=high or largest or 1.0, draw=_bar)


def line_chart(lines: Sequence[Line], *, label: str, across: str, up: str) -> str:
    """Lines over a common axis.

    Args:
        lines: each with a point at least.
        label: what the chart is, for those who cannot see it.
        across: the name of the horizontal axis.
        up: the name of the vertical axis.
    """
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points if math.isfinite(y)]
    x_axis, y_axis = _Axis(min(xs), max(xs), _LEFT, _WIDTH - 130), _Axis.around(ys)
    parts = [
        *_grid(x_axis, y_axis),
        _words(across, (_LEFT + _WIDTH - 130) / 2, _HEIGHT - 4, anchor="middle"),
        _words(up, _LEFT, _TOP - 9),
    ]
    ends = []
    for line, dashes in zip(lines, _DASHES * len(lines), strict=False):
        drawn = [(x_axis.at(x), y_axis.at(y)) for x, y in line.points if math.isfinite(y)]
        parts += _line(drawn, dashes=dashes)
        ends.append((line.name, *drawn[-1]))
    return _picture(_HEIGHT, label, [*parts, *_line_names(ends)])


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float
    begin: float
    end: float

    @classmethod
    def around(cls, values: Sequence[float]) -> _Axis:
        low, high = min(values), max(values)
        margin = 0.08 * (high - low) or 0.1 * abs(high) or 0.1
        return cls(low - margin, high + margin, _HEIGHT - _BOTTOM, _TOP)

    def at(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return round(self.begin + share * (self.end - self.begin), 2)

    def ticks(self, count: int = 4) -> list[float]:
        step = _round_step((self.high - self.low) / count)
        first = math.ceil(self.low / step)
        return [round(n * step, 9) for n in range(first, math.floor(self.high / step + 1e-9) + 1)]


def _round_step(rough: float) -> float:
    if rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.999)


def _grid(x_axis: _Axis, y_axis: _Axis) -> Iterator[str]:
    for value in y_axis.ticks():
        y = y_axis.at(value)
        yield _element("line", x1=_LEFT, x2=x_axis.end, y1=y, y2=y, class_="grid")
        yield _words(f"{value:.4g}", _LEFT - 6, y + 4, anchor="end")
    for value in x_axis.ticks(5):
        yield _words(f"{value:g}", x_axis.at(value), _HEIGHT - _BOTTOM + 19, anchor="middle")


def _line(drawn: Sequence[tuple[float, float]], *, dashes: str) -> Iterator[str]:
    path = " ".join(f"{x},{y}" for x, y in drawn)
    yield _element("polyline", points=path, class_="line", stroke_dasharray=dashes or "none")
    for x, y in drawn if len(drawn) <= 40 else ():
        yield _element("circle", cx=x, cy=y, r=2.5, class_="dot")


def _line_names(ends: Sequence[tuple[str, float, float]]) -> Iterator[str]:
    """Names beside the last points (x, y), one below the other where lines end at one height."""
    lowest = -math.inf
    for name, x, y in sorted(ends, key=lambda end: end[2]):
        lowest = max(y, lowest + _NAME_HEIGHT)
        yield _words(name, x + 8, lowest + 4)


_Draw = Callable[[Bar, _Axis, float], str]
"""A bar on an axis, at a height."""


def _rows(bars: Sequence[Bar], label: str, *, low: float, high: float, draw: _Draw) -> str:
    axis = _Axis(low, high, 5, _WIDTH - _VALUES)
    parts = []
    for row, bar in enumerate(bars):
        y = row * _ROW + 33
        parts.append(_words(_short(bar.name), 0, y - 15, whole=bar.name))
        parts.append(draw(bar, axis, y))
        shown = bar.note or f"{bar.value:.3f}"
        parts.append(_words(shown, _WIDTH - _VALUES + 8, y + 4))
    return _picture(len(bars) * _ROW, label, parts)


def _point(bar: Bar, axis: _Axis, y: float) -> str:
    low = axis.at(bar.value if bar.low is None else bar.low)
    high = axis.at(bar.value if bar.high is None else bar.high)
    return (
        _element("line", x1=axis.begin, x2=axis.end, y1=y, y2=y, class_="grid")
        + _element("line", x1=low, x2=high, y1=y, y2=y, class_="span")
        + _element("circle", cx=axis.at(bar.value), cy=y, r=5, class_="dot")
    )


def _bar(bar: Bar, axis: _Axis, y: float) -> str:
    width = max(0.0, axis.at(min(bar.value, axis.high)) - axis.begin)
    return _element("rect", x=axis.begin, y=y - 8, width=round(width, 2), height=16, class_="bar")


def _words(
    content: str, x: float, y: float, *, anchor: str = "start", whole: str | None = None
) -> str:
    title = _element("title", escape(whole)) if whole is not None and whole != content else ""
    inner = escape(content) + title
    return _element("text", inner, x=round(x, 2), y=round(y, 2), text_anchor=anchor)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _picture(height: float, label: str, parts: Sequence[str]) -> str:
    box = f"0 0 {_WIDTH} {height:g}"
    inner = "".join(parts)
    return _element("svg", inner, viewBox=box, role="img", aria_label=label, class_="chart")


def _element(name: str, inner: str = "", **attributes: object) -> str:
    """An SVG element around SVG; ``class_`` loses its underscore, others become dashes."""
    said = "".join(
        f' {key.strip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{said}>{inner}</{name}>"
