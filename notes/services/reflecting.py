"""Answer the question of a phase, for oneself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from notes.models import Reflection
from notes.services.rules import words
from programs.models import Phase
from programs.wording import delivered


@transaction.atomic
def reflect(*, phase: Phase, actor: User, now: datetime, text: str) -> Reflection:
    """Keep the actor's answer to the question of a phase; again replaces it.

    The caller has checked that the actor takes part in the cohort.

    Raises:
        DomainError: no words, or too many.
    Effects: one row; no audit row, as that somebody answers is theirs alone.
    """
    fresh = words(text)
    answer = Reflection.objects.select_for_update().filter(phase=phase, author=actor).first()
    if answer is None:
        answer = Reflection(phase=phase, author=actor, written_at=now)
        answer.question = delivered(phase.reflection_prompt)
    answer.text, answer.changed_at = fresh, now
    answer.save()
    return answer
