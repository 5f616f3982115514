"""Days and zones as people mean them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def zone(name: str) -> ZoneInfo:
    """Return the zone of this IANA name, or UTC when the name is unknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def local_day(now: datetime, zone_name: str) -> date:
    """Return the calendar day that ``now`` is for somebody in this zone."""
    return now.astimezone(zone(zone_name)).date()


def validate_time_zone(value: str) -> None:
    """Raise ``ValidationError`` unless ``value`` is an IANA zone name such as Europe/Berlin."""
    if value not in available_timezones():
        raise ValidationError(
            _("%(value)s is not a time zone. Use a name such as Europe/Berlin."),
            code="time_zone",
            params={"value": value},
        )


# Browsers still name some zones by what their places were called long ago.
TODAYS_NAMES = {
    "Calcutta": "Kolkata",
    "Dacca": "Dhaka",
    "Faeroe": "Faroe",
    "Godthab": "Nuuk",
    "Katmandu": "Kathmandu",
    "Kiev": "Kyiv",
    "Macao": "Macau",
    "Ponape": "Pohnpei",
    "Rangoon": "Yangon",
    "Saigon": "Ho Chi Minh",
    "Truk": "Chuuk",
}


def zone_city(name: str) -> str:
    """Return the place a zone is named after: ``America/New_York`` gives ``New York``."""
    city = name.rsplit("/", 1)[-1].replace("_", " ")
    return TODAYS_NAMES.get(city, city)


def whole_weeks(start: date, end: date) -> int:
    """Return how many weeks lie between two days, at least one."""
    return max(1, round((end - start) / timedelta(weeks=1)))


def working_days_before(day: date, count: int) -> date:
    """Return the day that lies ``count`` days from Monday to Friday before this one."""
    while count:
        day -= timedelta(days=1)
        count -= day.weekday() < 5
    return day
