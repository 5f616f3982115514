"""One moment on several clocks, and wall-clock times that a clock change skips or repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.clock import zone, zone_city
from core.errors import DomainError

FIRST, SECOND = "first", "second"


def moments_of(day: date, clock: time, zone_name: str) -> list[datetime]:
    """Return when this wall-clock time happens: once, twice in order, or never. Moments are UTC."""
    place = zone(zone_name)
    wall = datetime.combine(day, clock.replace(fold=0))
    found = []
    for fold in (0, 1):
        moment = wall.replace(tzinfo=place, fold=fold).astimezone(UTC)
        if moment not in found and moment.astimezone(place).replace(tzinfo=None) == wall:
            found.append(moment)
    return found


def around_gap(day: date, clock: time, zone_name: str) -> tuple[datetime, datetime]:
    """Return the nearest local times around one that a clock change skips.

    They lie as far before and after it as the clocks jump, so that half past stays half past.
    """
    place = zone(zone_name)
    wall = datetime.combine(day, clock)
    moments = [wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)]
    early, late = sorted(moment.astimezone(place) for moment in moments)
    return early, late


def read_local(
    day: date, clock: time, zone_name: str, *, which: str = "", field: str = ""
) -> datetime:
    """Return the moment that somebody in this zone means by a day and a wall-clock time, as UTC.

    ``which`` says "first" or "second" where a clock change lets the time come twice.

    Raises:
        DomainError: the time is skipped (``skipped_time``), or comes twice and ``which`` does not
            say which one is meant (``twice``).
    """
    found = moments_of(day, clock, zone_name)
    if not found:
        early, late = around_gap(day, clock, zone_name)
        raise DomainError(
            _(
                "The clocks go forward on %(day)s and skip %(time)s. "
                "The nearest times are %(early)s and %(late)s."
            )
            % {
                "day": date_format(day),
                "time": f"{clock:%H:%M}",
                "early": f"{early:%H:%M}",
                "late": f"{late:%H:%M}",
            },
            code="skipped_time",
            field=field,
        )
    if len(found) == 2 and which not in (FIRST, SECOND):
        raise DomainError(
            _(
                "The clocks go back on %(day)s, so %(time)s comes twice. "
                "Say whether you mean the first or the second."
            )
            % {"day": date_format(day), "time": f"{clock:%H:%M}"},
            code="twice",
            field=field,
        )
    return found[-1] if which == SECOND else found[0]


def settle(day: date, clock: time, zone_name: str) -> datetime:
    """Return the moment of a repeating time on one day, never asking.

    A skipped time moves forward by as much as the clocks jump, a doubled one is the first: what
    RFC 5545 says for calendars, so that every reader of the invitation agrees.
    """
    wall = datetime.combine(day, clock.replace(fold=0), tzinfo=zone(zone_name))
    return wall.astimezone(UTC)


@dataclass(frozen=True)
class Clock:
    """One moment where one person is; ``names`` is empty on the reader's own clock."""

    names: str
    place: str
    starts: datetime
    ends: datetime
    day_difference: int = 0

    @property
    def day(self) -> str:
        return f"{date_format(self.starts, 'l')}, {date_format(self.starts, 'MONTH_DAY_FORMAT')}"

    @property
    def weekday(self) -> str:
        return date_format(self.starts, "l")

    @property
    def starts_text(self) -> str:
        return f"{self.starts:%H:%M}"

    @property
    def hours(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"

    @property
    def there(self) -> str:
        """Say the moment in one line: the weekday only where it is another day there."""
        values = {"clock": self.starts_text, "place": self.place, "day": self.weekday}
        if self.day_difference:
            return _("%(day)s %(clock)s in %(place)s") % values
        return _("%(clock)s in %(place)s") % values


@dataclass(frozen=True)
class When:
    """A meeting's time for one reader, and for the others where their clock shows another."""

    own: Clock
    others: tuple[Clock, ...]

    @property
    def summary(self) -> str:
        """Say both clocks in one line, as mails and choices do."""
        own = _("%(day)s, %(hours)s in %(place)s") % {
            "day": self.own.day,
            "hours": self.own.hours,
            "place": self.own.place,
        }
        return " · ".join([own, *(other.there for other in self.others)])


def clock_at(starts_at: datetime, minutes: int | None, zone_name: str, names: str = "") -> Clock:
    starts = starts_at.astimezone(zone(zone_name))
    ends = (starts_at + timedelta(minutes=minutes or 0)).astimezone(zone(zone_name))
    return Clock(names, zone_city(zone_name), starts, ends)


def when(
    starts_at: datetime,
    minutes: int | None,
    *,
    zone_name: str,
    others: Sequence[tuple[str, str]] = (),
) -> When:
    """Return a time on the reader's clock and on those of ``others``, as (name, zone).

    People whose clocks agree share one line, and nobody gets one that shows the reader's own time.
    """
    own = clock_at(starts_at, minutes, zone_name)
    grouped: dict[str, list[str]] = {}
    for name, other_zone in others:
        grouped.setdefault(other_zone, []).append(name)
    clocks = []
    for other_zone, names in grouped.items():
        clock = clock_at(starts_at, minutes, other_zone, ", ".join(names))
        if clock.starts.replace(tzinfo=None) == own.starts.replace(tzinfo=None):
            continue
        shift = (clock.starts.date() - own.starts.date()).days
        clocks.append(Clock(clock.names, clock.place, clock.starts, clock.ends, shift))
    return When(own, tuple(clocks))
