"""A person's data of what the people of a match do together: expectations, agreement, messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
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
from matching.models import (
    AgreementSignature,
    AgreementVersion,
    ExpectationSheet,
    ThreadMail,
    ThreadMessage,
    ThreadRead,
)
from matching.sealed import answers_in, parts_of

A_PIECE = 200


def register() -> None:
    register_exporter(
        Exporter(
            name="expectations",
            title=_("What you expect of your matches"),
            fields={"match": _("match"), "answers": _("answers"), "changed_at": _("changed")},
            rows=_expectations,
            covers=("matching.ExpectationSheet.user",),
        )
    )
    register_exporter(
        Exporter(
            name="agreements",
            title=_("Agreements you wrote or signed"),
            fields={
                "match": _("match"),
                "version": _("version"),
                "text": _("agreement"),
                "written_at": _("written"),
                "signed_at": _("signed"),
            },
            rows=_agreements,
            covers=("matching.AgreementVersion.written_by", "matching.AgreementSignature.user"),
        )
    )
    register_exporter(
        Exporter(
            name="thread_messages",
            title=_("Messages you wrote"),
            fields={"match": _("match"), "text": _("message"), "sent_at": _("sent")},
            rows=_messages,
            covers=("matching.ThreadMessage.author",),
        )
    )
    register_eraser(Eraser(name="together", erase=_erase))
    leave_out(
        {
            "matching.MatchConfirmation.user": "A yes; the act is in the log.",
            "matching.ThreadRead.user": "How far somebody has read; it goes with the account.",
            "matching.ThreadMail.user": "A setting; it goes with the account.",
        }
    )


def _expectations(person: User) -> Iterator[Row]:
    for sheet in ExpectationSheet.objects.filter(user=person).order_by("changed_at"):
        yield {
            "match": sheet.match_id,
            "answers": answers_in(sheet),
            "changed_at": sheet.changed_at,
        }


def _agreements(person: User) -> Iterator[Row]:
    signed = AgreementSignature.objects.filter(version=OuterRef("pk"), user=person)
    rows = AgreementVersion.objects.filter(Q(written_by=person) | Exists(signed))
    for version in rows.order_by("written_at").iterator(chunk_size=A_PIECE):
        own = version.signatures.filter(user=person).first()
        yield {
            "match": version.match_id,
            "version": version.number,
            "text": {part: text for part, text in parts_of(version).items() if text},
            "written_at": version.written_at,
            "signed_at": own.signed_at if own else None,
        }


def _messages(person: User) -> Iterator[Row]:
    rows = ThreadMessage.objects.filter(author=person, removed_at__isnull=True)
    for message in rows.order_by("sent_at").iterator(chunk_size=A_PIECE):
        yield {"match": message.match_id, "text": message.text, "sent_at": message.sent_at}


def _erase(person: User, now: datetime) -> None:
    """Delete answers that nobody else has read; what was shared stays with the others."""
    unread = ExpectationSheet.objects.filter(match=OuterRef("match"), answered_at__isnull=False)
    own = ExpectationSheet.objects.filter(user=person)
    own.filter(~Exists(unread.exclude(user=person)) | Q(answered_at__isnull=True)).delete()
    ThreadRead.objects.filter(user=person).delete()
    ThreadMail.objects.filter(user=person).delete()
