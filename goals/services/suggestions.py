"""Make the suggestions that are delivered with the product a program's own, to be edited."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from goals.models import GoalSuggestion
from goals.suggestions import delivered
from programs.models import Program


@transaction.atomic
def adopt_suggestions(*, program: Program, actor: User, now: datetime) -> int:
    """Copy the delivered suggestions to a program that has none, in the actor's language.

    Effects: rows and one audit row; nothing where the program has some already. The caller has
    checked that the actor manages the program. Returns how many.
    """
    Program.objects.select_for_update().get(pk=program.pk)
    if GoalSuggestion.objects.filter(program=program).exists():
        return 0
    rows = [
        GoalSuggestion(
            program=program,
            audience=offer.audience,
            title=str(offer.title),
            why=str(offer.why),
            measure=str(offer.measure),
            position=at,
        )
        for at, offer in enumerate(delivered(), start=1)
    ]
    GoalSuggestion.objects.bulk_create(rows)
    record(
        actor=actor,
        action="goal_suggestions.adopted",
        about=program,
        now=now,
        program_id=program.pk,
        detail={"count": len(rows)},
    )
    return len(rows)
