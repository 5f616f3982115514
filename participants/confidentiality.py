"""What somebody from outside still has to agree to, program by program."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Exists, F, Func, OuterRef, QuerySet

from accounts.models import User
from participants.models import Confidentiality, Enrolment
from programs.models import Program

OVER = ("withdrawn", "declined")


class Digest(Func):
    """SHA-256 of a text, as hexadecimal digits."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field = CharField()


def open_programs(person: User) -> list[Any]:
    """Return the programs whose words the person has not agreed to; ``digest``: of the words.

    One query for somebody from outside, none for everybody else.
    """
    if not person.is_external:
        return []
    return list(_open(person))


def _open(person: User) -> QuerySet[Any]:
    places = Enrolment.objects.filter(cohort__program=OuterRef("pk"), user=person)
    agreed = Confidentiality.objects.filter(
        user=person, text__program=OuterRef("pk"), text__digest=OuterRef("digest")
    )
    return (
        Program.objects.exclude(confidentiality_text="")
        .filter(Exists(places.exclude(status__in=OVER)))
        .annotate(digest=Digest(F("confidentiality_text")))
        .exclude(Exists(agreed))
        .order_by("name")
    )
