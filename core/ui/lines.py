"""A line over time, drawn by the server like the charts beside it: x in per cent, y in pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.ui.charts import BOTTOM_PADDING, TOP_PADDING, Number

MOST_LINES = 4
NICE_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Point:
    """A value on a day."""

    day: date
    value: Number


class _Plot:
    """Turn days into per cent of the width and values into pixels from the top."""

    def __init__(
        self, *, first: date, last: date, lowest: float, highest: float, height: int
    ) -> None:
        self.first, self.days = first, max((last - first).days, 1)
        self.step = nice_step((highest - lowest) or abs(highest) or 1)
        self.low = math.floor(lowest / self.step) * self.step
        self.high = math.ceil(highest / self.step) * self.step
        if self.high == self.low:
            self.high += self.step
        self.height = height
        self.plot = height - TOP_PADDING - BOTTOM_PADDING

    def x(self, day: date) -> float:
        return round(min(max((day - self.first).days / self.days, 0), 1) * 100, 2)

    def y(self, value: Number) -> float:
        share = (float(value) - self.low) / (self.high - self.low)
        return round(TOP_PADDING + self.plot * (1 - share), 1)

    def lines(self) -> list[float]:
        count = round((self.high - self.low) / self.step)
        return [self.low + self.step * at for at in range(count + 1)]


def nice_step(span: float) -> float:
    """Return a round distance of grid lines, so that at most five of them cover ``span``."""
    rough = span / MOST_LINES
    power = 10 ** math.floor(math.log10(rough))
    return next(step * power for step in NICE_STEPS if step * power >= rough * 0.999_999)


def _number(value: Number) -> str:
    rounded = round(float(value), 2)
    return number_format(int(rounded) if rounded == int(rounded) else rounded, use_l10n=True)


def line(
    points: Sequence[Point],
    *,
    last: date | None = None,
    target: Number | None = None,
    start: Number | None = None,
    height: int = 180,
    desc: str = "",
) -> SafeString:
    """Draw values over time, the days in order.

    ``desc`` states the finding for people who do not see the chart. ``target`` is a dashed line,
    ``start`` a value that the axis reaches even if no point does. ``last`` is the day at the right
    edge; by default that of the last point. One point is a dot; without points the plot is empty.
    """
    known = [float(point.value) for point in points]
    known += [float(value) for value in (target, start) if value is not None]
    first = points[0].day if points else date(2000, 1, 1)
    end = max([point.day for point in points] + ([last] if last else [])) if points else first
    plot = _Plot(
        first=first,
        last=end,
        lowest=min(known, default=0),
        highest=max(known, default=1),
        height=height,
    )
    return format_html(
        '<svg class="chart" role="img" aria-label="{}" width="100%" height="{}">{}{}{}{}{}</svg>',
        desc,
        height,
        _grid(plot),
        _target(plot, target),
        _strokes(plot, points),
        _dots(plot, points),
        _days(plot, first, end) if points else "",
    )


def _grid(plot: _Plot) -> SafeString:
    return format_html_join(
        "",
        '<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/>'
        '<text x="-8" y="{}" text-anchor="end">{}</text>',
        (
            (
                "axis" if at == 0 else "grid",
                plot.y(value),
                plot.y(value),
                plot.y(value) + 4,
                _number(value),
            )
            for at, value in enumerate(plot.lines())
        ),
    )


def _target(plot: _Plot, target: Number | None) -> SafeString | str:
    if target is None:
        return ""
    return format_html(
        '<line class="target" x1="0" x2="100%" y1="{}" y2="{}"/>', plot.y(target), plot.y(target)
    )


def _strokes(plot: _Plot, points: Sequence[Point]) -> SafeString:
    return format_html_join(
        "",
        '<line class="stroke" x1="{}%" x2="{}%" y1="{}" y2="{}"/>',
        (
            (plot.x(one.day), plot.x(two.day), plot.y(one.value), plot.y(two.value))
            for one, two in pairwise(points)
        ),
    )


def _dots(plot: _Plot, points: Sequence[Point]) -> SafeString:
    return format_html_join(
        "",
        '<circle class="dot" cx="{}%" cy="{}" r="4"><title>{}: {}</title></circle>',
        (
            (
                plot.x(point.day),
                plot.y(point.value),
                date_format(point.day, "DATE_FORMAT"),
                _number(point.value),
            )
            for point in points
        ),
    )


def _days(plot: _Plot, first: date, last: date) -> SafeString:
    ends = [(0, "start", first)]
    if last > first:
        ends.append((100, "end", last))
    return format_html_join(
        "",
        '<text x="{}%" y="{}" text-anchor="{}">{}</text>',
        ((at, plot.height - 5, anchor, date_format(day, "j M")) for at, anchor, day in ends),
    )
