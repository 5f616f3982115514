"""What a meeting is planned with, and telling its people about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from audit.services import record
from matching.models import Match
from notifications.services import NewMessage, queue_messages
from sessions.links import checked_link
from sessions.models import Meeting, MeetingKind
from sessions.services import rules

LONGEST_LINE = 300


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long, what kind, how and where. ``minutes`` 1 to 600; ``link`` is an https address."""

    minutes: int
    kind: str = MeetingKind.TALK
    how: str = ""
    link: str = ""
    place: str = ""

    def checked(self) -> Plan:
        """Return the plan with its words trimmed.

        Raises:
            DomainError: a value cannot be; ``field`` names which.
        """
        rules.check_plan(minutes=self.minutes, kind=self.kind, how=self.how)
        return Plan(
            minutes=self.minutes,
            kind=self.kind,
            how=self.how,
            link=checked_link(self.link),
            place=self.place.strip()[:LONGEST_LINE],
        )


def keep_words(model: Any, owner: Any, **words: str) -> None:
    """Write the sealed words that stand beside ``owner``; only the named ones change."""
    (field,) = [
        relation.name
        for relation in model._meta.get_fields()
        if relation.is_relation and relation.related_model is type(owner)
    ]
    row = model.objects.filter(**{field: owner}).first()
    if row is None:
        if not any(words.values()):
            return
        row = model(**{field: owner})
    for name, text in words.items():
        setattr(row, name, text.strip())
    row.save()


def tell(
    kind: str,
    *,
    about: int,
    to: Iterable[int],
    match: Match,
    now: datetime,
    occasion: str = "",
) -> None:
    """Queue a message about a plan for these people."""
    rows = [
        NewMessage(
            kind=f"meetings.{kind}",
            recipient_id=user_id,
            object_id=about,
            occasion=occasion,
            program_id=match.cohort.program_id,
            cohort_id=match.cohort_id,
            match_id=match.pk,
        )
        for user_id in sorted(set(to))
    ]
    queue_messages(rows=rows, now=now)


def note_down(about: Any, action: str, *, actor: User | None, match: Match, now: datetime) -> None:
    """Write the audit row of an act on a plan: which match, never what it says."""
    record(
        actor=actor,
        action=action,
        about=about,
        now=now,
        program_id=match.cohort.program_id,
        detail={"match": match.pk},
    )


def people_of(meeting: Meeting) -> set[int]:
    """Return who takes part in a planned meeting."""
    return set(meeting.attendees.values_list("user_id", flat=True))
