"""The only way a view gets a run, a proposal or a match."""

from __future__ import annotations

from django.http import Http404

from accounts.models import User
from matching.circle_listing import not_of
from matching.models import Match, PairingRun, Proposal, ProposedCircle, Scenario
from matching.standing_circles import waiting_for_a_circle
from participants.models import Enrolment
from programs.models import Cohort

MEMBER, MANAGER = "member", "manager"


def get_match_for(user: User, pk: int) -> tuple[Match, str]:
    """Return a match and the seat the person has there: member or manager.

    Who is both is a member only. Raises Http404 for everybody else.
    """
    rows = Match.objects.select_related("cohort__program")
    own = rows.of(user).filter(pk=pk).first()
    if own is not None:
        return own, MEMBER
    managed = rows.managed_by(user).filter(pk=pk).first()
    if managed is None:
        raise Http404
    return managed, MANAGER


def get_own_match(user: User, pk: int) -> Match:
    """Return a match whose words this person shares: a current member, or one until its end.

    Raises Http404 for everybody else, managers and those who left a circle before its end included.
    """
    rows = Match.objects.of(user).select_related("cohort__program")
    match: Match | None = rows.filter(pk=pk).first()
    if match is None:
        raise Http404
    return match


def get_managed_run(user: User, pk: int) -> PairingRun:
    """Return a run of a cohort that this person manages, without its frozen pool."""
    run = (
        PairingRun.objects.managed_by(user)
        .select_related("cohort__program")
        .defer("pool_snapshot")
        .filter(pk=pk)
        .first()
    )
    if run is None:
        raise Http404
    return run


def get_managed_proposal(user: User, pk: int) -> Proposal:
    """Return a proposed pair that this person may decide about; never one that concerns them."""
    proposal = (
        Proposal.objects.managed_by(user)
        .select_related("run__cohort__program", "mentee__user", "mentor__user")
        .defer("run__pool_snapshot")
        .filter(pk=pk, circle=None)
        .first()
    )
    if proposal is None:
        raise Http404
    return proposal


def get_managed_pair(user: User, pk: int) -> Proposal:
    """Return a proposed mentor and mentee; peers change partners otherwise."""
    proposal = get_managed_proposal(user, pk)
    if proposal.is_of_peers:
        raise Http404
    return proposal


def get_managed_circle(user: User, pk: int) -> ProposedCircle:
    """Return a circle that this person may decide about; never one that concerns them."""
    rows = not_of(ProposedCircle.objects.filter(run__in=PairingRun.objects.managed_by(user)), user)
    circle: ProposedCircle | None = (
        rows.select_related("run__cohort__program")
        .defer("run__pool_snapshot")
        .filter(pk=pk)
        .first()
    )
    if circle is None:
        raise Http404
    return circle


def get_waiting_mentee(user: User, pk: int) -> Enrolment:
    """Return a mentee of a managed cohort who is in no match; never oneself."""
    found = Enrolment.objects.filter(pk=pk, cohort__in=Cohort.objects.managed_by(user))
    mentee: Enrolment | None = found.select_related("cohort__program", "user").first()
    if mentee is None or not waiting_for_a_circle(mentee.cohort, user).filter(pk=pk).exists():
        raise Http404
    return mentee


def get_managed_seat(user: User, pk: int) -> Proposal:
    """Return a seat in a circle that this person may decide about."""
    rows = Proposal.objects.exclude(circle=None).select_related("mentee__user")
    seat = rows.filter(pk=pk).first()
    if seat is None:
        raise Http404
    seat.circle = get_managed_circle(user, seat.circle_id or 0)
    seat.run = seat.circle.run
    return seat


def get_managed_scenario(user: User, pk: int) -> Scenario:
    """Return what somebody tried on a draft of a cohort that this person manages."""
    scenario = (
        Scenario.objects.managed_by(user)
        .select_related("run__cohort__program")
        .defer("run__pool_snapshot")
        .filter(pk=pk)
        .first()
    )
    if scenario is None:
        raise Http404
    return scenario
