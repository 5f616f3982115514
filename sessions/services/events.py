"""Plan events of a cohort, change and cancel them, answer, and note who was there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError, NotAllowed
from programs.models import Audience, Cohort, CohortStatus
from sessions.links import checked_link
from sessions.models import (
    LONGEST_MINUTES,
    CohortEvent,
    EventAnswer,
    EventGuest,
    EventKind,
    EventWords,
)
from sessions.services.inviting import invite_missing, tell_guests

FARTHEST = timedelta(days=366)
LONGEST_TITLE, LONGEST_PLACE, LONGEST_TEXT, LONGEST_REASON = 120, 300, 4_000, 300
OVER = (CohortStatus.COMPLETED, CohortStatus.ARCHIVED)


@dataclass(frozen=True, kw_only=True)
class EventFacts:
    """What stands on an event's page. ``minutes`` 1 to 600; ``link`` is an https address."""

    kind: str
    starts_at: datetime
    minutes: int
    title: str
    place: str = ""
    link: str = ""
    text: str = ""

    def checked(self, *, now: datetime, unless: datetime | None = None) -> EventFacts:
        """Return the facts with their words trimmed; a moment that stays may have begun.

        Raises:
            DomainError: a value cannot be; ``field`` names which.
        """
        if self.kind not in EventKind.values:
            raise DomainError(_("Choose what kind of event it is."), field="kind")
        if self.starts_at != unless and not now < self.starts_at <= now + FARTHEST:
            raise DomainError(_("Choose a moment from now on, within a year."), field="day")
        if not 1 <= self.minutes <= LONGEST_MINUTES:
            raise DomainError(_("It lasts from 1 to 600 minutes."), field="minutes")
        lengths = {"title": LONGEST_TITLE, "place": LONGEST_PLACE, "text": LONGEST_TEXT}
        words = {name: getattr(self, name).strip() for name in lengths}
        for name, longest in lengths.items():
            if len(words[name]) > longest:
                message = _("Write at most %(count)s characters.") % {"count": longest}
                raise DomainError(message, field=name)
        if not words["title"]:
            raise DomainError(_("Give it a name."), field="title")
        return EventFacts(
            kind=self.kind,
            starts_at=self.starts_at,
            minutes=self.minutes,
            link=checked_link(self.link),
            **words,
        )


@transaction.atomic
def plan_event(
    *, cohort: Cohort, audience: str, facts: EventFacts, actor: User, now: datetime
) -> CohortEvent:
    """Plan an event and invite everybody it is for; who joins later is invited then.

    In a cohort that is still a draft nobody is told before people may enrol.

    Raises:
        DomainError: the cohort is over, or a value cannot be; ``field`` names which.
    Effects: the event, its words, its guests, a message for each, one audit row.
    """
    if cohort.status in OVER:
        raise DomainError(_("This cohort is over. Plan events in one that runs."))
    if audience not in Audience.values:
        raise DomainError(_("Choose for whom it is."), field="audience")
    facts = facts.checked(now=now)
    event = CohortEvent.objects.create(
        cohort=cohort,
        kind=facts.kind,
        audience=audience,
        starts_at=facts.starts_at,
        minutes=facts.minutes,
        planned_by=actor,
        planned_at=now,
        changed_at=now,
    )
    EventWords.objects.create(event=event, **_words(facts))
    invite_missing(event=event, now=now)
    _record(event, "event.planned", actor, now)
    return event


@transaction.atomic
def change_event(
    *, event: CohortEvent, facts: EventFacts, actor: User, now: datetime
) -> CohortEvent:
    """Make a coming event what the actor says; its guests are told when anything is different.

    Another time asks everybody for their answer again.

    Raises:
        Conflict: it is cancelled or over.
        DomainError: a value cannot be; ``field`` names which.
    Effects: event and words, perhaps answers, a message for each guest, one audit row.
    """
    row = _open(event, now)
    facts = facts.checked(now=now, unless=row.starts_at)
    words = EventWords.objects.get(event=row)
    moves = (row.starts_at, row.minutes) != (facts.starts_at, facts.minutes)
    old_words = {name: getattr(words, name) for name in _words(facts)}
    if not moves and row.kind == facts.kind and old_words == _words(facts):
        return row
    if row.starts_at != facts.starts_at:
        row.guests.exclude(answer=EventAnswer.NONE).update(answer="", answered_at=None)
    row.kind, row.starts_at, row.minutes = facts.kind, facts.starts_at, facts.minutes
    row.sequence, row.changed_at = row.sequence + 1, now
    row.save(update_fields=("kind", "starts_at", "minutes", "sequence", "changed_at"))
    for name, text in _words(facts).items():
        setattr(words, name, text)
    words.save()
    tell_guests(row, "changed", now=now)
    _record(row, "event.changed", actor, now)
    return row


@transaction.atomic
def cancel_event(*, event: CohortEvent, reason: str, actor: User, now: datetime) -> CohortEvent:
    """Call a coming event off; its guests are told, with the reason on the page.

    Raises:
        Conflict: it is cancelled already, or over.
        DomainError: the reason is too long.
    Effects: the event, a message for each guest, one audit row.
    """
    row = _open(event, now)
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        message = _("Write at most %(count)s characters.") % {"count": LONGEST_REASON}
        raise DomainError(message, field="reason")
    row.cancelled_at = row.changed_at = now
    row.sequence += 1
    row.save(update_fields=("cancelled_at", "changed_at", "sequence"))
    words = EventWords.objects.get(event=row)
    words.cancel_reason = reason
    words.save()
    tell_guests(row, "cancelled", now=now)
    _record(row, "event.cancelled", actor, now)
    return row


@transaction.atomic
def answer_event(*, event: CohortEvent, person: User, answer: str, now: datetime) -> EventGuest:
    """Say whether one comes; it may be changed until the event is over.

    Raises:
        NotAllowed: the person is not invited.
        Conflict: the event is cancelled or over.
        DomainError: it is no answer.
    """
    if answer not in (EventAnswer.YES, EventAnswer.NO):
        raise DomainError(_("Say whether you come."), field="answer")
    row = _open(event, now)
    guest = row.guests.present().filter(user=person).select_for_update(of=("self",)).first()
    if guest is None:
        raise NotAllowed(_("You are not invited to this event."))
    guest.answer, guest.answered_at = answer, now
    guest.save(update_fields=("answer", "answered_at"))
    return guest


@transaction.atomic
def mark_attendance(
    *,
    event: CohortEvent,
    shown: Collection[int],
    there: Collection[int],
    actor: User,
    now: datetime,
) -> int:
    """Note who of the guests ``shown`` was ``there`` (ids of guests); return how many were.

    Raises:
        Conflict: the event has not begun, or was cancelled.
    Effects: the guests named, one audit row with counts.
    """
    row = CohortEvent.objects.select_for_update().get(pk=event.pk)
    if row.is_cancelled or row.starts_at > now:
        raise Conflict(_("Note who was there once the event has begun."))
    guests = row.guests.filter(pk__in=shown)
    came = guests.filter(pk__in=there).update(attended=True)
    missed = guests.exclude(pk__in=there).update(attended=False)
    detail = {"came": came, "missed": missed}
    _record(row, "event.attendance_noted", actor, now, **detail)
    return came


def _open(event: CohortEvent, now: datetime) -> CohortEvent:
    """Return the event, locked, while people may answer and managers change it."""
    row = (
        CohortEvent.objects.select_for_update(of=("self",))
        .select_related("cohort")
        .get(pk=event.pk)
    )
    if row.is_cancelled:
        raise Conflict(_("This event is cancelled."))
    if row.is_over(now):
        raise Conflict(_("This event is over."))
    return row


def _words(facts: EventFacts) -> dict[str, str]:
    return {
        name: text
        for name, text in asdict(facts).items()
        if name in ("title", "place", "link", "text")
    }


def _record(event: CohortEvent, action: str, actor: User, now: datetime, **detail: int) -> None:
    record(
        actor=actor,
        action=action,
        about=event,
        now=now,
        program_id=event.cohort.program_id,
        detail={"cohort": event.cohort_id, **detail},
    )
