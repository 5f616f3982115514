"""Which rows of the audit log concern the matches a person is in."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q

from accounts.models import User
from matching.models import Match, MatchMember, Proposal, ProposedCircle, RuleOverride
from participants.models import Enrolment


def own_partner_ids(user: User) -> list[int]:
    """Return with whom this person is or was in a match. One query."""
    seats = MatchMember.objects.filter(match__members__user=user)
    return list(seats.exclude(user=user).values_list("user", flat=True).distinct())


def own_match_ids(user: User) -> list[int]:
    """Return the matches the person is in or was in. One query."""
    return list(MatchMember.objects.filter(user=user).values_list("match_id", flat=True))


def own_events(user: User) -> Q:
    """Matches, proposals, circles and overridden rules in which the person has a part."""
    enrolments = list(Enrolment.objects.filter(user=user).values_list("pk", flat=True))
    if not enrolments:
        return Q(pk__in=())
    concerns = Q(mentor__in=enrolments) | Q(mentee__in=enrolments)
    proposals = Proposal.objects.filter(concerns).values_list("pk", flat=True)
    overrides = RuleOverride.objects.filter(concerns).values_list("pk", flat=True)
    return (
        Q(object_type=Match._meta.label_lower, object_id__in=map(str, own_match_ids(user)))
        | Q(object_type=Proposal._meta.label_lower)
        & (
            Q(object_id__in=map(str, proposals))
            | Q(detail__from__in=enrolments)
            | Q(detail__to__in=enrolments)
        )
        | Q(object_type=ProposedCircle._meta.label_lower) & _own_circles(enrolments)
        | Q(object_type=RuleOverride._meta.label_lower, object_id__in=map(str, overrides))
    )


def _own_circles(enrolments: list[int]) -> Q:
    """Acts on circles in which they lead or sit, or did; and on their own seat."""
    parts = Q(leading__enrolment__in=enrolments) | Q(seats__mentee__in=enrolments)
    circles = list(ProposedCircle.objects.filter(parts).values_list("pk", flat=True).distinct())
    led = (Q(detail__mentors__contains=[pk]) for pk in enrolments)  # a dissolved one names nobody
    return reduce(
        or_,
        led,
        Q(object_id__in=map(str, circles))
        | Q(detail__came_from__in=circles)
        | Q(detail__mentee__in=enrolments),
    )
