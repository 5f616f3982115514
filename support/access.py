"""The only way a view gets an item of the queue, or a look ahead."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.access import HR, IT, has_organisation_role, may_merge
from accounts.models import User
from participants.models import Enrolment
from programs.models import Cohort, Program
from support.models import Announcement, Feed, Leaver, Rehearsal, WorkItem


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


def get_enrolment_for(user: User, pk: int) -> Enrolment:
    """Return an enrolment of a program that this person manages; never their own.

    Raises:
        PermissionDenied: the person takes part in that cohort.
        Http404: there is none for this person.
    """
    rows = Enrolment.objects.managed_by(user).exclude(user=user)
    row: Enrolment | None = rows.select_related("cohort__program", "user").filter(pk=pk).first()
    if row is not None:
        return row
    cohorts = Enrolment.objects.filter(pk=pk).values("cohort")
    if Enrolment.objects.filter(user=user, cohort__in=cohorts).exists():
        raise PermissionDenied
    raise Http404


def get_leaver_for(user: User, pk: int) -> tuple[Leaver, Enrolment]:
    """Return who leaves a program that this person manages, with one of their enrolments there.

    Raises:
        Http404: there is none for this person.
    """
    rows = Leaver.objects.filter(program__in=Program.objects.managed_by(user)).exclude(person=user)
    row = rows.select_related("person", "program").filter(pk=pk).first()
    enrolment: Enrolment | None = None
    if row is not None:
        seats = Enrolment.objects.filter(user=row.person, cohort__program=row.program_id)
        enrolment = seats.order_by("-pk").first()
    if row is None or enrolment is None:
        raise Http404
    return row, enrolment


def keeps_hr_lists(user: User) -> bool:
    """Tell who looks after lists from HR: IT, and HR where they serve the whole organisation."""
    return user.is_active and (user.is_superuser or has_organisation_role(user, (IT, HR)))


def check_keeps_hr_lists(user: User) -> None:
    """Raise ``PermissionDenied`` for everybody else."""
    if not keeps_hr_lists(user):
        raise PermissionDenied


def get_feed_for(user: User, token: UUID) -> Feed:
    """Return a list from HR.

    Raises:
        Http404: there is none for this person.
    """
    row: Feed | None = None
    if keeps_hr_lists(user):
        row = Feed.objects.select_related("requested_by").filter(token=token).first()
    if row is None:
        raise Http404
    return row


def check_may_merge(user: User) -> None:
    """Raise ``PermissionDenied`` for everybody who does not look after everybody's accounts."""
    if not may_merge(user):
        raise PermissionDenied


def get_pair_for(user: User, low: int, high: int) -> tuple[User, User]:
    """Return two accounts that this person may compare, neither merged yet.

    Raises:
        Http404: there are no such two for this person.
    """
    if not may_merge(user) or low >= high:
        raise Http404
    rows = User.objects.filter(pk__in=(low, high), merged_into__isnull=True)
    people = {person.pk: person for person in rows.select_related("level", "manager")}
    if len(people) != 2:
        raise Http404
    return people[low], people[high]
