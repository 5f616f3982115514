"""This app's part of a person's data: what somebody noted as a program manager."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import Exporter, Row, leave_out, register_exporter
from support.models import WorkNote


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
    by_the_way = "Done for a program; the act is in the log."
    leave_out({"support.WorkItem.owner": by_the_way, "support.WorkItem.closed_by": by_the_way})


def _notes(person: User) -> Iterator[Row]:
    for note in WorkNote.objects.filter(author=person).order_by("written_at"):
        yield {"text": note.text, "written_at": note.written_at}
