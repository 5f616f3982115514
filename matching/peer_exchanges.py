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
from matching.engine import Scored, half, score_pool
from matching.models import LIVE, Proposal, ProposalState
from matching.reasons import POINTS_A_PERCENT, rule_sentence
from participants.models import Enrolment

MOST_SHOWN = 12
MOST_OTHERS = 5
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


@dataclass(frozen=True)
class PeerOther:
    """Somebody else for one of the pair: score of a hundred, and what stands in the way."""

    person: Enrolment
    score: int
    verdict: str


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
    def _scored(self) -> Scored:
        return score_pool(self.pool, self.draft.policy)

    @cached_property
    def _worth(self) -> dict[int, np.ndarray]:
        """Return what each of the pair is worth with everybody, both ways; below 0 is forbidden."""
        scored = self._scored
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

    def others_for(self, viewer: User) -> list[tuple[Enrolment, list[PeerOther]]]:
        """Return for each of the two who would fit best besides, and why it is not so."""
        pair = self.proposal.mentee, self.proposal.mentor
        best = {one.pk: self._best(one.pk) for one in pair}
        people = Enrolment.objects.filter(pk__in={pk for found in best.values() for pk in found})
        by_id = people.exclude(user=viewer).select_related("user").in_bulk()
        taken = self._taken(viewer)
        return [
            (
                one,
                [
                    PeerOther(by_id[pk], _percent(score), self._verdict(one.pk, pk, taken))
                    for pk, score in best[one.pk].items()
                    if pk in by_id
                ],
            )
            for one in pair
        ]

    def _best(self, one: int) -> dict[int, int]:
        """Return the next best for somebody with their scores, whatever the rules say."""
        everybody = np.arange(len(self.pool.mentees))
        own = np.full(len(everybody), self.places[one])
        both = self._scored.scores(own, everybody).astype(np.int64)
        both += self._scored.scores(everybody, own)
        pair = {self.proposal.mentee_id, self.proposal.mentor_id}
        ids = self.pool.mentees.id
        order = sorted(everybody.tolist(), key=lambda place: (-both[place], ids[place]))
        others = [place for place in order if ids[place] not in pair][:MOST_OTHERS]
        return {int(ids[place]): half(int(both[place])) for place in others}

    def _taken(self, viewer: User) -> dict[int, str]:
        """Return with whom everybody of the draft is; "" where that concerns the viewer."""
        pairs = Proposal.objects.filter(run=self.run, state__in=LIVE)
        found: dict[int, str] = {}
        for pair in pairs.select_related("mentee__user", "mentor__user"):
            for one, other in ((pair.mentee, pair.mentor), (pair.mentor, pair.mentee)):
                found[one.pk] = "" if other.user_id == viewer.pk else str(other.user)
        return found

    def _verdict(self, one: int, other: int, taken: dict[int, str]) -> str:
        places = np.array([self.places[one]]), np.array([self.places[other]])
        ways = [self._scored.forbidden_by(*places), self._scored.forbidden_by(*places[::-1])]
        broken = [key for key in ways[0] if any(way[key][0] for way in ways)]
        if broken:
            return str(rule_sentence(broken[0]))
        if self._fit(one, other) < 0:
            return _("Below the minimum fit.")
        if other not in taken:
            return _("Waits, or is out of the draft.")
        if not taken[other]:
            return _("Is in another pair of this draft.")
        return _("Is with %(name)s in this draft.") % {"name": taken[other]}


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
