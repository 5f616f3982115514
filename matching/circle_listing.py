"""What the pages about circles of a draft show: cards, and where somebody may sit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import User
from core.errors import DomainError
from matching.circles import judged
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
from matching.reasons import POINTS_A_PERCENT
from participants.models import Enrolment, MemberRole


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
    def is_published(self) -> bool:
        return any(seat.is_published for seat in self.seats)

    @property
    def names(self) -> str:
        return ", ".join(str(mentor.user) for mentor in self.mentors)

    @property
    def may_lose(self) -> bool:
        least: int = self.run.policy_snapshot["circle"]["least"]
        return len(self.seats) > least


def circles_for(run: PairingRun, user: User) -> list[CircleCard]:
    """Return the circles of a draft that do not concern this manager, the weakest first."""
    seats = (
        Proposal.objects.exclude(state=ProposalState.REJECTED)
        .select_related("mentee__user", "mentor__user", "match")
        .order_by("score", "pk")
    )
    circles = _not_of(run.circles.all(), user).prefetch_related(
        Prefetch("seats", seats, to_attr="open_seats"),
        Prefetch("leading", CircleMentor.objects.select_related("enrolment__user")),
    )
    cards = [
        CircleCard(
            circle,
            [row.enrolment for row in circle.leading.all()],
            [card(seat, run) for seat in circle.open_seats],
            run,
        )
        for circle in circles
    ]
    return sorted((one for one in cards if one.seats), key=lambda one: (one.score, one.circle.pk))


def _not_of(circles: QuerySet[ProposedCircle], user: User) -> QuerySet[ProposedCircle]:
    leads = CircleMentor.objects.filter(circle=OuterRef("pk"), enrolment__user=user)
    sits = Proposal.objects.filter(circle=OuterRef("pk"), mentee__user=user, state__in=LIVE)
    return circles.exclude(Exists(leads) | Exists(sits))


def own_circles(run: PairingRun, user: User) -> int:
    """Count the circles that another manager decides about."""
    own = Q(leading__enrolment__user=user) | Q(seats__mentee__user=user, seats__state__in=LIVE)
    return run.circles.filter(own).distinct().count()


def idle_mentors(run: PairingRun, user: User) -> QuerySet[Enrolment]:
    """Return mentors of the pool who lead no circle of the draft."""
    leading = CircleMentor.objects.filter(run=run).values("enrolment")
    mentors = run.cohort.enrolments.in_pool().filter(role=MemberRole.MENTOR)
    return (
        mentors.exclude(pk__in=leading)
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


def seats_for(run: PairingRun, mentee: Enrolment, user: User) -> list[SeatOffer]:
    """Return the circles with room, the best for this mentee first; those a rule closes last."""
    most = run.policy_snapshot["circle"]["most"]
    rooms = [
        one
        for one in circles_for(run, user)
        if one.is_open and len(one.seats) < most and not _sits_in(one.seats, mentee)
    ]
    draft, found = Draft(run), []
    for one in rooms:
        ids = [seat.proposal.mentee_id for seat in one.seats]
        try:
            answer = judged(draft, [mentor.pk for mentor in one.mentors], [*ids, mentee.pk])
        except DomainError:
            return []
        score = round(answer.seats[mentee.pk][0] / POINTS_A_PERCENT)
        found.append(SeatOffer(one, score, answer.broken))
    return sorted(found, key=lambda offer: (bool(offer.rules), -offer.score, offer.card.circle.pk))


def _sits_in(seats: Sequence[Card], mentee: Enrolment) -> bool:
    return any(seat.proposal.mentee_id == mentee.pk for seat in seats)
