"""Keep what a cohort taught those who ran it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from programs.models import Cohort, Lesson


@transaction.atomic
def write_lessons(
    *, cohort: Cohort, texts: Sequence[str], actor: User, now: datetime
) -> list[Lesson]:
    """Keep up to three lessons by their place; an empty one is taken away.

    Effects: at most three rows, one audit row with their number.
    """
    Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    kept = {lesson.position: lesson for lesson in cohort.lessons.all()}
    for position, text in enumerate(texts, 1):
        lesson = kept.get(position)
        if not text:
            if lesson is not None:
                lesson.delete()
            continue
        if lesson is None:
            lesson = Lesson(cohort=cohort, position=position)
        if lesson._state.adding or lesson.text != text:
            lesson.text, lesson.written_by, lesson.written_at = text, actor, now
            lesson.save()
    written = list(cohort.lessons.all())
    record(
        actor=actor,
        action="cohort.lessons_written",
        about=cohort,
        now=now,
        program_id=cohort.program_id,
        detail={"count": len(written)},
    )
    return written
