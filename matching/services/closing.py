"""End, pause and resume matches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.clock import local_day
from core.errors import Conflict, DomainError, NotAllowed
from matching.models import EndReason, Match, MatchMember, MatchStatus
from matching.seats import goes_on_without, others_in
from notifications.services import queue_message
from participants.models import MemberRole

ALLOWED = {
    MatchStatus.ACTIVE: (MatchStatus.PAUSED, MatchStatus.ENDED),
    MatchStatus.PAUSED: (MatchStatus.ACTIVE, MatchStatus.ENDED),
    MatchStatus.ENDED: (),
}


@transaction.atomic
def end_match(*, match: Match, actor: User | None, now: datetime, reason: str) -> Match:
    """End a match for everybody in it; nobody is blamed, and the reason is for the managers only.

    Raises:
        DomainError: the reason is unknown.
        Conflict: it has ended already.
    Effects: the match, its members' ``left_at``, one audit row, and a message to everybody in it
    but the one who ended it: that it ended, and never why.
    """
    if reason not in EndReason.values:
        raise DomainError(_("Choose why the match ends."), code="reason", field="reason")
    ended_on = max(match.started_on, local_day(now, actor.time_zone if actor else "UTC"))
    _change(match, MatchStatus.ENDED, ended_on=ended_on, end_reason=reason)
    others = others_in(match, actor)
    MatchMember.objects.filter(match=match, left_at__isnull=True).update(left_at=now)
    _record(match, "match.ended", actor, now, {"reason": reason})
    _tell("matching.ended", others, match, now)
    return match


def _tell(
    kind: str, people: Iterable[User], match: Match, now: datetime, *, occasion: str = ""
) -> None:
    for person in people:
        queue_message(
            kind=kind,
            recipient=person,
            object_id=match.pk,
            occasion=occasion,
            program_id=match.cohort.program_id,
            cohort_id=match.cohort_id,
            match_id=match.pk,
            now=now,
        )


@transaction.atomic
def leave_match(*, match: Match, person: User, actor: User | None, now: datetime) -> bool:
    """Take somebody out of an open match; return whether it ended with that.

    A circle that ``goes_on_without`` them stays as it is for the others; any other match ends.

    Raises:
        Conflict: it has ended already, or they have left meanwhile.
    Effects: locks the match; the member's ``left_at``, one audit row and a message to the others,
    that somebody left and not why; or those of ``end_match``.
    """
    Match.objects.select_for_update(of=("self",), no_key=True).get(pk=match.pk)
    seat = MatchMember.objects.current().filter(match=match, user=person).first()
    if seat is None:
        raise Conflict(_("Somebody changed this match just now. Look at it again."))
    if not goes_on_without(match, person):
        end_match(match=match, actor=actor, now=now, reason=EndReason.LEFT)
        return True
    MatchMember.objects.filter(pk=seat.pk).update(left_at=now, left_early=True)
    _record(match, "match.left", actor, now, {})
    _tell("matching.left", others_in(match, None), match, now, occasion=f"{seat.pk}")
    return False


@transaction.atomic
def pause_match(*, match: Match, actor: User | None, now: datetime) -> Match:
    """Let a match rest: no check-ins, no reminders. Its other people hear of it.

    Raises:
        NotAllowed: a mentee of a circle asks, which goes on for the others; its mentors may.
        Conflict: it is not active.
    """
    if actor is not None and _is_one_of_many(match, actor):
        raise NotAllowed(_("A circle is paused by its mentors or a program manager."))
    _change(match, MatchStatus.PAUSED)
    _record(match, "match.paused", actor, now, {})
    _tell_others(match, actor, now)
    return match


def _is_one_of_many(match: Match, person: User) -> bool:
    seats = MatchMember.objects.current().filter(match=match, user=person, role=MemberRole.MENTEE)
    return seats.exists() and goes_on_without(match, person)


@transaction.atomic
def resume_match(*, match: Match, actor: User | None, now: datetime, tells: bool = True) -> Match:
    """Take a paused match up again; its other people hear of it, unless the caller tells them.

    Raises:
        Conflict: it is not paused.
    """
    _change(match, MatchStatus.ACTIVE)
    _record(match, "match.resumed", actor, now, {})
    if tells:
        _tell_others(match, actor, now)
    return match


def _tell_others(match: Match, actor: User | None, now: datetime) -> None:
    """Queue a mail to everybody of the match but who did it; what a job does is told elsewhere."""
    if actor is None:
        return
    for member in match.members.current().exclude(user=actor).select_related("user"):
        queue_message(
            kind="matching.rests",
            recipient=member.user,
            now=now,
            object_id=match.pk,
            occasion=f"{match.status}-{now:%Y%m%d%H%M%S}",
            program_id=match.cohort.program_id,
            cohort_id=match.cohort_id,
            match_id=match.pk,
        )


def _change(match: Match, target: MatchStatus, **values: object) -> None:
    sources = [source for source, targets in ALLOWED.items() if target in targets]
    changed = Match.objects.filter(pk=match.pk, status__in=sources).update(status=target, **values)
    if not changed:
        raise Conflict(_("Somebody changed this match just now. Look at it again."))
    match.status = target
    for name, value in values.items():
        setattr(match, name, value)


def _record(
    match: Match, action: str, actor: User | None, now: datetime, detail: dict[str, str]
) -> None:
    record(
        actor=actor,
        action=action,
        about=match,
        now=now,
        program_id=match.cohort.program_id,
        detail=detail,
    )
