"""The only way a view gets an item of the queue."""

from __future__ import annotations

from django.http import Http404

from accounts.models import User
from support.models import WorkItem


def get_item_for(user: User, pk: int) -> WorkItem:
    """Return an item of a program that this person manages and that does not concern them.

    Raises:
        Http404: there is none for this person.
    """
    rows = WorkItem.objects.managed_by(user).select_related(
        "cohort__program", "match", "enrolment__user", "owner", "closed_by"
    )
    item: WorkItem | None = rows.filter(pk=pk).first()
    if item is None:
        raise Http404
    return item
