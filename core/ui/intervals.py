"""A difference with its interval as one drawn row, beside the charts of ``charts.py``."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

HEIGHT = 20
DOT = 4.5


def interval(
    low: float, middle: float, high: float, *, top: float, tone: str = "", desc: str = ""
) -> SafeString:
    """Draw ``middle`` as a dot on the line from ``low`` to ``high``, around a line at nought.

    The row reaches from ``-top`` to ``top``; ``tone`` is "good", "bad" or empty. ``desc`` says it
    to people who do not see the chart.
    """
    half = HEIGHT / 2
    return format_html(
        '<svg class="interval {}" role="img" aria-label="{}" width="100%" height="{}">'
        '<line class="axis" x1="50%" x2="50%" y1="0" y2="{}"/>'
        '<line class="span" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<circle class="dot" cx="{}" cy="{}" r="{}"/></svg>',
        tone,
        desc,
        HEIGHT,
        HEIGHT,
        _place(low, top),
        _place(high, top),
        half,
        half,
        _place(middle, top),
        half,
        DOT,
    )


def _place(value: float, top: float) -> str:
    share = min(max(value / top, -1), 1)
    return f"{round(50 + 50 * share, 2):g}%"
