"""Note who has opened an answer; its author sees it beside what they said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef

from accounts.models import User
from feedback.models import AnswerReading, CheckIn, FitQuestion


def note_check_ins_read(*, check_ins: Iterable[CheckIn], reader: User, now: datetime) -> int:
    """Note that these answers stood on the reader's screen, each once until it changes.

    Returns how many were new to this reader. Effects: rows of readings. One query when nothing is
    new, else two.
    """
    read = AnswerReading.objects.filter(
        check_in=OuterRef("pk"), reader=reader, read_at__gte=OuterRef("answered_at")
    )
    new = CheckIn.objects.filter(
        ~Exists(read), pk__in=[row.pk for row in check_ins], answered_at__lte=now
    ).exclude(user=reader)
    rows = [
        AnswerReading(check_in_id=pk, reader=reader, read_at=now)
        for pk in new.values_list("pk", flat=True)
    ]
    return _keep(rows, about="check_in")


def note_fits_read(*, fits: Iterable[FitQuestion], reader: User, now: datetime) -> int:
    """Note that these answers stood on the reader's screen; as ``note_check_ins_read``."""
    read = AnswerReading.objects.filter(
        fit=OuterRef("pk"), reader=reader, read_at__gte=OuterRef("answered_at")
    )
    new = FitQuestion.objects.filter(
        ~Exists(read), pk__in=[row.pk for row in fits], answered_at__lte=now
    ).exclude(user=reader)
    rows = [
        AnswerReading(fit_id=pk, reader=reader, read_at=now)
        for pk in new.values_list("pk", flat=True)
    ]
    return _keep(rows, about="fit")


def _keep(rows: list[AnswerReading], *, about: str) -> int:
    if rows:
        AnswerReading.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=(about, "reader"),
            update_fields=("read_at",),
        )
    return len(rows)
