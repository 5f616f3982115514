"""What publishing a draft would do: whose pairs, who is told what, and who is not told."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Prefetch

from accounts.models import User
from matching.models import LIVE, CircleMentor, PairingRun, Proposal
from participants.models import Enrolment

MOST_NAMED = 5


class Pair(NamedTuple):
    """A proposal to publish, and whom it concerns."""

    proposal_id: int
    mentee_id: int
    mentor_id: int
    mentee_user_id: int
    mentor_user_id: int

    @property
    def user_ids(self) -> tuple[int, int]:
        return (self.mentor_user_id, self.mentee_user_id)

    @property
    def enrolment_ids(self) -> tuple[int, int]:
        return (self.mentee_id, self.mentor_id)

    @property
    def mark(self) -> str:
        return f"{self.proposal_id}-{self.mentor_id}"


class Group(NamedTuple):
    """A circle to publish, by the proposal of its first seat, and whom it concerns."""

    proposal_id: int
    mentee_ids: tuple[int, ...]
    mentor_ids: tuple[int, ...]
    user_ids: tuple[int, ...]

    @property
    def enrolment_ids(self) -> tuple[int, ...]:
        return (*self.mentee_ids, *self.mentor_ids)

    @property
    def mark(self) -> str:
        return f"{self.proposal_id}-{'-'.join(map(str, self.enrolment_ids))}"


def live_groups(run: PairingRun) -> Sequence[Pair] | Sequence[Group]:
    """Return what would become a match each: the pairs of a draft, or its circles."""
    return live_circles(run) if run.is_of_circles else live_pairs(run)


def live_circles(run: PairingRun) -> list[Group]:
    """Return the circles of the run that have no match yet, by number. Three queries."""
    seats = Proposal.objects.filter(state__in=LIVE).select_related("mentee").order_by("pk")
    circles = (
        run.circles.filter(seats__state__in=LIVE)
        .exclude(seats__match__isnull=False)
        .distinct()
        .order_by("number")
        .prefetch_related(
            Prefetch("seats", seats, to_attr="live_seats"),
            Prefetch("leading", CircleMentor.objects.select_related("enrolment")),
        )
    )
    found = []
    for circle in circles:
        leaders = [row.enrolment for row in circle.leading.all()]
        mentees = [seat.mentee for seat in circle.live_seats]
        found.append(
            Group(
                circle.live_seats[0].pk,
                tuple(one.pk for one in mentees),
                tuple(one.pk for one in leaders),
                tuple(one.user_id for one in (*leaders, *mentees)),
            )
        )
    return found


def live_pairs(run: PairingRun) -> list[Pair]:
    """Return the live proposals of the run that have no match yet, by id. One query."""
    rows = Proposal.objects.filter(run=run, state__in=LIVE, match=None)
    columns = ("pk", "mentee_id", "mentor_id", "mentee__user_id", "mentor__user_id")
    return [Pair(*row) for row in rows.order_by("pk").values_list(*columns)]


def mark_of(groups: Iterable[Pair | Group]) -> str:
    """Return a short text that is another one as soon as a pair comes, goes or changes."""
    said = ",".join(group.mark for group in groups)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def draft_mark(run: PairingRun) -> str:
    """Return the mark of a draft as it stands. One query."""
    return mark_of(live_groups(run))


@dataclass(frozen=True)
class WhatIsTold:
    """Who would be told what if the draft were published now."""

    pairs: int
    mentees: int
    mentors: int
    mentors_of_several: int
    mark: str
    gone: list[Proposal]
    gone_count: int

    @property
    def people(self) -> int:
        """Return how many peers are told."""
        return 2 * self.pairs


def what_is_told(run: PairingRun, user: User) -> WhatIsTold:
    """Return what publishing by this manager would tell. Three queries; their own pair is left out.

    Pairs of whom one has left since are not told: they are named, the first five.
    """
    pairs = [pair for pair in live_groups(run) if user.pk not in pair.user_ids]
    ids = {pk for pair in pairs for pk in pair.enrolment_ids}
    here = set(Enrolment.objects.in_pool().filter(pk__in=ids).values_list("pk", flat=True))
    told = [pair for pair in pairs if here.issuperset(pair.enrolment_ids)]
    gone = [pair for pair in pairs if not here.issuperset(pair.enrolment_ids)]
    seats = [mentee for group in told for mentee in mentees_of(group)]
    load = Counter(mentor for group in told for mentor in mentors_of(group))
    return WhatIsTold(
        pairs=len(told),
        mentees=len(set(seats)),
        mentors=len(load),
        mentors_of_several=sum(count > 1 for count in load.values()),
        mark=mark_of(pairs),
        gone=_proposals(gone[:MOST_NAMED]),
        gone_count=len(gone),
    )


def mentees_of(group: Pair | Group) -> tuple[int, ...]:
    return group.mentee_ids if isinstance(group, Group) else (group.mentee_id,)


def mentors_of(group: Pair | Group) -> tuple[int, ...]:
    return group.mentor_ids if isinstance(group, Group) else (group.mentor_id,)


def _proposals(pairs: Sequence[Pair | Group]) -> list[Proposal]:
    rows = Proposal.objects.filter(pk__in=[pair.proposal_id for pair in pairs])
    return list(rows.select_related("mentee__user", "mentor__user").order_by("pk"))
