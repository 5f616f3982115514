"""A goal's way over time, as a chart and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from core.clock import local_day
from core.ui.charts import Number
from core.ui.lines import Point
from goals.selectors import GoalSheet


@dataclass(frozen=True)
class Chart:
    """What ``chart_line`` draws."""

    points: list[Point]
    last: date
    target: Number
    start: Number
    desc: str


def progress_chart(sheet: GoalSheet, *, today: date, zone_name: str) -> Chart | None:
    """Return the way from where the goal began to today, or None while nothing is reported.

    Of several updates on one day the last counts.
    """
    version = sheet.version
    begun = local_day(sheet.goal.created_at, zone_name)
    values: dict[date, Number] = {}
    for update in sheet.updates:
        row = update.row
        if version.has_numbers and row.value is None:
            continue
        values[row.day] = float(row.value or 0) if version.has_numbers else row.progress
    if not values:
        return None
    start: Number = float(version.start_number or 0) if version.has_numbers else 0
    first = min(begun, *values)
    values.setdefault(first, start)
    target: Number = float(version.target_number or 0) if version.has_numbers else 100
    days = sorted(values)
    unit = "" if version.has_numbers else " %"
    return Chart(
        points=[Point(day, values[day]) for day in days],
        last=max(version.target_on or today, today if sheet.goal.is_open else days[-1]),
        target=target,
        start=start,
        desc=_("From %(start)s on %(first)s to %(value)s on %(last)s; the target is %(target)s.")
        % {
            "start": f"{_said(values[days[0]])}{unit}",
            "first": date_format(days[0], "DATE_FORMAT"),
            "value": f"{_said(values[days[-1]])}{unit}",
            "last": date_format(days[-1], "DATE_FORMAT"),
            "target": f"{_said(target)}{unit}",
        },
    )


def _said(value: Number) -> str:
    return number_format(int(value) if value == int(value) else value, use_l10n=True)
