"""What this app hands over as somebody's data."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import Exporter, Row, leave_out, register_exporter
from programs.models import Lesson


def register() -> None:
    register_exporter(
        Exporter(
            name="lessons",
            title=_("Lessons you wrote at the end of a cohort"),
            fields={"cohort": _("Cohort"), "written_at": _("Written"), "text": _("Lesson")},
            rows=_lessons,
            covers=("programs.Lesson.written_by",),
        )
    )
    leave_out(
        {
            "programs.Cover.away": "It stands on the page of those who run the program.",
            "programs.Cover.covered_by": "It stands on the page of those who run the program.",
        }
    )


def _lessons(person: User) -> Iterator[Row]:
    rows = Lesson.objects.filter(written_by=person).select_related("cohort__program")
    for lesson in rows.order_by("written_at"):
        yield {
            "cohort": f"{lesson.cohort.program}, {lesson.cohort}",
            "written_at": lesson.written_at,
            "text": lesson.text,
        }
