"""What the pages about circles of a draft show: cards, counts, and where somebody may sit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from accounts.models import User
from matching import selectors
from matching.circles import Judge
from matching.drafts import Draft
from matching.listing import Card, card
from matching.models import (
    LIVE,
    CircleMentor,
    PairingRun,
    Proposal,
    ProposalState,
    ProposedCircle,
)
from matching.reasons import POINTS_A_PERCENT, rule_sentence
from participants.models import Enrolment, MemberRole
from participants.selectors import with_open_match_count

SHOWN = (*LIVE, ProposalState.PUBLISHED)


@dataclass(frozen=True)
class CircleCard:
    """A circle as the review page shows it: its mentors, and a card for each seat."""

    circle: ProposedCircle
    mentors: list[Enrolment]
    seats: list[Card]
    run: PairingRun

    @cached_property
    def score(self) -> int:
        """Return the average of the seats, of a hundred."""
        total = sum(seat.proposal.score for seat in self.seats)
        return round(total / max(len(self.seats), 1) / POINTS_A_PERCENT)

    @property
    def is_open(self) -> bool:
        return any(seat.is_open for seat in self.seats)

    @property
    def is_locked(self) -> bool:
        return all(seat.is_locked for seat in self.seats)

    @property
    def match(self) -> Any:
        """Return the match that came of it, or None."""
        return next((found for seat in self.seats if (found := _match_of(seat.proposal))), None)

    @property
    def names(self) -> str:
        """Return who leads it."""
        return ", ".join(str(mentor.user) for mentor in self.mentors)

    @property
    def may_lose(self) -> bool:
        least: int = self.run.policy_snapshot["circle"]["least"]
        return len(self.seats) > least


def _match_of(proposal: Proposal) -> Any:
    return getattr(proposal, "match", None)


def circles_for(
    run: PairingRun, user: User, *, most: int | None = None
) -> QuerySet[ProposedCircle]:
    """Return the circles of a draft that do not concern this manager, the weakest first.

    ``most``: only those in which no more mentees than that sit.
    """
    live = Q(seats__state__in=SHOWN)
    found = (
        not_of(run.circles.all(), user)
        .annotate(average=Avg("seats__score", filter=live), sitting=Count("seats", filter=live))
        .filter(sitting__gt=0)
        .order_by("average", "pk")
    )
    return found if most is None else found.filter(sitting__lte=most)


def circle_cards(circles: Any, run: PairingRun) -> list[CircleCard]:
    """Return a card for each of these circles. Three queries."""
    seats = (
        Proposal.objects.filter(state__in=SHOWN)
        .select_related("mentee__user", "mentor__user", "match")
        .order_by("-score", "pk")
    )
    found = circles.prefetch_related(
        Prefetch("seats", seats, to_attr="open_seats"),
        Prefetch("leading", CircleMentor.objects.select_related("enrolment__user")),
    )
    return [
        CircleCard(
            circle,
            [row.enrolment for row in circle.leading.all()],
            [card(seat, run) for seat in circle.open_seats],
            run,
        )
        for circle in found
    ]


def not_of(circles: QuerySet[ProposedCircle], user: User) -> QuerySet[ProposedCircle]:
    """Leave out circles in which this person leads or sits."""
    leads = CircleMentor.objects.filter(circle=OuterRef("pk"), enrolment__user=user)
    sits = Proposal.objects.filter(circle=OuterRef("pk"), mentee__user=user, state__in=SHOWN)
    return circles.exclude(Exists(leads) | Exists(sits))


@dataclass(frozen=True)
class CircleCounts:
    """How a draft of circles stands for one manager; those that concern them count as ``own``."""

    circles: int
    seats: int
    own: int
    waiting: int
    held: int = 0

    @property
    def ready(self) -> int:
        return self.circles


def circle_counts(run: PairingRun, user: User) -> CircleCounts:
    """Count circles and seats that are ready, the manager's own, and who waits. Three queries."""
    live = Q(seats__state__in=LIVE)
    ready = not_of(run.circles.all(), user).filter(live)
    found = ready.aggregate(circles=Count("pk", distinct=True), seats=Count("seats"))
    every = run.circles.filter(live).distinct().count()
    waiting = selectors.undecided_mentees(run).exclude(user=user).count()
    return CircleCounts(**found, own=every - found["circles"], waiting=waiting)


def idle_mentors(run: PairingRun, user: User) -> QuerySet[Enrolment]:
    """Return mentors of the pool with a seat left who lead no circle of the draft."""
    leading = CircleMentor.objects.filter(run=run).values("enrolment")
    mentors = run.cohort.enrolments.in_pool().filter(role=MemberRole.MENTOR)
    return (
        with_open_match_count(mentors)
        .filter(open_match_count__lt=F("capacity"))
        .exclude(pk__in=leading)
        .exclude(user=user)
        .select_related("user")
        .order_by("user__name_key", "pk")
    )


@dataclass(frozen=True)
class SeatOffer:
    """A circle in which somebody may sit: their score there, of a hundred; or the rules against."""

    card: CircleCard
    score: int
    rules: tuple[str, ...] = ()

    @property
    def why_not(self) -> str:
        return " ".join(str(rule_sentence(rule)) for rule in self.rules)


def seats_for(run: PairingRun, mentee: Enrolment, user: User) -> list[SeatOffer]:
    """Return the circles with room, the best for this mentee first; those a rule closes last.

    Raises:
        DomainError: the mentee joined after the run began.
    """
    most = run.policy_snapshot["circle"]["most"]
    rooms = [
        one
        for one in circle_cards(circles_for(run, user, most=most - 1), run)
        if one.is_open and not _sits_in(one.seats, mentee)
    ]
    if not rooms:
        return []
    judge, found = Judge(Draft(run)), []
    for one in rooms:
        ids = [seat.proposal.mentee_id for seat in one.seats]
        answer = judge.circle([mentor.pk for mentor in one.mentors], [*ids, mentee.pk])
        score = round(answer.score_of(mentee.pk) / POINTS_A_PERCENT)
        found.append(SeatOffer(one, score, answer.broken))
    return sorted(found, key=lambda offer: (bool(offer.rules), -offer.score, offer.card.circle.pk))


def _sits_in(seats: Sequence[Card], mentee: Enrolment) -> bool:
    return any(seat.proposal.mentee_id == mentee.pk for seat in seats)
