"""Which rows of the audit log concern the meetings of a person's own matches."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from matching.concerns import own_match_ids
from sessions.models import ActionItem, MatchRoom, Meeting, MeetingProposal, MeetingSeries


def own_events(user: User) -> Q:
    """Meetings, plans and action items, also removed ones: their events name the match."""
    models = (Meeting, ActionItem, MeetingProposal, MeetingSeries, MatchRoom)
    labels = [model._meta.label_lower for model in models]
    return Q(object_type__in=labels, detail__match__in=own_match_ids(user))
