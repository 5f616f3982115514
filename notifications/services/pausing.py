"""Hold mail back, for one person, one match, one cohort or everything, and let it go again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from notifications.models import MessagePause, PauseScope, Wait
from notifications.services.bouncing import release

LONGEST_WHY = 200


@transaction.atomic
def pause_messages(
    *,
    scope: PauseScope,
    why: str,
    actor: User,
    now: datetime,
    person: User | None = None,
    match_id: int | None = None,
    cohort_id: int | None = None,
    program_id: int | None = None,
) -> MessagePause:
    """Hold back what is not urgent, from now on, until somebody ends the pause.

    ``program_id`` bounds a pause of a person, or of everything, to one program's mail; None means
    all mail. Effects: one row, one audit row (without the reason's words).

    Raises:
        DomainError: no reason is given.
        Conflict: it is paused already.
    """
    if not why.strip():
        raise DomainError(_("Say why, for whoever finds the pause."), code="why", field="why")
    pause, is_new = MessagePause.objects.get_or_create(
        scope=scope,
        person=person,
        match_id=match_id,
        cohort_id=cohort_id,
        program_id=program_id,
        ended_at=None,
        defaults={"why": why.strip()[:LONGEST_WHY], "paused_by": actor, "paused_at": now},
    )
    if not is_new:
        raise Conflict(_("This mail is paused already."))
    _record(pause, "message.paused", actor=actor, now=now)
    return pause


@transaction.atomic
def end_pause(*, pause: MessagePause, actor: User, now: datetime) -> MessagePause:
    """Let held mail go: what is still wanted by then is sent, the rest is skipped and says why.

    Effects: the pause is closed, held messages are due, one audit row.

    Raises:
        Conflict: it has ended already.
    """
    ended = MessagePause.objects.filter(pk=pause.pk, ended_at__isnull=True).update(
        ended_at=now, ended_by=actor
    )
    if not ended:
        raise Conflict(_("This pause has ended already."))
    release(waits_for=Wait.PAUSE, now=now, **_held_by(pause))
    _record(pause, "message.pause_ended", actor=actor, now=now)
    pause.refresh_from_db()
    return pause


def _record(pause: MessagePause, action: str, *, actor: User, now: datetime) -> None:
    detail = {"scope": str(pause.scope)}
    record(
        actor=actor,
        action=action,
        about=pause,
        now=now,
        program_id=pause.program_id,
        detail=detail,
    )


def _held_by(pause: MessagePause) -> dict[str, Any]:
    if pause.scope == PauseScope.MATCH:
        return {"match_id": pause.match_id}
    if pause.scope == PauseScope.COHORT:
        return {"cohort_id": pause.cohort_id}
    bounds = {"recipient": pause.person_id, "program_id": pause.program_id}
    return {name: value for name, value in bounds.items() if value is not None}
