"""What a manager sees of one cohort: figures, who needs attention, health week by week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, OuterRef

from accounts.models import User
from core.names import listed
from core.packed import packed
from feedback.selectors import misfits
from matching.models import Match
from programs.models import Cohort
from sessions.models import Meeting
from sessions.selectors import Partner, people_of, unpack_people
from support.health import TONES, Judged, count_health, judge_matches
from support.models import Health
from support.signals import SIGNALS, Reason

STRIP_WEEKS = 11
RANKS = {state: rank for rank, state in enumerate(Health)}
SIGNAL_RANKS = {name: rank for rank, name in enumerate(SIGNALS)}


@dataclass
class PairRow:
    """One match of the list: who, how it does, and its weeks as a strip."""

    match: Judged
    mentor: str
    mentee: str
    code: str
    doubters: str = ""
    reasons: Sequence[Reason] = ()

    @property
    def tone(self) -> str:
        return TONES[self.match.health][0]

    @property
    def icon(self) -> str:
        return TONES[self.match.health][1]

    @property
    def health_label(self) -> str:
        return str(self.match.health.label)


def judged(
    cohort: Cohort, user: User, *, today: date, order: str = "attention", only: str = ""
) -> list[Judged]:
    """Return the cohort's active matches with their health, without the manager's own. One query.

    In order of need, or ("longest") by how long ago they met; ``only`` names one health.
    """
    found = judge_matches(cohort, today=today, without=user)
    if only:
        found = [match for match in found if match.health == only]
    by_rank = order != "longest"
    return sorted(
        found,
        key=lambda match: (
            (RANKS[match.health], _urgency(match)) if by_rank else (0, 0),
            match.last_met_on or date.min,
            match.pk,
        ),
    )


def _urgency(match: Judged) -> int:
    """Return how early the first reason stands among the signals; without one, last."""
    first = next(iter(match.reasons), "").partition("=")[0]
    return SIGNAL_RANKS.get(first, len(SIGNAL_RANKS))


def pair_rows(matches: Sequence[Judged], *, cohort: Cohort, today: date) -> list[PairRow]:
    """Return names and weekly strips of these matches, in their order. One query."""
    first = strip_start(cohort, today)
    held = (
        Meeting.objects.held()
        .filter(match=OuterRef("pk"), held_on__range=(first, today))
        .order_by()
    )
    rows = Match.objects.filter(pk__in=[match.pk for match in matches]).order_by()
    found = {
        pk: (people, days, doubts)
        for pk, people, days, doubts in rows.values_list(
            "pk",
            people_of("pk"),
            packed(held, held_on=F("held_on")),
            packed(misfits().filter(match=OuterRef("pk")), user_id=F("user_id")),
        )
    }
    return [_pair_row(match, *found[match.pk], first, today) for match in matches]


def _pair_row(
    match: Judged,
    packed_people: list[dict[str, Any]],
    packed_days: list[dict[str, str]],
    doubts: list[dict[str, int]],
    first: date,
    today: date,
) -> PairRow:
    people = unpack_people(packed_people)
    weeks: dict[date, int] = {}
    for row in packed_days:
        held_on = date.fromisoformat(row["held_on"])
        monday = held_on - timedelta(days=held_on.weekday())
        weeks[monday] = weeks.get(monday, 0) + 1
    return PairRow(
        match,
        listed([person.name for person in people if person.role == "mentor"]),
        listed([person.name for person in people if person.role == "mentee"]),
        _strip(weeks, first, today),
        _names(people, {row["user_id"] for row in doubts}),
        match.told(today=today),
    )


def _names(people: Sequence[Partner], ids: set[int]) -> str:
    return listed([one.name for one in people if one.user_id in ids])


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
    matches = judged(cohort, user, today=today)
    shown = pair_rows(matches[:10], cohort=cohort, today=today)
    return {
        "health": count_health(matches),
        "open_count": len(matches),
        "attention": [row for row in shown if row.match.health == Health.ATTENTION][:5],
        "pairs": shown,
        "strip_week": strip_week(cohort, today),
        "strip_count": len(shown[0].code) if shown else 0,
    }
