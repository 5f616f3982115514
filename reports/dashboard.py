"""What a manager sees of one cohort: figures, who needs attention, health week by week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from accounts.models import User
from matching.models import Match
from programs.models import Cohort
from reports.selectors import names_of, weeks_of
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


def needing_attention(rows: QuerySet[Match]) -> QuerySet[Match]:
    return rows.filter(Q(health=Health.ATTENTION))


def pair_rows(matches: list[Match], *, cohort: Cohort, today: date) -> list[PairRow]:
    """Return names and weekly strips of these matches. Two queries."""
    ids = [match.pk for match in matches]
    first = strip_start(cohort, today)
    names, weeks = names_of(ids), weeks_of(ids, since=first, until=today)
    return [
        PairRow(
            match,
            names[match.pk]["mentor"],
            names[match.pk]["mentee"],
            _strip(weeks.get(match.pk, {}), first, today),
        )
        for match in matches
    ]


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
    attention = list(needing_attention(rows)[:5])
    shown = list(rows[:10])
    together = {row.pk: row for row in (*attention, *shown)}
    drawn = {
        row.match.pk: row for row in pair_rows(list(together.values()), cohort=cohort, today=today)
    }
    return {
        "health": counts,
        "open_count": sum(counts.values()),
        "attention": [drawn[row.pk] for row in attention],
        "pairs": [drawn[row.pk] for row in shown],
        "strip_week": strip_week(cohort, today),
        "strip_count": len(drawn[shown[0].pk].code) if shown else 0,
    }
