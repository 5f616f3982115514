"""Which rows of the audit log concern what the queue holds about a person's own matches."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from matching.concerns import own_match_ids
from support.models import WorkItem


def own_events(user: User) -> Q:
    """What managers do with items about matches the person is in, and about themselves."""
    rows = WorkItem.objects.filter(Q(match__in=own_match_ids(user)) | Q(enrolment__user=user))
    ids = rows.values_list("pk", flat=True)
    return Q(object_type=WorkItem._meta.label_lower, object_id__in=map(str, ids))
