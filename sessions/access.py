"""The only way a view gets a meeting, an action item or an event."""

from __future__ import annotations

import uuid

from django.http import Http404

from accounts.models import User
from matching.access import MANAGER, MEMBER
from matching.models import Match
from sessions.models import ActionItem, AgendaItem, CohortEvent, Meeting, MeetingProposal
from sessions.querysets import CohortEventQuerySet
from sessions.selectors import own_event


def get_meeting_for(user: User, pk: int) -> tuple[Meeting, str]:
    """Return a meeting and the person's seat: member, or manager who sees no words."""
    rows = Meeting.objects.select_related("match__cohort__program", "logged_by")
    own = rows.of(user).filter(pk=pk).first()
    if own is not None:
        return own, MEMBER
    managed = rows.managed_by(user).filter(pk=pk).first()
    if managed is None:
        raise Http404
    return managed, MANAGER


def get_own_action(user: User, pk: uuid.UUID) -> ActionItem:
    """Return an action item of one of the person's matches, else 404."""
    own = Match.objects.of(user)
    action = (
        ActionItem.objects.filter(pk=pk, match__in=own)
        .select_related("match__cohort", "owner")
        .first()
    )
    if action is None:
        raise Http404
    return action


def get_own_meeting(user: User, pk: int) -> Meeting:
    """Return a meeting of one of the person's matches, else 404."""
    meeting = (
        Meeting.objects.of(user)
        .select_related("match__cohort__program", "series")
        .filter(pk=pk)
        .first()
    )
    if meeting is None:
        raise Http404
    return meeting


def get_own_offer(user: User, pk: int) -> MeetingProposal:
    """Return an offer of times in one of the person's matches, else 404."""
    own = Match.objects.of(user)
    rows = MeetingProposal.objects.filter(pk=pk, match__in=own)
    offer = rows.select_related("match__cohort__program", "moves").first()
    if offer is None:
        raise Http404
    return offer


def get_own_agenda_item(user: User, pk: uuid.UUID) -> AgendaItem:
    """Return an agenda item of one of the person's meetings, else 404."""
    rows = AgendaItem.objects.filter(pk=pk, meeting__match__in=Match.objects.of(user))
    item = rows.select_related("meeting__match__cohort", "added_by").first()
    if item is None:
        raise Http404
    return item


def get_event_for(user: User, pk: int) -> tuple[CohortEvent, bool]:
    """Return an event with the guest's answer, and whether the person manages its cohort."""
    managed = _events(CohortEvent.objects.managed_by(user), pk)
    event = own_event(user, pk) or managed
    if event is None:
        raise Http404
    return event, managed is not None


def get_managed_event(user: User, pk: int) -> CohortEvent:
    """Return an event of a cohort that this person manages, else 404."""
    event = _events(CohortEvent.objects.managed_by(user), pk)
    if event is None:
        raise Http404
    return event


def get_own_event(user: User, pk: int) -> CohortEvent:
    """Return an event that this person is invited to, else 404."""
    event = own_event(user, pk)
    if event is None:
        raise Http404
    return event


def _events(rows: CohortEventQuerySet, pk: int) -> CohortEvent | None:
    return rows.select_related("words", "cohort__program").filter(pk=pk).first()
