"""Reads of matches, runs and proposals."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from accounts.models import User
from matching.models import (
    LIVE,
    CriterionKind,
    Match,
    MatchMember,
    PairingRun,
    PairingTrait,
    PolicyCriterion,
    Proposal,
    ProposalState,
    Publication,
    TraitConsent,
)
from participants.models import Enrolment, EnrolmentStatus, MemberRole
from participants.selectors import unscreened_for_system, with_open_match_count
from programs.models import Cohort, ProgramFormat
from training.selectors import left_out_for_system

OVER = (EnrolmentStatus.WITHDRAWN, EnrolmentStatus.DECLINED)
"""Of whoever left or was not taken nothing new is asked."""

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


def resting(match_path: str) -> Exists:
    """Match rows whose match rests: everybody in one of its seats is on leave now.

    A circle with others in that seat goes on. Of two peers each has a seat of their own.
    """
    here = (
        MatchMember.objects.current()
        .filter(match=OuterRef("match"), role=OuterRef("role"), enrolment__status="enrolled")
        .exclude(match__cohort__program__format=ProgramFormat.PEER)
    )
    away = MatchMember.objects.current().filter(
        ~Exists(here), match=OuterRef(match_path), enrolment__status="paused"
    )
    return Exists(away)


def partners_of(match: Match, user: User) -> list[MatchMember]:
    """Return every other current member; in an ended match, everybody who was in it."""
    return list(match.members.seated().exclude(user=user).select_related("user"))


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


def undecided_mentees(run: PairingRun) -> QuerySet[Enrolment]:
    """Return mentees of the pool who have no live proposal, rejected ones included; or peers."""
    taken = Proposal.objects.filter(run=run).exclude(state=ProposalState.REJECTED)
    waiting = run.cohort.enrolments.in_pool().filter(role=MemberRole.MENTEE)
    if run.is_of_peers:
        waiting = waiting.exclude(pk__in=taken.values("mentor_id"))
    return (
        waiting.exclude(pk__in=taken.values("mentee_id"))
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


def is_publishing(**of: Any) -> bool:
    """Tell whether a draft is being published just now: pass ``run=`` or ``run__cohort=``."""
    return bool(Publication.objects.open().filter(**of).exists())


def pool_counts(cohort: Cohort) -> dict[str, int]:
    """Count mentees who wait, mentors, and the seats they have left, as the pairing takes them.

    Those whom pairing leaves out until they finish the required training, or pass every screening
    step, are counted apart. Seven queries at most.
    """
    taken = (
        MatchMember.objects.current()
        .filter(enrolment=OuterRef("pk"))
        .order_by()
        .values("enrolment")
        .annotate(found=Count("pk"))
    )
    today = timezone.now().date()
    unscreened = unscreened_for_system(cohort, today=today)
    left_out = left_out_for_system(cohort, today=today) - unscreened
    pool = cohort.enrolments.in_pool().annotate(taken=Coalesce(Subquery(taken.values("found")), 0))
    left = Greatest(F("capacity") - F("taken"), Value(0))
    mentors = Count("pk", filter=Q(role=MemberRole.MENTOR))
    mentees = Count("pk", filter=Q(role=MemberRole.MENTEE, taken=0))
    counts: dict[str, Any] = pool.exclude(pk__in=left_out | unscreened).aggregate(
        mentors=mentors, mentees=mentees, seats=Sum(left, filter=Q(role=MemberRole.MENTOR))
    )
    counts |= pool.filter(pk__in=left_out).aggregate(
        untrained_mentors=mentors, untrained_mentees=mentees
    )
    counts["unscreened_mentors"] = counts["unscreened_mentees"] = 0
    if unscreened:
        counts |= pool.filter(pk__in=unscreened).aggregate(
            unscreened_mentors=mentors, unscreened_mentees=mentees
        )
    return {name: value or 0 for name, value in counts.items()}


def counted_traits(cohort: Cohort | OuterRef) -> QuerySet[PairingTrait]:
    """Return the traits that the cohort's policy weighs now; nothing else is asked or compared."""
    named = PolicyCriterion.objects.filter(
        policy=OuterRef("policy"), kind=CriterionKind.TRAIT, question_key=OuterRef("key")
    )
    return PairingTrait.objects.filter(Exists(named), policy__cohort=cohort)


def traits_for(enrolment: Enrolment) -> QuerySet[PairingTrait]:
    """Return what somebody is asked, and what they agreed to before: it can always be taken back.

    Who left is asked nothing new. None where there is nothing of either.
    """
    agreed = PairingTrait.objects.filter(consents__enrolment=enrolment)
    asked = agreed if enrolment.status in OVER else counted_traits(enrolment.cohort) | agreed
    return asked.distinct().order_by("pk")


def asks_traits() -> Q:
    """Return an expression on enrolments that are not over: is anything of :func:`traits_for`?"""
    agreed = PairingTrait.objects.filter(consents__enrolment=OuterRef("pk"))
    return Exists(counted_traits(OuterRef("cohort_id"))) | Exists(agreed)


def agreed_enrolments(user: User) -> QuerySet[Enrolment]:
    """Return where this person agreed to have a trait compared, also after leaving."""
    return (
        Enrolment.objects.filter(Exists(TraitConsent.objects.filter(enrolment=OuterRef("pk"))))
        .filter(user=user)
        .select_related("cohort__program")
        .order_by("pk")
    )
