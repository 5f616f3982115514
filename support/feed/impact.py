"""What a list means for programs: how many would leave, and which matches would rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from matching.models import Match, MatchMember
from participants.importing.removing import among
from participants.models import Enrolment, EnrolmentStatus
from programs.models import CohortStatus, Program
from sessions.selectors import people_of, unpack_people
from support.feed.planner import Plan
from support.models import Feed, FeedAction, FeedRow, FeedSettings

OVER = (CohortStatus.COMPLETED, CohortStatus.ARCHIVED)
NAMED = 100


def engaged() -> QuerySet[Enrolment]:
    """Return the places that end when somebody leaves: any but withdrawn and declined ones."""
    return Enrolment.objects.exclude(
        status__in=(EnrolmentStatus.WITHDRAWN, EnrolmentStatus.DECLINED)
    ).exclude(cohort__status__in=OVER)


def count_impact(plan: Plan) -> dict[str, Any]:
    """Return how many people leaving would withdraw, and how many of them leave. Two queries."""
    people = engaged().filter(user__is_active=True).order_by().values("user").distinct()
    leaving = plan.leaving
    return {
        "participants": people.count(),
        "leaving_participants": people.filter(user__in=among(leaving)).count(),
        "missing": sum(row.is_missing for row in plan.rows),
        "unreadable": plan.unreadable,
        "moved_addresses": plan.moved_addresses,
    }


def is_to_hold(counts: dict[str, Any]) -> bool:
    """Tell whether a person has to look at the names first.

    More than the allowed share of those who take part, or wait to, would leave; or somebody would
    leave because no row names them while a row with a problem names nobody who is known.
    """
    share = FeedSettings.load().hold_percent
    if counts["leaving_participants"] * 100 > share * counts["participants"]:
        return True
    return bool(counts["missing"] and counts["unreadable"])


@dataclass(frozen=True)
class RestingMatch:
    """A match that would rest, and why: ``leaves`` or only away."""

    names: str
    cohort: str
    leaves: bool
    on: date | None


@dataclass(frozen=True)
class Resting:
    """The matches that would rest and may be named, and how many more there are."""

    lines: Sequence[RestingMatch]
    more: int


def matches_that_would_rest(feed: Feed, *, viewer: User) -> Resting:
    """Return which active matches a list would pause or later close. Three queries.

    Those of discreet programs are counted only, unless the viewer manages them, and so is the
    viewer's own. A circle that keeps somebody in the seat goes on and is not among them.
    """
    leaves = _people(feed, FeedAction.LEAVE, "gone_on")
    away = _people(feed, FeedAction.AWAY, "leave_from")
    people = [*leaves, *away]
    seats = MatchMember.objects.current().filter(user__in=among(people))
    others = MatchMember.objects.current().filter(match=OuterRef("match"), role=OuterRef("role"))
    alone = seats.filter(~Exists(others.exclude(user__in=among(people))))
    rows = (
        Match.objects.filter(status="active", pk__in=alone.values("match"))
        .exclude(cohort__status__in=OVER)
        .annotate(packed_people=people_of("pk"), program_name=F("cohort__program__name"))
    )
    shown = rows.filter(
        Q(cohort__program__is_discreet=False)
        | Q(cohort__program__in=Program.objects.managed_by(viewer))
    )
    own = MatchMember.objects.current().filter(user=viewer)
    shown = shown.exclude(pk__in=own.values("match"))
    lines = [
        _line(row, leaves, away)
        for row in shown.select_related("cohort").order_by("cohort", "pk")[:NAMED]
    ]
    return Resting(lines, rows.count() - len(lines))


def _people(feed: Feed, action: str, fact: str) -> dict[int, date | None]:
    rows: Iterable[Any] = FeedRow.objects.filter(
        feed=feed, action=action, user__isnull=False
    ).values_list("user_id", "changes")
    found: dict[int, date | None] = {}
    for user_id, changes in rows:
        text = changes.get("facts", {}).get(fact, [None, None])[1]
        found[user_id] = date.fromisoformat(text) if text else None
    return found


def _line(row: Any, leaves: dict[int, date | None], away: dict[int, date | None]) -> RestingMatch:
    people = unpack_people(row.packed_people)
    going = [person for person in people if person.user_id in leaves]
    days = [leaves[person.user_id] for person in going] or [
        away[person.user_id] for person in people if person.user_id in away
    ]
    return RestingMatch(
        names=" – ".join(person.name for person in people),
        cohort=f"{row.program_name}, {row.cohort.name}",
        leaves=bool(going),
        on=min((day for day in days if day is not None), default=None),
    )
