"""Why not another mentor: for each, the rule in the way or who else would change, in words."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from matching.changes import Change, Changes, Step
from matching.models import LIVE, PairingRun, Proposal
from matching.reasons import POINTS_A_PERCENT, listed, rule_sentence
from matching.selectors import free_mentor_ids
from participants.models import Enrolment
from participants.selectors import with_open_match_count

MOST_NAMED = 3
MOST_BLOCKED = 2
LEAST_FREE = 2


@dataclass(frozen=True)
class Alternative:
    """Another mentor for a mentee: score of a hundred, and what stands in the way.

    ``exchange`` is the pair whose mentor this is, where both may exchange their mentors.
    """

    mentor: Enrolment
    score: int
    verdict: str
    can_choose: bool
    exchange: Proposal | None = None


def alternatives(
    run: PairingRun, proposal: Proposal, *, viewer: User | None = None, limit: int = 5
) -> list[Alternative]:
    """Return the mentors who fit this mentee best besides the proposed one, and what of each.

    Best first, at least two with a free seat where there are any, and up to two whom a rule keeps
    from being better. Pairs that concern the viewer are not named.
    """
    changes = Changes(proposal)
    scores, allowed, free = changes.scores(), changes.allowed(), free_mentor_ids(run)
    chosen = _worth_showing(scores, allowed, free, proposal, limit)
    found = {
        mentor: changes.of(mentor) for mentor in chosen if mentor in allowed and mentor not in free
    }
    words = Words.of(proposal, [*chosen], found.values(), viewer)
    legal = {(mentee, mentor) for mentee, mentor, *_scores in changes.swaps()}
    told = []
    for mentor in chosen:
        score = round(scores[mentor] / POINTS_A_PERCENT)
        if mentor not in allowed:
            verdict = rule_sentence(changes.broken(mentor)[0])
        elif mentor in free:
            verdict = words.free(score - round(proposal.score / POINTS_A_PERCENT))
        else:
            verdict = words.taken(mentor, found[mentor])
        can_choose = mentor in allowed and mentor in free
        exchange = words.exchange(mentor, found.get(mentor), legal)
        told.append(Alternative(words.people[mentor], score, verdict, can_choose, exchange))
    return told


def _worth_showing(
    scores: Mapping[int, int], allowed: set[int], free: set[int], proposal: Proposal, limit: int
) -> list[int]:
    others = [mentor for mentor in scores if mentor != proposal.mentor_id]
    others.sort(key=lambda mentor: (-scores[mentor], mentor))
    open_ = [mentor for mentor in others if mentor in allowed]
    best = open_[:limit]
    more_free = [mentor for mentor in open_[limit:] if mentor in free]
    missing = max(0, LEAST_FREE - sum(mentor in free for mentor in best))
    blocked = [
        mentor for mentor in others if mentor not in allowed and scores[mentor] > proposal.score
    ]
    return [*best, *more_free[:missing], *blocked[:MOST_BLOCKED]]


@dataclass(frozen=True)
class Words:
    """What other mentors would change, in sentences for one manager."""

    proposal: Proposal
    people: Mapping[int, Any]
    held_by: Mapping[int, Sequence[Proposal]]
    viewer: User | None

    @classmethod
    def of(
        cls,
        proposal: Proposal,
        mentors: Sequence[int],
        changes: Iterable[Change | None],
        viewer: User | None,
    ) -> Words:
        ids = set(mentors)
        for step in (step for change in changes if change for step in change.steps):
            ids |= {who for who in (step.mentee_id, step.before, step.after) if who is not None}
        rows = with_open_match_count(Enrolment.objects.filter(pk__in=ids).select_related("user"))
        people: dict[int, Any] = {row.pk: row for row in rows}
        return cls(proposal, people, _holders(proposal, mentors, viewer), viewer)

    def free(self, difference: int) -> str:
        stays = _("No other pair changes.")
        return f"{_difference(difference)} {stays}"

    def taken(self, mentor_id: int, change: Change | None) -> str:
        """Say who would move if the mentee took a seat of this mentor, or who has the seats."""
        if change is None or not change.steps:
            return self._full(mentor_id)
        row = self.people[mentor_id]
        count = row.open_match_count + self._in_draft(mentor_id)
        has = ngettext("Already has %(count)d mentee.", "Already has %(count)d mentees.", count) % {
            "count": count
        }
        would = _("If %(mentee)s went to %(mentor)s, %(changes)s: %(together)s.") % {
            "mentee": self.proposal.mentee.user,
            "mentor": row.user,
            "changes": self._changes(change.steps),
            "together": _together(round(change.loss / POINTS_A_PERCENT)),
        }
        return f"{has} {would}"

    def exchange(
        self, mentor_id: int, change: Change | None, legal: Container[tuple[int, int]]
    ) -> Proposal | None:
        """Return the pair to exchange mentors with, where the change is that and nothing else."""
        if change is None or len(change.steps) != 1:
            return None
        [step] = change.steps
        is_exchange = (step.before, step.after) == (mentor_id, self.proposal.mentor_id)
        if not is_exchange or (step.mentee_id, mentor_id) not in legal:
            return None
        if self._concerns_viewer(step):
            return None
        pairs = self.held_by.get(mentor_id, ())
        return next((pair for pair in pairs if pair.mentee_id == step.mentee_id), None)

    def _in_draft(self, mentor_id: int) -> int:
        rows = Proposal.objects.filter(run=self.proposal.run_id, state__in=LIVE)
        return rows.filter(mentor=mentor_id).count()

    def _full(self, mentor_id: int) -> str:
        if holders := self.held_by.get(mentor_id):
            names = [
                f"{row.mentee.user} ({round(row.score / POINTS_A_PERCENT)})" for row in holders
            ]
            return _("Is with %(mentees)s in this draft; free that seat first.") % {
                "mentees": listed(names)
            }
        return _("No seat left; free one first.")

    def _changes(self, steps: Sequence[Step]) -> str:
        if len(steps) <= MOST_NAMED and not any(map(self._concerns_viewer, steps)):
            return listed([self._step(step) for step in steps])
        said = ngettext(
            "%(count)d other pair would change", "%(count)d other pairs would change", len(steps)
        ) % {"count": len(steps)}
        if any(step.after is None for step in steps):
            return listed([said, _("one mentee would have no mentor")])
        return said

    def _concerns_viewer(self, step: Step) -> bool:
        involved = {step.mentee_id, step.before, step.after}
        people = [self.people[who] for who in involved if who is not None]
        return self.viewer is not None and any(
            person.user_id == self.viewer.pk for person in people
        )

    def _step(self, step: Step) -> str:
        mentee = self.people[step.mentee_id].user
        if step.after is None:
            return _("%(mentee)s would have no mentor") % {"mentee": mentee}
        if step.before is None:
            return _("%(mentee)s, who waits, would go to %(mentor)s") % {
                "mentee": mentee,
                "mentor": self.people[step.after].user,
            }
        return _("%(mentee)s would move to %(mentor)s") % {
            "mentee": mentee,
            "mentor": self.people[step.after].user,
        }


def _holders(
    proposal: Proposal, mentor_ids: Sequence[int], viewer: User | None
) -> dict[int, list[Proposal]]:
    """Return the pairs of the draft that have these mentors' seats, but for the viewer's own."""
    found: dict[int, list[Proposal]] = {}
    rows = Proposal.objects.filter(run=proposal.run_id, mentor__in=mentor_ids, state__in=LIVE)
    for row in rows.select_related("mentee__user").order_by("pk"):
        if viewer is None or row.mentee.user_id != viewer.pk:
            found.setdefault(row.mentor_id, []).append(row)
    return found


def _difference(points: int) -> str:
    if points == 0:
        return _("As good as the proposed pair.")
    if points > 0:
        return ngettext("%(points)d point higher.", "%(points)d points higher.", points) % {
            "points": points
        }
    return ngettext("%(points)d point lower.", "%(points)d points lower.", -points) % {
        "points": -points
    }


def _together(lost: int) -> str:
    if lost == 0:
        return _("together as many points")
    if lost > 0:
        return ngettext(
            "together %(points)d point less", "together %(points)d points less", lost
        ) % {"points": lost}
    return ngettext("together %(points)d point more", "together %(points)d points more", -lost) % {
        "points": -lost
    }
