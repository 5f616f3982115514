"""What giving one mentee another mentor would change in a draft as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.utils.translation import gettext as _

from core.errors import DomainError
from matching.drafts import Draft
from matching.engine import Chains, EngineError, Move, NoPrices, fingerprint_of, score_pool
from matching.frozen import is_huge
from matching.models import LIVE, PairingRun, Proposal, ProposalState

MOST_EXACT_CELLS = 1_000_000
"""Pairs of a pool up to which a page works out exact chains."""


@dataclass(frozen=True)
class Step:
    """A mentee who goes from one mentor to another; None is no mentor. Ids of enrolments."""

    mentee_id: int
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Change:
    """Who else would change, in order, and what the pairs lose together; below 0 is a gain."""

    steps: tuple[Step, ...]
    loss: int


class Changes:
    """Answers about one mentee of a draft.

    While the draft is as the run left it, a change is exact: the best there is with that pair.
    Once managers have changed it (or the pool is very large), it is that of a plain swap.

    Raises:
        DomainError: the mentee joined after the run began, or the pool is huge.
    """

    def __init__(self, proposal: Proposal) -> None:
        runs = PairingRun.objects.select_related("cohort").defer("pool_snapshot")
        self.run = runs.get(pk=proposal.run_id)
        refuse_huge(self.run)
        self.draft = Draft(self.run)
        self.pool = self.draft.pool_with_overrides()
        self.proposal = proposal
        self.mentee_id: int = proposal.mentee_id
        if self.mentee_id not in self.pool.mentees.index:
            raise DomainError(
                _("One of them joined after this run began. Start a new run."), code="not_in_pool"
            )
        self._scored = score_pool(self.pool, self.draft.policy)

    @cached_property
    def _states(self) -> dict[tuple[int, int], str]:
        rows = Proposal.objects.filter(run=self.run, state__in=LIVE)
        found = rows.values_list("mentee_id", "mentor_id", "state")
        return {
            (mentee, mentor): state
            for mentee, mentor, state in found
            if mentee in self.pool.mentees.index and mentor in self.pool.mentors.index
        }

    def scores(self) -> dict[int, int]:
        """Return the mentee's score with every mentor, whatever the rules say."""
        count = len(self.pool.mentors)
        row = np.full(count, self.pool.mentees.index[self.mentee_id])
        found = self._scored.scores(row, np.arange(count)).tolist()
        return dict(zip(map(int, self.pool.mentors.id), found, strict=True))

    def allowed(self) -> set[int]:
        """Return the mentors whom no rule keeps from the mentee."""
        count = len(self.pool.mentors)
        row = np.full(count, self.pool.mentees.index[self.mentee_id])
        judged = self._scored.judged(row, np.arange(count))
        return {int(self.pool.mentors.id[place]) for place in np.flatnonzero(judged >= 0)}

    def broken(self, mentor_id: int) -> list[str]:
        """Return the keys of the rules that keep one mentor away."""
        places = self.pool.mentees.index[self.mentee_id], self.pool.mentors.index[mentor_id]
        row, col = (np.array([place]) for place in places)
        found = self._scored.forbidden_by(row, col)
        return [key for key, broken in found.items() if broken[0]]

    def of(self, mentor_id: int) -> Change | None:
        """Return what the mentee's going to a mentor would change; None where nobody may move."""
        chains = self._chains
        if chains is None:
            return self._swap(mentor_id)
        if not chains.is_open(self.mentee_id, mentor_id):
            return None
        answer = chains.price_of(self.mentee_id, mentor_id)
        return Change(tuple(map(_step, answer.moves[1:])), answer.loss)

    @cached_property
    def _chains(self) -> Chains | None:
        """Return the chains of the draft, or None where its pairs are not the run's best."""
        cells = len(self.pool.mentees) * len(self.pool.mentors)
        is_as_solved = fingerprint_of(self._states) == self.run.result.get("fingerprint")
        if cells > MOST_EXACT_CELLS or not is_as_solved:
            return None
        own = self.mentee_id, self.proposal.mentor_id
        locked = [
            pair
            for pair, state in self._states.items()
            if state == ProposalState.LOCKED and pair != own
        ]
        floor = self.run.result.get("floor")
        try:
            return Chains.of_pairs(self._scored, self._states, locked=locked, floor=floor)
        except (NoPrices, EngineError):
            return None

    def _swap(self, mentor_id: int) -> Change | None:
        """Return the least costly plain swap with somebody of a mentor who is not locked."""
        own = self.proposal.mentor_id
        if (self.mentee_id, own) not in self._states:
            return None
        there = [
            mentee
            for (mentee, mentor), state in self._states.items()
            if mentor == mentor_id and state == ProposalState.PROPOSED
        ]
        gained = self._judged([(self.mentee_id, mentor_id), *((mentee, own) for mentee in there)])
        lost = self._judged([(self.mentee_id, own), *((mentee, mentor_id) for mentee in there)])
        changes = [
            Change(
                (Step(mentee, mentor_id, own),), lost[0] + lost[place] - gained[0] - gained[place]
            )
            for place, mentee in enumerate(there, start=1)
            if min(gained[0], gained[place]) >= 0
        ]
        return min(changes, key=lambda change: change.loss, default=None)

    def swaps(self) -> list[tuple[int, int, int, int]]:
        """Return the pairs with which this one may exchange mentors, the least costly first.

        Each as (their mentee, their mentor, score of this mentee then, of theirs then). Left out
        are locked pairs, and exchanges that break a rule or fall under the minimum fit. O(pairs).
        """
        own = self.proposal.mentor_id
        others = [
            (mentee, mentor)
            for (mentee, mentor), state in self._states.items()
            if state == ProposalState.PROPOSED and mentor != own and mentee != self.mentee_id
        ]
        if not others or (self.mentee_id, own) not in self._states:
            return []
        mine = self._judged([(self.mentee_id, mentor) for _mentee, mentor in others])
        theirs = self._judged([(mentee, own) for mentee, _mentor in others])
        least = max(self.draft.policy.minimum_fit, 0)
        before = self._judged(others)
        found = [
            (
                before[place] - mine[place] - theirs[place],
                *others[place],
                mine[place],
                theirs[place],
            )
            for place in range(len(others))
            if min(mine[place], theirs[place]) >= least
        ]
        return [found_one[1:] for found_one in sorted(found)]

    def _judged(self, pairs: list[tuple[int, int]]) -> list[int]:
        """Return the scores of pairs, below 0 where a rule forbids one."""
        rows = np.array([self.pool.mentees.index[mentee] for mentee, _ in pairs])
        cols = np.array([self.pool.mentors.index[mentor] for _, mentor in pairs])
        return [int(score) for score in self._scored.judged(rows, cols)]


def refuse_huge(run: PairingRun) -> None:
    """Raise DomainError where comparing one person with everybody would take a page too long."""
    if is_huge(run):
        raise DomainError(
            _(
                "With this many people the page does not compare everybody. Choose a mentor by "
                "name instead: score and rules are checked then."
            ),
            code="too_many",
        )


def _step(move: Move) -> Step:
    before, after = (None if one is None else int(one) for one in (move.before, move.after))
    return Step(int(move.mentee_id), before, after)
