"""What a list means for programs: how many would leave, and which matches would rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from matching.models import Match, MatchMember
from participants.importing.removing import among
from participants.models import TAKES_PART, Enrolment, EnrolmentStatus
from programs.models import CohortStatus, Program
from sessions.selectors import people_of, unpack_people
from support.feed.known import known_people
from support.feed.planner import Plan
from support.models import Feed, FeedAction, FeedRow, FeedSettings

SHARES = (
    ("leaving_taking_part", "taking_part"),
    ("leaving_participants", "participants"),
    ("leaving_people", "people"),
    ("missing", "known"),
)
"""Of each of these, no more may go than the allowed share of the other."""
OVER = (CohortStatus.COMPLETED, CohortStatus.ARCHIVED)
NAMED = 100


def engaged() -> QuerySet[Enrolment]:
    """Return the places that end when somebody leaves: any but withdrawn and declined ones."""
    return Enrolment.objects.exclude(
        status__in=(EnrolmentStatus.WITHDRAWN, EnrolmentStatus.DECLINED)
    ).exclude(cohort__status__in=OVER)


def count_impact(plan: Plan) -> dict[str, Any]:
    """Return of how many people how many would leave. Three queries.

    Places in discreet programs are left out, so that no number tells who has one; that too many
    of their people leave at once shows in the share of everybody.
    """
    leaving = plan.leaving
    goes, takes_part = Q(user__in=among(leaving)), Q(status__in=TAKES_PART)
    places = engaged().filter(user__is_active=True, cohort__program__is_discreet=False).order_by()
    found = places.aggregate(
        participants=Count("user", distinct=True),
        leaving_participants=Count("user", distinct=True, filter=goes),
        taking_part=Count("user", distinct=True, filter=takes_part),
        leaving_taking_part=Count("user", distinct=True, filter=takes_part & goes),
    )
    return {
        **found,
        "people": User.objects.filter(is_active=True).count(),
        "leaving_people": len(leaving),
        "known": known_people(dated=plan.dated).count(),
        "missing": sum(row.is_missing for row in plan.rows),
        "unreadable": plan.unreadable,
        "moved_addresses": plan.moved_addresses,
    }


def shares_exceeded(counts: dict[str, Any]) -> list[str]:
    """Return which numbers of people who would leave are over the allowed share, by name."""
    share = FeedSettings.load().hold_percent
    return [some for some, of in SHARES if counts[some] * 100 > share * counts[of]]


def is_to_hold(counts: dict[str, Any]) -> bool:
    """Tell whether a person has to look at the names first.

    More than the allowed share would leave, of those who take part, of them and those who wait to,
    or of everybody; a list of everybody leaves out more than that share of whom HR knows; or
    somebody would leave because no row names them while a row with a problem names nobody known.
    """
    return bool(shares_exceeded(counts) or (counts["missing"] and counts["unreadable"]))


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

    Those of discreet programs are not even counted, unless the viewer manages them: one row would
    tell who is in one. The viewer's own is counted only. A circle that keeps somebody in the seat
    goes on and is not among them.
    """
    leaves = _people(feed, FeedAction.LEAVE, "gone_on")
    away = _people(feed, FeedAction.AWAY, "leave_from")
    people = [*leaves, *away]
    seats = MatchMember.objects.current().filter(user__in=among(people))
    others = MatchMember.objects.current().filter(match=OuterRef("match"), role=OuterRef("role"))
    alone = seats.filter(~Exists(others.exclude(user__in=among(people))))
    rows = (
        Match.objects.filter(status="active", pk__in=alone.values("match"))
        .filter(
            Q(cohort__program__is_discreet=False)
            | Q(cohort__program__in=Program.objects.managed_by(viewer))
        )
        .exclude(cohort__status__in=OVER)
        .annotate(packed_people=people_of("pk"), program_name=F("cohort__program__name"))
    )
    own = MatchMember.objects.current().filter(user=viewer)
    shown = rows.exclude(pk__in=own.values("match"))
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
