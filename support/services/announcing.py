"""Write to people of a cohort: draft, try out, send, schedule, cancel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from matching.models import Match, MatchMember
from notifications.services import NewMessage, queue_message, queue_messages
from participants.models import Enrolment
from programs.models import Cohort
from support.announcing import KIND, TEST_KIND, audience, unknown_words
from support.models import (
    NAMED,
    Announcement,
    AnnouncementState,
    AnnouncementWords,
    CameBack,
    Segment,
    WorkItem,
    WorkKind,
)
from support.queue import who_spoke

LONGEST_SUBJECT, LONGEST_TEXT = 120, 8_000
FARTHEST = timedelta(days=184)
AWAY = (WorkKind.LEAVING, WorkKind.COVER)
State = AnnouncementState


@transaction.atomic
def draft_announcement(
    *,
    cohort: Cohort,
    segment: str,
    subject: str,
    text: str,
    actor: User,
    now: datetime,
    department: str = "",
    item: WorkItem | None = None,
) -> Announcement:
    """Keep a message as a draft; nobody gets anything.

    With an ``item`` of the queue it goes to the people that the item is about; where somebody of
    it leaves or is away, to those they are in a match with; where somebody said something in
    confidence, to them alone.

    Raises:
        Conflict: nobody says any more what the item is about.
        DomainError: subject or text are missing or too long, or an unknown word stands in braces.
    Effects: two rows, one audit row without words.
    """
    subject, text = _checked(subject, text)
    if (segment == Segment.PEOPLE) != (item is not None) or segment not in Segment.values:
        raise DomainError(_("Choose to whom it goes."), field="segment")
    if item is not None and item.kind in AWAY and item.enrolment is not None:
        segment = Segment.PARTNERS
    match, enrolment = _about(item) if item is not None else (None, None)
    row = Announcement.objects.create(
        cohort=cohort,
        author=actor,
        segment=segment,
        department=department,
        match=match,
        enrolment=enrolment,
        item=item,
        created_at=now,
    )
    AnnouncementWords.objects.create(announcement=row, subject=subject, text=text, changed_at=now)
    _record(row, "announcement.drafted", actor, now)
    return row


def _about(item: WorkItem) -> tuple[Match | None, Enrolment | None]:
    """Return the match or the person to write to: everybody of it, or who spoke in confidence."""
    spoke = who_spoke(item)
    if spoke is None or item.match is None:
        return item.match, item.enrolment
    if not spoke:
        raise Conflict(_("Nobody of this match says so any more. Look at the pair first."))
    members = MatchMember.objects.current().filter(match=item.match).count()
    return (item.match, None) if len(spoke) == members else (None, spoke[-1])


@transaction.atomic
def change_announcement(
    *,
    announcement: Announcement,
    subject: str,
    text: str,
    segment: str,
    actor: User,
    now: datetime,
    department: str = "",
) -> Announcement:
    """Change a draft; who changes it last signs it.

    Raises:
        Conflict: it has gone out or is scheduled.
        DomainError: as ``draft_announcement``.
    """
    row = _locked(announcement, State.DRAFT)
    subject, text = _checked(subject, text)
    if row.segment not in NAMED:
        if segment not in Segment.values or segment in NAMED:
            raise DomainError(_("Choose to whom it goes."), field="segment")
        row.segment, row.department = segment, department
    row.author, row.came_back = actor, ""
    row.save(update_fields=("segment", "department", "author", "came_back"))
    words = AnnouncementWords.objects.get(announcement=row)
    words.subject, words.text, words.changed_at = subject, text, now
    words.save()
    _record(row, "announcement.changed", actor, now)
    return row


@transaction.atomic
def try_announcement(*, announcement: Announcement, actor: User, now: datetime) -> None:
    """Send it to oneself alone, as one would read it. Effects: one message, one audit row."""
    queue_message(
        kind=TEST_KIND,
        recipient=actor,
        object_id=announcement.pk,
        occasion=now.isoformat(timespec="seconds"),
        program_id=announcement.cohort.program_id,
        now=now,
    )
    _record(announcement, "announcement.tried", actor, now)


@transaction.atomic
def schedule_announcement(
    *, announcement: Announcement, due_at: datetime, actor: User, now: datetime
) -> Announcement:
    """Let a draft go out at a moment; until then it can be cancelled.

    Raises:
        Conflict: it is no draft any more.
        DomainError: the moment is past, or more than half a year ahead, or the cohort is over.
    """
    row = _locked(announcement, State.DRAFT)
    _refuse_when_over(row)
    if not now < due_at <= now + FARTHEST:
        raise DomainError(_("Choose a moment from now on, within half a year."), field="day")
    row.state, row.due_at, row.came_back = State.SCHEDULED, due_at, ""
    row.save(update_fields=("state", "due_at", "came_back"))
    _record(row, "announcement.scheduled", actor, now)
    return row


@transaction.atomic
def send_announcement(*, announcement: Announcement, actor: User, now: datetime) -> Announcement:
    """Hand a draft to the ledger now: a row for each person who is meant.

    Raises:
        Conflict: it is no draft any more.
        DomainError: nobody is meant, or the cohort is over.
    Effects: messages, the state, one audit row.
    """
    row = _locked(announcement, State.DRAFT)
    _refuse_when_over(row)
    if not audience(row).exists():
        raise DomainError(_("Nobody is in this group today."))
    return _hand_over(row, actor=actor, now=now)


@transaction.atomic
def cancel_announcement(*, announcement: Announcement, actor: User, now: datetime) -> Announcement:
    """Call off a draft or what is scheduled; it stays in the history.

    Raises:
        Conflict: it has gone out.
    """
    row = _locked(announcement, State.DRAFT, State.SCHEDULED)
    row.state = State.CANCELLED
    row.save(update_fields=("state",))
    _record(row, "announcement.cancelled", actor, now)
    return row


def send_due_announcements(*, now: datetime) -> int:
    """Hand over what is scheduled until now, each once; return how many.

    What may not go any more is a draft again, and says why: the cohort is over, or its author does
    not manage it.
    """
    due = Announcement.objects.filter(state=State.SCHEDULED, due_at__lte=now).order_by("due_at")
    sent = 0
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            row = (
                Announcement.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("cohort", "author")
                .filter(pk=pk, state=State.SCHEDULED)
                .first()
            )
            if row is None:
                continue
            hindrance = _hindrance(row)
            if hindrance:
                _bring_back(row, hindrance, now=now)
            else:
                _hand_over(row, actor=row.author, now=now)
                sent += 1
    return sent


def _hindrance(row: Announcement) -> str:
    """Return why nobody may get a scheduled message any more, or ""."""
    if row.cohort.is_over:
        return CameBack.OVER
    author = row.author
    managed = author.is_active and Announcement.objects.managed_by(author).filter(pk=row.pk)
    return "" if managed and managed.exists() else CameBack.AUTHOR


def _bring_back(row: Announcement, hindrance: str, *, now: datetime) -> None:
    row.state, row.due_at, row.came_back = State.DRAFT, None, hindrance
    row.save(update_fields=("state", "due_at", "came_back"))
    _record(row, "announcement.came_back", None, now, because=str(hindrance))


def _refuse_when_over(row: Announcement) -> None:
    if row.cohort.is_over:
        raise DomainError(_("The cohort is over. Nobody of it is written to any more."))


def _hand_over(row: Announcement, *, actor: User, now: datetime) -> Announcement:
    people = list(audience(row).values_list("pk", flat=True))
    queue_messages(
        rows=[
            NewMessage(
                kind=KIND,
                recipient_id=pk,
                object_id=row.pk,
                program_id=row.cohort.program_id,
                cohort_id=row.cohort_id,
            )
            for pk in people
        ],
        now=now,
    )
    row.state, row.sent_at, row.audience_count = State.SENT, now, len(people)
    row.came_back = ""
    row.save(update_fields=("state", "sent_at", "audience_count", "came_back"))
    _record(row, "announcement.sent", actor, now, people=len(people))
    return row


def _checked(subject: str, text: str) -> tuple[str, str]:
    subject, text = " ".join(subject.split()), text.strip()
    for name, value, longest in (
        ("subject", subject, LONGEST_SUBJECT),
        ("text", text, LONGEST_TEXT),
    ):
        if not value:
            raise DomainError(_("Write something first."), field=name)
        if len(value) > longest:
            raise DomainError(
                _("Please keep it under %(count)d characters.") % {"count": longest}, field=name
            )
        unknown = unknown_words(value)
        if unknown:
            raise DomainError(
                _("{%(word)s} is none of the words that are filled in.") % {"word": unknown[0]},
                field=name,
            )
    return subject, text


def _locked(announcement: Announcement, *states: str) -> Announcement:
    row = (
        Announcement.objects.select_for_update(of=("self",))
        .select_related("cohort__program", "author")
        .get(pk=announcement.pk)
    )
    if row.state not in states:
        raise Conflict(_("This message has moved on in the meantime. Look at it again."))
    return row


def _record(
    row: Announcement, action: str, actor: User | None, now: datetime, **detail: Any
) -> None:
    record(
        actor=actor,
        action=action,
        about=row,
        now=now,
        program_id=row.cohort.program_id,
        detail={"segment": row.segment, **detail},
    )
