"""With whom a pair of a draft may exchange mentors, and what that would cost."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from matching.changes import Changes
from matching.models import LIVE, Proposal
from matching.reasons import POINTS_A_PERCENT

MOST_SHOWN = 8


@dataclass(frozen=True)
class Exchange:
    """Another pair, and both scores of a hundred now and after the exchange."""

    other: Proposal
    now: int
    then: int
    other_now: int
    other_then: int

    @property
    def change(self) -> int:
        """Points that both gain together; below 0 is a loss."""
        return self.then + self.other_then - self.now - self.other_now

    @property
    def cost(self) -> int:
        return -self.change


def exchanges_of(changes: Changes, viewer: User) -> list[Exchange]:
    """Return the legal exchanges that cost least, without pairs that concern the viewer."""
    proposal, swaps = changes.proposal, changes.swaps()
    rows = Proposal.objects.filter(run=proposal.run_id, state__in=LIVE)
    rows = rows.filter(mentee__in=[mentee for mentee, *_rest in swaps[: 2 * MOST_SHOWN]])
    people = rows.select_related("mentee__user", "mentor__user")
    by_mentee = {row.mentee_id: row for row in people}
    found = []
    for mentee, mentor, mine, theirs in swaps[: 2 * MOST_SHOWN]:
        other = by_mentee.get(mentee)
        if other is None or other.mentor_id != mentor:
            continue
        if viewer.pk in (other.mentee.user_id, other.mentor.user_id):
            continue
        scores = (proposal.score, mine, other.score, theirs)
        found.append(Exchange(other, *(round(score / POINTS_A_PERCENT) for score in scores)))
    return found[:MOST_SHOWN]
