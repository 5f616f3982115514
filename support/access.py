"""The only way a view gets an item of the queue, or a look ahead."""

from __future__ import annotations

from django.http import Http404

from accounts.models import User
from programs.models import Cohort
from support.models import Announcement, Rehearsal, WorkItem


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


def get_announcement_for(user: User, pk: int) -> Announcement:
    """Return a message of a program that this person manages, with its words.

    Raises:
        Http404: there is none for this person.
    """
    rows = Announcement.objects.managed_by(user).select_related(
        "cohort__program", "author", "words", "match", "enrolment", "item"
    )
    row: Announcement | None = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def get_rehearsal_for(user: User, pk: int) -> Rehearsal:
    """Return a look ahead at a cohort that this person manages.

    Raises:
        Http404: there is none for this person.
    """
    rows = Rehearsal.objects.filter(cohort__in=Cohort.objects.managed_by(user))
    row = rows.select_related("cohort__program", "compared_with").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row
