"""How this app's rows find the kept account when two become one."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, Q
from django.utils.translation import gettext as _

from accounts import merging
from accounts.models import User
from participants.merging import absorb, goes_along
from support.models import HelpContact, HelpRequest, Leaver


def register() -> None:
    merging.move(
        "support.Announcement.author",
        "support.ChatChannel.created_by",
        "support.Feed.requested_by",
        "support.FeedRow.user",
        "support.FeedSettings.told",
        "support.HelpContact.person",
        "support.HelpContact.deputy",
        "support.HelpRequest.asker",
        "support.HelpRequest.contact",
        "support.HelpRequest.deputy",
        "support.HelpRequest.seen_by",
        "support.HelpRequest.closed_by",
        "support.Leaver.person",
        "support.Leaver.recorded_by",
        "support.WorkItem.owner",
        "support.WorkItem.closed_by",
        "support.WorkNote.author",
        "support.Rehearsal.asked_by",
        "support.RehearsedMail.recipient",
    )
    merging.move_once({"support.FeedPerson.user": ()})
    absorb({"support.Announcement.enrolment": None})
    goes_along({"support.WorkItem.enrolment": "There is nothing left to do about that place."})
    merging.register_obstacles(_obstacles)


def _obstacles(keep: User, double: User) -> Iterator[str]:
    both = (keep, double)
    for_each_other = Q(asker__in=both) & (Q(contact__in=both) | Q(deputy__in=both))
    leaving = Leaver.objects.filter(undone_at__isnull=True, closed_at__isnull=True)
    is_contact, have_helped, is_leaving = User.objects.filter(pk=double.pk).values_list(
        Exists(HelpContact.objects.filter(Q(person=double) | Q(deputy=double))),
        Exists(HelpRequest.objects.filter(for_each_other)),
        Exists(leaving.filter(person__in=both)),
    )[0]
    if is_contact:
        yield _(
            "%(email)s is a contact for help, or the deputy of one. Keep that account, or have "
            "somebody else named there first."
        ) % {"email": double.email}
    if have_helped:
        yield _(
            "What the two did for each other shows that they are two people. Say below that they "
            "are not the same."
        )
    if is_leaving:
        yield _(
            "One of the two is recorded as leaving. Wait until that is closed, or undo it first."
        )
