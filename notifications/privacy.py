"""This app's part of a person's data: which mails they were sent, and what they chose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.dates import WEEKDAYS as WEEKDAYS_BY_NUMBER
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
from notifications import registry
from notifications.models import (
    Bounce,
    DigestWish,
    MailReturn,
    Message,
    MessagePause,
    MessagePreference,
    MessageState,
    MessageStop,
    Notice,
)
from notifications.reasons import LEFT

A_PIECE = 500
WEEKDAYS = tuple(WEEKDAYS_BY_NUMBER.values())


def register() -> None:
    register_exporter(
        Exporter(
            name="messages",
            title=_("Mails to you"),
            fields={
                "kind": _("What about"),
                "due_at": _("Due"),
                "sent_at": _("Sent"),
                "state": _("State"),
            },
            rows=_messages,
            covers=("notifications.Message.recipient",),
        )
    )
    register_exporter(
        Exporter(
            name="inbox",
            title=_("Your inbox"),
            fields={
                "line": _("What about"),
                "page": _("Page"),
                "shown_at": _("Shown"),
                "read_at": _("Read"),
            },
            rows=_notices,
            covers=("notifications.Notice.recipient",),
        )
    )
    register_exporter(
        Exporter(
            name="mail_choices",
            title=_("What mail you want"),
            fields={"what": _("What"), "value": _("Your choice"), "at": _("Since")},
            rows=_choices,
            covers=(
                "notifications.MessageStop.user",
                "notifications.MessagePreference.user",
                "notifications.DigestWish.user",
                "notifications.Bounce.user",
                "notifications.MailReturn.user",
                "notifications.MessagePause.person",
            ),
        )
    )
    by_the_way = "Done for a program; the act is in the log."
    leave_out(
        {
            "notifications.MessagePause.paused_by": by_the_way,
            "notifications.MessagePause.ended_by": by_the_way,
            "notifications.Bounce.lifted_by": by_the_way,
            "notifications.Webhook.created_by": by_the_way,
        }
    )
    register_eraser(Eraser(name="notifications", erase=_erase))


def _title(name: str) -> str:
    kind = registry.find(name)
    return kind.label if kind else name


def _messages(person: User) -> Iterator[Row]:
    rows = Message.objects.filter(recipient=person).order_by("pk")
    for message in rows.iterator(chunk_size=A_PIECE):
        yield {
            "kind": _title(message.kind),
            "due_at": message.due_at,
            "sent_at": message.sent_at,
            "state": message.get_state_display(),
        }


def _notices(person: User) -> Iterator[Row]:
    rows = Notice.objects.filter(recipient=person).order_by("shown_at", "pk")
    for notice in rows.iterator(chunk_size=A_PIECE):
        yield {
            "line": notice.line,
            "page": notice.path,
            "shown_at": notice.shown_at,
            "read_at": notice.read_at,
        }


def _choices(person: User) -> Iterator[Row]:
    for stop in MessageStop.objects.filter(user=person).order_by("pk"):
        value = str(_("stopped"))
        yield {
            "what": _title(stop.kind),
            "value": f"{stop.get_channel_display()}: {value}",
            "at": stop.stopped_at,
        }
    for wish in DigestWish.objects.filter(user=person).order_by("pk"):
        yield {"what": _title(wish.kind), "value": str(_("once a day")), "at": wish.wished_at}
    for bounce in Bounce.objects.filter(user=person).order_by("pk"):
        what = str(_("An address that took no mail"))
        yield {"what": what, "value": bounce.address, "at": bounce.bounced_at}
    for back in MailReturn.objects.filter(user=person).order_by("pk"):
        what = str(_("A mail that came back from"))
        yield {"what": what, "value": back.address, "at": back.returned_at}
    for pause in MessagePause.objects.filter(person=person).order_by("pk"):
        yield {"what": str(_("Mail held back")), "value": pause.why, "at": pause.paused_at}
    for chosen in MessagePreference.objects.filter(user=person):
        if chosen.quiet_from is not None and chosen.quiet_until is not None:
            hours = f"{chosen.quiet_from:%H:%M} – {chosen.quiet_until:%H:%M}"
            yield {"what": str(_("Quiet hours")), "value": hours}
        if chosen.leave_from is not None and chosen.leave_until is not None:
            days = f"{chosen.leave_from.isoformat()} – {chosen.leave_until.isoformat()}"
            yield {"what": str(_("Away")), "value": days}
        off = ", ".join(str(WEEKDAYS[day - 1]) for day in sorted(chosen.days_off))
        yield {"what": str(_("Days off")), "value": off}
        if chosen.holiday_region:
            yield {"what": str(_("Public holidays")), "value": chosen.holiday_region}


def _erase(person: User, now: datetime) -> None:
    open_states = (MessageState.DUE, MessageState.CLAIMED)
    Message.objects.filter(recipient=person, state__in=open_states).update(
        state=MessageState.SKIPPED, lease_until=None, reason=LEFT
    )
    Notice.objects.filter(recipient=person).delete()
    MessageStop.objects.filter(user=person).delete()
    MessagePreference.objects.filter(user=person).delete()
    DigestWish.objects.filter(user=person).delete()
    Bounce.objects.filter(user=person).delete()
    MailReturn.objects.filter(user=person).delete()
    MessagePause.objects.filter(person=person).delete()
