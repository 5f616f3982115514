"""Offer times, and answer an offer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, DomainError, NotAllowed
from matching.models import Match, MatchMember
from sessions.models import (
    MOST_SLOTS,
    Meeting,
    MeetingProposal,
    ProposalPlan,
    ProposalState,
    ProposedSlot,
)
from sessions.services import rules
from sessions.services.attending import refuse_own_clash
from sessions.services.booking import needed_of, plan_meeting, planned, shift_meeting
from sessions.services.plans import LONGEST_LINE, Plan, keep_words, note_down, tell


@transaction.atomic
def propose_times(
    *,
    match: Match,
    actor: User,
    now: datetime,
    starts: Sequence[datetime],
    plan: Plan,
    note: str = "",
    moves: Meeting | None = None,
) -> MeetingProposal:
    """Offer the others of a match one to three times; with ``moves``, for a planned meeting.

    An earlier offer of the actor that nobody has answered is withdrawn: one at a time.

    Raises:
        NotAllowed: the actor is not a current member.
        Conflict: the actor has another meeting at one of the times.
        DomainError: no time, too many, one that is past, or another value that cannot be.
    Effects: the offer, its times and words, one audit row, a message to each other member; no
        hour is taken; locks the match.
    """
    match = rules.lock_match(match)
    members = {member.user_id for member in rules.require_open_member(match, actor)}
    plan = plan.checked()
    times = sorted(set(starts))
    if not 1 <= len(times) <= MOST_SLOTS:
        raise DomainError(_("Choose one, two or three times."), code="slots", field="picks")
    for starts_at in times:
        rules.check_start(starts_at, now=now, field="picks")
        refuse_own_clash(starts_at, plan.minutes, actor=actor, but=moves, field="picks")
    if moves is not None and planned(moves).match_id != match.pk:
        raise NotAllowed(_("This meeting belongs to another match."))
    close_offers(match=match, of=actor, actor=actor, now=now, state=ProposalState.WITHDRAWN)
    proposal = MeetingProposal.objects.create(
        match=match,
        proposed_by=actor,
        kind=plan.kind,
        minutes=plan.minutes,
        how=plan.how,
        moves=moves,
        created_at=now,
    )
    ProposedSlot.objects.bulk_create(
        ProposedSlot(proposal=proposal, position=at, starts_at=starts_at)
        for at, starts_at in enumerate(times, start=1)
    )
    keep_words(
        ProposalPlan, proposal, link=plan.link, place=plan.place, note=note.strip()[:LONGEST_LINE]
    )
    note_down(proposal, "meeting.times_offered", actor=actor, match=match, now=now)
    tell("proposed", about=proposal.pk, to=members - {actor.pk}, match=match, now=now)
    return proposal


@transaction.atomic
def accept_time(*, slot: ProposedSlot, actor: User, now: datetime) -> Meeting:
    """Take one of the offered times; the meeting is booked, or moved there, for everybody.

    Any current member other than who offered may accept, in a circle the first who does: the two
    must be free, who else is not stays invited.

    Raises:
        NotAllowed: the actor offered the times, or is not a current member.
        Conflict: the offer is answered already, or somebody is not free then.
        DomainError: the time is past, or the match does not meet.
    Effects: the meeting, the offer's state, one or two audit rows, an invitation to each; the
        actor's own open offer is withdrawn; locks the match and its people.
    """
    proposal, match, members = _open_offer(slot.proposal, actor)
    if proposal.proposed_by_id == actor.pk:
        raise NotAllowed(_("Somebody else takes one of the times that you offered."))
    if proposal.proposed_by_id not in members:
        raise DomainError(_("Who offered these times is not in the match any more."), code="gone")
    rules.check_start(slot.starts_at, now=now, field="slot")
    needed = needed_of(members, actor.pk, proposal.proposed_by_id)
    if proposal.moves_id:
        meeting = planned(proposal.moves)  # type: ignore[arg-type]
        shift_meeting(
            meeting,
            actor=actor,
            now=now,
            starts_at=slot.starts_at,
            minutes=proposal.minutes,
            members=members,
            needed=needed,
        )
    else:
        meeting = plan_meeting(
            match=match,
            actor=actor,
            now=now,
            starts_at=slot.starts_at,
            plan=_plan_of(proposal),
            members=members,
            needed=needed,
        )
    _close(proposal, ProposalState.ACCEPTED, actor=actor, now=now, meeting=meeting)
    ProposedSlot.objects.filter(pk=slot.pk).update(is_accepted=True)
    close_offers(match=match, of=actor, actor=actor, now=now, state=ProposalState.WITHDRAWN)
    tell(
        "moved" if proposal.moves_id else "booked",
        about=meeting.pk,
        to=members,
        match=match,
        now=now,
        occasion=str(meeting.sequence),
    )
    return meeting


def _plan_of(proposal: MeetingProposal) -> Plan:
    words = ProposalPlan.objects.filter(proposal=proposal).first()
    return Plan(
        minutes=proposal.minutes,
        kind=proposal.kind,
        how=proposal.how,
        link=str(words.link) if words else "",
        place=str(words.place) if words else "",
    )


@transaction.atomic
def decline_times(*, proposal: MeetingProposal, actor: User, now: datetime) -> MeetingProposal:
    """Say that none of the times suits; who offered them is told.

    Raises:
        NotAllowed: the actor offered them, or is not a current member.
        Conflict: the offer is answered already.
    Effects: the offer's state, one audit row, a message to who offered.
    """
    proposal, match, _members = _open_offer(proposal, actor)
    if proposal.proposed_by_id == actor.pk:
        raise NotAllowed(_("Withdraw what you offered yourself."))
    _close(proposal, ProposalState.DECLINED, actor=actor, now=now)
    note_down(proposal, "meeting.times_declined", actor=actor, match=match, now=now)
    tell("declined", about=proposal.pk, to=[proposal.proposed_by_id], match=match, now=now)
    return proposal


@transaction.atomic
def withdraw_times(*, proposal: MeetingProposal, actor: User, now: datetime) -> MeetingProposal:
    """Take an offer back; nobody is mailed, the page says so.

    Raises:
        NotAllowed: somebody else offered them.
        Conflict: the offer is answered already.
    Effects: the offer's state, one audit row.
    """
    proposal, match, _members = _open_offer(proposal, actor)
    if proposal.proposed_by_id != actor.pk:
        raise NotAllowed(_("Only who offered times can withdraw them."))
    _close(proposal, ProposalState.WITHDRAWN, actor=actor, now=now)
    note_down(proposal, "meeting.times_withdrawn", actor=actor, match=match, now=now)
    return proposal


@transaction.atomic
def expire_offers(*, now: datetime) -> int:
    """Close offers whose last time is past, or whose match or author has gone; return how many."""
    rows = (
        MeetingProposal.objects.filter(state=ProposalState.OPEN)
        .alias(last=Max("slots__starts_at"))
        .filter(last__lte=now)
        .values("pk")
    )
    closed: int = MeetingProposal.objects.filter(pk__in=rows, state=ProposalState.OPEN).update(
        state=ProposalState.EXPIRED, answered_at=now
    )
    sits = MatchMember.objects.current().filter(
        match=OuterRef("match"), user=OuterRef("proposed_by")
    )
    gone = MeetingProposal.objects.filter(
        Q(match__status="ended") | ~Exists(sits), state=ProposalState.OPEN
    )
    return closed + gone.update(state=ProposalState.EXPIRED, answered_at=now)


def close_offers(*, match: Match, of: User, actor: User, now: datetime, state: str) -> None:
    """Close the open offer of one person, if there is one."""
    MeetingProposal.objects.filter(match=match, proposed_by=of, state=ProposalState.OPEN).update(
        state=state, answered_by=actor, answered_at=now
    )


def _open_offer(proposal: MeetingProposal, actor: User) -> tuple[MeetingProposal, Match, set[int]]:
    """Return an offer that still waits, its match and people, both locked."""
    match = rules.lock_match(proposal.match)
    members = {member.user_id for member in rules.require_open_member(match, actor)}
    fresh = MeetingProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if fresh.state != ProposalState.OPEN:
        raise Conflict(
            _("This offer is closed already: %(state)s.") % {"state": fresh.get_state_display()}
        )
    return fresh, match, members


def _close(
    proposal: MeetingProposal,
    state: str,
    *,
    actor: User,
    now: datetime,
    meeting: Meeting | None = None,
) -> None:
    proposal.state, proposal.answered_by, proposal.answered_at = state, actor, now
    proposal.meeting = meeting
    proposal.save(update_fields=["state", "answered_by", "answered_at", "meeting"])
