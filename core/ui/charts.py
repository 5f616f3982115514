"""Server-side SVG charts.

x positions are percentages and y positions are pixels, so one drawing works at every width and
text never shrinks. Colours come from CSS classes, so the dark theme and print need no second
chart, and no inline style is used (the Content-Security-Policy forbids it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000)
MOST_LINES = 5
TOP_PADDING = 18
BOTTOM_PADDING = 22
BAR_SHARE = 0.6
WEEK_SHARE = 0.84
Number = int | float


def _step(top: Number) -> Number:
    for step in STEPS:
        if top / step <= MOST_LINES:
            return step
    return max(1, round(top / MOST_LINES))


def _percent(value: float) -> str:
    return f"{round(value, 2):g}%"


class _Scale:
    """Turn values into pixels from the top of a chart of ``height`` pixels."""

    def __init__(self, *, highest: Number, height: int) -> None:
        self.step = _step(highest)
        self.top = max(-(-highest // self.step) * self.step, self.step)
        self.height = height
        self.plot = height - TOP_PADDING - BOTTOM_PADDING

    def y(self, value: Number) -> float:
        return round(TOP_PADDING + self.plot * (1 - value / self.top), 1)

    def lines(self) -> Iterable[Number]:
        value: Number = 0
        while value <= self.top:
            yield value
            value += self.step


def _grid(scale: _Scale) -> SafeString:
    return format_html_join(
        "",
        '<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/>'
        '<text x="-8" y="{}" text-anchor="end">{}</text>',
        (
            (
                "axis" if value == 0 else "grid",
                scale.y(value),
                scale.y(value),
                scale.y(value) + 4,
                value,
            )
            for value in scale.lines()
        ),
    )


def _columns(
    rows: Sequence[tuple[str, Number]],
    *,
    scale: _Scale,
    now: str | None,
    planned: Collection[str],
) -> SafeString:
    slot = 100 / max(len(rows), 1)
    return format_html_join(
        "",
        '<rect class="{}" x="{}" width="{}" y="{}" height="{}" rx="3"><title>{}: {}</title></rect>'
        '<text class="val" x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (
                "bar now" if label == now else "bar todo" if label in planned else "bar",
                _percent(slot * (place + (1 - BAR_SHARE) / 2)),
                _percent(slot * BAR_SHARE),
                scale.y(value),
                max(round(scale.y(0) - scale.y(value), 1), 0),
                label,
                value,
                _percent(slot * (place + 0.5)),
                scale.y(value) - 5,
                value,
                _percent(slot * (place + 0.5)),
                scale.height - 5,
                label,
            )
            for place, (label, value) in enumerate(rows)
        ),
    )


def columns(
    rows: Iterable[tuple[object, Number]],
    *,
    target: Number | None = None,
    height: int = 196,
    now: object = None,
    planned: Iterable[object] = (),
    unit: str = "",
    desc: str = "",
) -> SafeString:
    """Draw a column chart of (label, value) pairs.

    ``desc`` states the finding for people who do not see the chart. ``now`` names the current
    column, ``planned`` those that are booked but not held (drawn dashed), ``target`` a line.
    All values at zero, or no rows, draw an empty plot.
    """
    pairs = [(str(label), value) for label, value in rows]
    scale = _Scale(highest=max([value for _label, value in pairs] + [target or 0]), height=height)
    line = (
        format_html(
            '<line class="target" x1="0" x2="100%" y1="{}" y2="{}"/>',
            scale.y(target),
            scale.y(target),
        )
        if target
        else ""
    )
    return format_html(
        '<svg class="chart" role="img" aria-label="{}" width="100%" height="{}">{}{}'
        '<text x="-8" y="{}" text-anchor="end">{}</text>{}</svg>',
        desc,
        height,
        _grid(scale),
        _columns(
            pairs,
            scale=scale,
            now=None if now is None else str(now),
            planned={str(label) for label in planned},
        ),
        height - 5,
        unit,
        line,
    )


def bar(value: Number, top: Number = 100, *, ref: Number | None = None, h: int = 10) -> SafeString:
    """Draw one horizontal bar of ``value`` out of ``top``, with an optional line at ``ref``."""
    whole = top or 1
    mark = ""
    if ref is not None:
        place = _percent(100 * ref / whole)
        mark = format_html(
            '<line class="ref" x1="{}" x2="{}" y1="-2" y2="{}"/>', place, place, h + 2
        )
    return format_html(
        '<svg aria-hidden="true" width="100%" height="{}"><rect class="bg" width="100%" '
        'height="{}" rx="3"/><rect class="fg" width="{}" height="{}" rx="3"/>{}</svg>',
        h,
        h,
        _percent(min(max(100 * value / whole, 0), 100)),
        h,
        mark,
    )


WEEK_CLASSES = {"m": "met", "M": "met2", ".": "none", "x": "miss", "p": "plan"}


def _week_words() -> dict[str, str]:
    return {
        "m": _("met"),
        "M": _("met twice"),
        ".": _("no meeting"),
        "x": _("missed"),
        "p": _("planned"),
    }


def _week(code: str, *, place: int, slot: float) -> SafeString:
    tall = code != "."
    drawn = format_html(
        '<rect class="{}" x="{}" width="{}" y="{}" height="{}" rx="{}"/>',
        WEEK_CLASSES[code],
        _percent(slot * (place + (1 - WEEK_SHARE) / 2)),
        _percent(slot * WEEK_SHARE),
        2 if tall else 8,
        16 if tall else 4,
        3 if tall else 2,
    )
    if code != "x":
        return drawn
    return format_html(
        '{}<svg x="{}" y="10" overflow="visible"><path class="x" d="M-3-3 3 3M3-3-3 3"/></svg>',
        drawn,
        _percent(slot * (place + 0.5)),
    )


def weeks(code: str, start: int = 1) -> SafeString:
    """Draw one strip of weeks, one letter a week (``WEEK_CLASSES``); shapes differ with colours."""
    slot = 100 / max(len(code), 1)
    words = _week_words()
    said = ", ".join(f"{start + place} {words[letter]}" for place, letter in enumerate(code))
    label = _("Weeks %(first)s to %(last)s: %(weeks)s") % {
        "first": start,
        "last": start + max(len(code) - 1, 0),
        "weeks": said,
    }
    drawn = format_html_join(
        "", "{}", ((_week(letter, place=place, slot=slot),) for place, letter in enumerate(code))
    )
    return format_html('<svg class="weeks" role="img" aria-label="{}">{}</svg>', label, drawn)


def week_axis(count: int, start: int = 1) -> SafeString:
    """Number the weeks above strips of ``count`` weeks."""
    slot = 100 / max(count, 1)
    return format_html(
        '<svg class="weeks" aria-hidden="true">{}</svg>',
        format_html_join(
            "",
            '<text x="{}" y="14" text-anchor="middle">{}</text>',
            ((_percent(slot * (place + 0.5)), start + place) for place in range(count)),
        ),
    )
