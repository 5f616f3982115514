"""With whom a pair of peers may exchange partners, and what that would cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError
from matching import selectors
from matching.drafts import Draft
from matching.engine import half, score_pool
from matching.models import LIVE, Proposal, ProposalState
from matching.reasons import POINTS_A_PERCENT
from participants.models import Enrolment

MOST_SHOWN = 12
BOTH_WAYS = 2


@dataclass(frozen=True)
class PeerExchange:
    """``keeps``, of the pair, with ``partner``; whom both leave behind are paired, or one is alone.

    Scores of a hundred now and then; ``rest`` are those left behind, two or one.
    """

    keeps: Enrolment
    partner: Enrolment
    rest: tuple[Enrolment, ...]
    now: int
    then: int
    other_now: int
    other_then: int

    @property
    def change(self) -> int:
        """Points that all gain together; below 0 is a loss."""
        return self.then + self.other_then - self.now - self.other_now

    @property
    def cost(self) -> int:
        return -self.change

    @property
    def is_alone(self) -> bool:
        return len(self.rest) == 1


class PeerExchanges:
    """The legal exchanges of one pair of a draft.

    Raises:
        DomainError: one of them joined after the run began.
    """

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        self.run = proposal.run
        self.draft = Draft(self.run)
        self.pool = self.draft.pool_with_overrides()
        self.places = self.pool.mentees.index
        if not {proposal.mentee_id, proposal.mentor_id} <= self.places.keys():
            raise DomainError(
                _("One of them joined after this run began. Start a new run."), code="not_in_pool"
            )

    @cached_property
    def _worth(self) -> dict[int, np.ndarray]:
        """Return what each of the pair is worth with everybody, both ways; below 0 is forbidden."""
        scored = score_pool(self.pool, self.draft.policy)
        everybody = np.arange(len(self.pool.mentees))
        least = BOTH_WAYS * self.draft.policy.minimum_fit
        found = {}
        for pk in (self.proposal.mentee_id, self.proposal.mentor_id):
            own = np.full(len(everybody), self.places[pk])
            there = scored.judged(own, everybody).astype(np.int64)
            back = scored.judged(everybody, own).astype(np.int64)
            worth = np.where((there < 0) | (back < 0), -1, there + back)
            found[pk] = np.where(worth < least, -1, worth)
        return found

    def _fit(self, one: int, other: int) -> int:
        """Return the score of one of the pair with somebody, to a million; below 0 is forbidden."""
        place = self.places.get(other)
        if place is None:
            return -1
        worth = int(self._worth[one][place])
        return half(worth) if worth >= 0 else -1

    def offered_to(self, viewer: User) -> list[PeerExchange]:
        """Return the exchanges that cost least, of people whom the viewer may decide on."""
        found = [*self._with_pairs(viewer), *self._with_those_alone(viewer)]
        found.sort(key=lambda one: (one.cost, one.keeps.pk, one.partner.pk))
        return found[:MOST_SHOWN]

    def _with_pairs(self, viewer: User) -> list[PeerExchange]:
        pairs = (
            Proposal.objects.managed_by(viewer)
            .filter(run=self.run, state=ProposalState.PROPOSED)
            .exclude(pk=self.proposal.pk)
            .select_related("mentee__user", "mentor__user")
        )
        found = []
        for pair in pairs:
            for partner, left in ((pair.mentee, pair.mentor), (pair.mentor, pair.mentee)):
                one = self._with_pair(pair, partner, left)
                if one is not None:
                    found.append(one)
        return found

    def _with_pair(
        self, pair: Proposal, partner: Enrolment, left: Enrolment
    ) -> PeerExchange | None:
        """Return the exchange that gives the first of the pair ``partner``, if it is legal."""
        first, second = self.proposal.mentee, self.proposal.mentor
        then, other_then = self._fit(first.pk, partner.pk), self._fit(second.pk, left.pk)
        if min(then, other_then) < 0:
            return None
        scores = (self.proposal.score, then, pair.score, other_then)
        return PeerExchange(first, partner, (second, left), *map(_percent, scores))

    def _with_those_alone(self, viewer: User) -> list[PeerExchange]:
        found = []
        first, second = self.proposal.mentee, self.proposal.mentor
        for person in selectors.undecided_mentees(self.run).exclude(user=viewer):
            for keeps, left in ((first, second), (second, first)):
                then = self._fit(keeps.pk, person.pk)
                if then >= 0:
                    now, after = _percent(self.proposal.score), _percent(then)
                    found.append(PeerExchange(keeps, person, (left,), now, after, 0, 0))
        return found


def _percent(score: int) -> int:
    return round(score / POINTS_A_PERCENT)


def pair_with(run_id: int, enrolment: Enrolment) -> Proposal | None:
    """Return the live pair of a draft in which somebody is."""
    pairs = Proposal.objects.filter(run=run_id, state__in=LIVE).select_related(
        "mentee__user", "mentor__user"
    )
    found: Proposal | None = (
        pairs.filter(mentee=enrolment) | pairs.filter(mentor=enrolment)
    ).first()
    return found
