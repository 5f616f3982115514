"""Reads of matches, runs and proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.jobs import JobStatus
from matching.drafts import Draft, Explained
from matching.models import (
    Match,
    MatchMember,
    PairingRun,
    Proposal,
    ProposalState,
    Unmatched,
)
from matching.reasons import POINTS_A_PERCENT, rule_sentence
from participants.models import Enrolment, MemberRole
from participants.selectors import with_open_match_count
from programs.models import Cohort

LIVE = (ProposalState.PROPOSED, ProposalState.LOCKED)
SORTS = {
    "lowest": ("score", "pk"),
    "highest": ("-score", "pk"),
    "locked": ("state", "score", "pk"),  # "locked" sorts before "proposed"
}


def current_matches_of(user: User) -> QuerySet[Match]:
    """Return the open matches that this person is a member of now."""
    return (
        Match.objects.open()
        .filter(members__user=user, members__left_at__isnull=True)
        .select_related("cohort__program")
        .order_by("pk")
    )


def partners_of(match: Match, user: User) -> list[MatchMember]:
    """Return every other current member; in an ended match, everybody who was in it."""
    members = match.members.exclude(user=user).select_related("user")
    return list(members.filter(Q(left_at__isnull=True) | Q(match__status="ended")))


def review_proposals(run: PairingRun, user: User, *, sort: str = "lowest") -> QuerySet[Proposal]:
    """Return the live proposals of a run without the manager's own, people loaded."""
    return (
        Proposal.objects.filter(run=run, state__in=(*LIVE, ProposalState.PUBLISHED))
        .exclude(Q(mentee__user=user) | Q(mentor__user=user))
        .select_related("mentee__user", "mentor__user")
        .order_by(*SORTS.get(sort, SORTS["lowest"]))
    )


def held_proposals(run: PairingRun, user: User) -> QuerySet[Proposal]:
    """Return pairs below the minimum fit that wait for a person to decide."""
    return (
        Proposal.objects.filter(run=run, state=ProposalState.HELD)
        .exclude(Q(mentee__user=user) | Q(mentor__user=user))
        .select_related("mentee__user", "mentor__user")
        .order_by("-score", "pk")
    )


def is_newest(run: PairingRun) -> bool:
    """Tell whether no later run of the cohort has ended with proposals."""
    later = PairingRun.objects.filter(cohort=run.cohort_id, status=JobStatus.DONE, pk__gt=run.pk)
    return not later.exists()


def own_proposal_count(run: PairingRun, user: User) -> int:
    """Count proposals that concern the manager themselves."""
    rows = Proposal.objects.filter(run=run, state__in=(*LIVE, ProposalState.HELD))
    return rows.filter(Q(mentee__user=user) | Q(mentor__user=user)).count()


def unmatched_of(run: PairingRun) -> QuerySet[Unmatched]:
    """Return the people without a proposal, with their names."""
    return run.unmatched.select_related("enrolment__user").order_by(
        "enrolment__user__name_key", "pk"
    )


def undecided_mentees(run: PairingRun) -> QuerySet[Enrolment]:
    """Return mentees of the pool who have no live proposal, rejected ones included."""
    taken = Proposal.objects.filter(run=run).exclude(state=ProposalState.REJECTED)
    return (
        run.cohort.enrolments.in_pool()
        .filter(role=MemberRole.MENTEE)
        .exclude(pk__in=taken.values("mentee_id"))
        .exclude(memberships__left_at__isnull=True, memberships__isnull=False)
        .select_related("user")
        .order_by("user__name_key", "pk")
    )


def mentors_with_seats(run: PairingRun) -> QuerySet[Enrolment]:
    """Return mentors with a seat left in this draft: capacity less matches and proposals."""
    return (
        Enrolment.objects.filter(pk__in=free_mentor_ids(run))
        .select_related("user")
        .order_by("user__name_key", "pk")
    )


def free_mentor_ids(run: PairingRun) -> set[int]:
    """Return the enrolments of mentors with a seat left in this draft. Two queries."""
    in_draft = dict(
        Proposal.objects.filter(run=run, state__in=LIVE)
        .order_by()
        .values_list("mentor_id")
        .annotate(found=Count("pk"))
    )
    mentors: QuerySet[Any] = with_open_match_count(
        run.cohort.enrolments.in_pool().filter(role=MemberRole.MENTOR)
    )
    rows = mentors.values_list("pk", "capacity", "open_match_count")
    return {pk for pk, capacity, matched in rows if matched + in_draft.get(pk, 0) < capacity}


@dataclass(frozen=True)
class Alternative:
    """Another mentor for a mentee: score of a hundred, and what stands in the way."""

    mentor: Enrolment
    score: int
    verdict: str
    can_choose: bool


def alternatives(
    run: PairingRun, proposal: Proposal, *, viewer: User | None = None, limit: int = 5
) -> list[Alternative]:
    """Return the mentors who fit this mentee best besides the proposed one, and what of each.

    Best first, at least two with a free seat where there are any, and up to two whom a rule keeps
    from being better. Pairs that concern the viewer are not named.
    """
    draft = Draft(PairingRun.objects.select_related("cohort").get(pk=run.pk))
    mentor_ids = [int(pk) for pk in draft.pool.mentors.id if pk != proposal.mentor_id]
    pairs = draft.explain_all([(proposal.mentee_id, pk) for pk in mentor_ids])
    pairs.sort(key=lambda pair: (-pair.score, pair.mentor_id))
    free = free_mentor_ids(run)
    chosen = _worth_showing(pairs, free, proposal.score, limit)
    ids = [pair.mentor_id for pair in chosen]
    mentors = Enrolment.objects.filter(pk__in=ids).select_related("user").in_bulk()
    holders = _holders(run, ids, viewer)
    return [
        _alternative(
            pair,
            mentors[pair.mentor_id],
            proposal,
            is_free=pair.mentor_id in free,
            held_by=holders.get(pair.mentor_id, ()),
        )
        for pair in chosen
    ]


def _worth_showing(
    pairs: Sequence[Explained], free: set[int], score: int, limit: int
) -> list[Explained]:
    allowed = [pair for pair in pairs if not pair.broken]
    best = allowed[:limit]
    more_free = [pair for pair in allowed[limit:] if pair.mentor_id in free]
    missing = max(0, 2 - sum(pair.mentor_id in free for pair in best))
    blocked = [pair for pair in pairs if pair.broken and pair.score > score]
    return [*best, *more_free[:missing], *blocked[:2]]


def _holders(
    run: PairingRun, mentor_ids: Sequence[int], viewer: User | None
) -> dict[int, list[str]]:
    """Return who has these mentors' seats in the draft, with the score of each pair."""
    found: dict[int, list[str]] = {}
    rows = Proposal.objects.filter(run=run, mentor__in=mentor_ids, state__in=LIVE)
    for row in rows.select_related("mentee__user").order_by("pk"):
        if viewer is None or row.mentee.user_id != viewer.pk:
            said = f"{row.mentee.user} ({round(row.score / POINTS_A_PERCENT)})"
            found.setdefault(row.mentor_id, []).append(said)
    return found


def _alternative(
    pair: Explained,
    mentor: Enrolment,
    proposal: Proposal,
    *,
    is_free: bool,
    held_by: Sequence[str],
) -> Alternative:
    score = round(pair.score / POINTS_A_PERCENT)
    if pair.broken:
        return Alternative(mentor, score, rule_sentence(pair.broken[0]), can_choose=False)
    difference = _difference(score - round(proposal.score / POINTS_A_PERCENT))
    if is_free:
        effect = _("No other pair changes.")
    elif held_by:
        effect = _("Is with %(mentees)s in this draft; free that seat first.") % {
            "mentees": ", ".join(held_by)
        }
    else:
        effect = _("No seat left; free one first.")
    return Alternative(mentor, score, f"{difference} {effect}", can_choose=is_free)


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


def pool_counts(cohort: Cohort) -> dict[str, int]:
    """Count mentees who wait, mentors, and the seats they have left. One query."""
    taken = (
        MatchMember.objects.current()
        .filter(enrolment=OuterRef("pk"))
        .order_by()
        .values("enrolment")
        .annotate(found=Count("pk"))
    )
    people = cohort.enrolments.in_pool().annotate(
        taken=Coalesce(Subquery(taken.values("found")), 0)
    )
    left = Greatest(F("capacity") - F("taken"), Value(0))
    counts: dict[str, Any] = people.aggregate(
        mentors=Count("pk", filter=Q(role=MemberRole.MENTOR)),
        mentees=Count("pk", filter=Q(role=MemberRole.MENTEE, taken=0)),
        seats=Sum(left, filter=Q(role=MemberRole.MENTOR)),
    )
    return {name: value or 0 for name, value in counts.items()}
