"""Store that somebody from outside agreed to keep what they hear to themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.services import record
from participants.confidentiality import open_programs
from participants.models import Confidentiality, ConfidentialityText
from programs.models import Program


@transaction.atomic
def agree(*, person: User, digests: Collection[str], now: datetime) -> int:
    """Take the person's yes to the words they were shown; return how many were new.

    ``digests`` names those words: what was changed meanwhile is asked again.

    Effects, for each program: the agreement, a new version of the text where its words are new, and
    an audit row; the program is locked.
    """
    shown = [program for program in open_programs(person) if program.digest in digests]
    for program in shown:
        _agree(person, program, now)
    return len(shown)


def _agree(person: User, program: Any, now: datetime) -> None:
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    rows = ConfidentialityText.objects.filter(program=program)
    words = rows.filter(digest=program.digest).first()
    if words is None:
        newest = rows.order_by("-version").first()
        words = ConfidentialityText.objects.create(
            program=program,
            version=newest.version + 1 if newest else 1,
            text=program.confidentiality_text,
            digest=program.digest,
            first_used_at=now,
        )
    Confidentiality.objects.get_or_create(user=person, text=words, defaults={"agreed_at": now})
    record(
        actor=person,
        action="participants.confidentiality_agreed",
        about=words,
        now=now,
        program_id=program.pk,
        detail={"version": words.version},
    )
