"""This app's part of a person's data: what they noted as a manager, and asked help for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import (
    Eraser,
    Exporter,
    Row,
    leave_out,
    register_eraser,
    register_exporter,
)
from support.help import words_of
from support.models import (
    Announcement,
    FeedAction,
    FeedPerson,
    FeedRow,
    HelpRequest,
    HelpWords,
    WorkNote,
)


def register() -> None:
    register_exporter(
        Exporter(
            name="work_notes",
            title=_("What you noted as a program manager"),
            fields={"text": _("Note"), "written_at": _("Written")},
            rows=_notes,
            covers=("support.WorkNote.author",),
        )
    )
    register_exporter(
        Exporter(
            name="help_requests",
            title=_("What you asked help for"),
            fields={
                "about": _("About"),
                "text": _("What you wrote"),
                "asked_at": _("Asked"),
                "outcome": _("Outcome"),
            },
            rows=_requests,
            covers=("support.HelpRequest.asker",),
        )
    )
    register_exporter(
        Exporter(
            name="announcements",
            title=_("What you wrote to the people of your programs"),
            fields={
                "subject": _("Subject"),
                "text": _("Text"),
                "state": _("State"),
                "created_at": _("Written"),
            },
            rows=_announcements,
            covers=("support.Announcement.author",),
        )
    )
    register_exporter(
        Exporter(
            name="hr_record",
            title=_("What lists from HR say about you"),
            fields={
                "last_day": _("Last day"),
                "leave_from": _("On leave from"),
                "leave_until": _("On leave until"),
                "lists": _("Lists that changed something"),
            },
            rows=_hr_record,
            covers=("support.FeedPerson.user", "support.FeedRow.user"),
        )
    )
    register_eraser(Eraser(name="support", erase=_erase))
    asked_of = "What others asked in private is theirs."
    leave_out(
        {
            "support.HelpRequest.contact": asked_of,
            "support.HelpRequest.deputy": asked_of,
            "support.HelpRequest.seen_by": asked_of,
            "support.HelpRequest.closed_by": asked_of,
            "support.HelpContact.person": "Named by a program, shown to its participants.",
            "support.HelpContact.deputy": "Named by a program, shown to its participants.",
        }
    )
    ahead = "Computed from what the cohort holds, and forgotten after a fortnight."
    leave_out({"support.Rehearsal.asked_by": ahead, "support.RehearsedMail.recipient": ahead})
    by_the_way = "Done for a program; the act is in the log."
    leave_out(
        {
            "support.ChatChannel.created_by": by_the_way,
            "support.WorkItem.owner": by_the_way,
            "support.WorkItem.closed_by": by_the_way,
            "support.Leaver.recorded_by": by_the_way,
            "support.Feed.requested_by": by_the_way,
            "support.FeedSettings.told": by_the_way,
            "support.Leaver.person": "A day only; what followed stands with the matches.",
        }
    )


def _notes(person: User) -> Iterator[Row]:
    for note in WorkNote.objects.filter(author=person).order_by("written_at"):
        yield {"text": note.text, "written_at": note.written_at}


def _announcements(person: User) -> Iterator[Row]:
    rows = Announcement.objects.filter(author=person).select_related("words")
    for row in rows.order_by("pk"):
        yield {
            "subject": row.words.subject,
            "text": row.words.text,
            "state": row.get_state_display(),
            "created_at": row.created_at,
        }


def _hr_record(person: User) -> Iterator[Row]:
    record = FeedPerson.objects.filter(user=person).first()
    if record is None:
        return
    rows = FeedRow.objects.filter(user=person, feed__applied_at__isnull=False)
    changing = rows.exclude(action=FeedAction.UNCHANGED).select_related("feed")
    yield {
        "last_day": record.gone_on,
        "leave_from": record.leave_from,
        "leave_until": record.leave_until,
        "lists": [
            f"{row.feed.dated.isoformat()}: {row.get_action_display()}"
            for row in changing.order_by("feed__dated", "pk")
        ],
    }


def _requests(person: User) -> Iterator[Row]:
    for row in HelpRequest.objects.filter(asker=person).order_by("pk"):
        yield {
            "about": row.get_about_display(),
            "text": words_of(row),
            "asked_at": row.asked_at,
            "outcome": row.get_outcome_display(),
        }


def _erase(person: User, _now: datetime) -> None:
    """Take away what they wrote when they asked for help; that somebody asked is counted on.

    What HR's lists said about them goes, too.
    """
    FeedRow.objects.filter(user=person).delete()
    FeedPerson.objects.filter(user=person).delete()
    HelpWords.objects.filter(request__asker=person).delete()
