"""What a manager sees of one cohort: figures, who needs attention, health week by week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Value, When

from accounts.models import User
from core.packed import packed
from matching.models import Match
from programs.models import Cohort
from sessions.models import Meeting
from sessions.selectors import people_of, unpack_people
from support.health import Health, with_health

STRIP_WEEKS = 11
ORDERS = {"attention": ("rank", F("last_met_on").asc(nulls_first=True), "pk")}
ORDERS["longest"] = (F("last_met_on").asc(nulls_first=True), "pk")  # type: ignore[assignment]
TONES = {
    Health.ATTENTION: ("bad", "circle-alert"),
    Health.WATCH: ("warn", "eye"),
    Health.ON_TRACK: ("good", "check"),
    Health.EARLY: ("", "clock"),
}


@dataclass
class PairRow:
    """One match of the list: who, how it does, and its weeks as a strip."""

    match: Any  # a match with its health
    mentor: str
    mentee: str
    code: str

    @property
    def tone(self) -> str:
        return TONES[Health(self.match.health)][0]

    @property
    def icon(self) -> str:
        return TONES[Health(self.match.health)][1]

    @property
    def health_label(self) -> str:
        return str(Health(self.match.health).label)


def judged(cohort: Cohort, user: User, *, today: date, order: str = "attention") -> QuerySet[Any]:
    """Return the cohort's open matches with their health, without the manager's own."""
    ranks = {state: rank for rank, state in enumerate(Health.values)}
    rank = Case(
        *(When(health=state, then=Value(at)) for state, at in ranks.items()),
        output_field=IntegerField(),
    )
    own = Match.objects.of(user).values("pk")
    rows = with_health(cohort, today=today).exclude(pk__in=own).annotate(rank=rank)
    return rows.order_by(*ORDERS.get(order, ORDERS["attention"]))


def listed(rows: QuerySet[Match], *, cohort: Cohort, today: date) -> QuerySet[Match]:
    """Add what the list shows of each match: its people, and its meetings by week."""
    held = (
        Meeting.objects.held()
        .filter(match=OuterRef("pk"), held_on__range=(strip_start(cohort, today), today))
        .order_by()
    )
    return rows.annotate(
        packed_people=people_of("pk"), packed_days=packed(held, held_on=F("held_on"))
    )


def pair_rows(matches: Iterable[Match], *, cohort: Cohort, today: date) -> list[PairRow]:
    """Return names and weekly strips of listed matches."""
    first = strip_start(cohort, today)
    return [_pair_row(match, first, today) for match in matches]


def _pair_row(match: Any, first: date, today: date) -> PairRow:
    people = unpack_people(match.packed_people)
    weeks: dict[date, int] = {}
    for row in match.packed_days:
        held_on = date.fromisoformat(row["held_on"])
        monday = held_on - timedelta(days=held_on.weekday())
        weeks[monday] = weeks.get(monday, 0) + 1
    return PairRow(
        match,
        ", ".join(person.name for person in people if person.role == "mentor"),
        ", ".join(person.name for person in people if person.role == "mentee"),
        _strip(weeks, first, today),
    )


def strip_start(cohort: Cohort, today: date) -> date:
    """Return the Monday that the strips begin with: the cohort's first, or ten weeks ago."""
    monday = today - timedelta(days=today.weekday())
    start = cohort.starts_on - timedelta(days=cohort.starts_on.weekday())
    return max(start, monday - timedelta(weeks=STRIP_WEEKS - 1))


def strip_week(cohort: Cohort, today: date) -> int:
    """Return which week of the cohort the strips begin with, from 1."""
    start = cohort.starts_on - timedelta(days=cohort.starts_on.weekday())
    return (strip_start(cohort, today) - start).days // 7 + 1


def _strip(weeks: dict[date, int], first: date, today: date) -> str:
    code, monday = "", first
    while monday <= today and len(code) < STRIP_WEEKS:
        count = weeks.get(monday, 0)
        code += "." if not count else "m" if count == 1 else "M"
        monday += timedelta(weeks=1)
    return code or "."


def expected_meetings(cohort: Cohort, pairs: int, *, today: date) -> int:
    """Return how many meetings the rhythm plans for this many pairs until today."""
    days = (min(today, cohort.ends_on) - cohort.starts_on).days
    return pairs * max(0, days // cohort.rhythm_days)


def overview_context(cohort: Cohort, user: User, *, today: date) -> dict[str, Any]:
    rows = judged(cohort, user, today=today)
    counts = {str(state): 0 for state in Health.values}
    for state in rows.order_by().values_list("health", flat=True).iterator(chunk_size=5_000):
        counts[state] += 1
    shown = pair_rows(listed(rows, cohort=cohort, today=today)[:10], cohort=cohort, today=today)
    return {
        "health": counts,
        "open_count": sum(counts.values()),
        "attention": [row for row in shown if row.match.health == Health.ATTENTION][:5],
        "pairs": shown,
        "strip_week": strip_week(cohort, today),
        "strip_count": len(shown[0].code) if shown else 0,
    }
