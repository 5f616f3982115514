"""Tell or ask the line managers of people who take part, where the cohort says so."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.selectors import account_with
from accounts.services import create_person
from audit.services import record
from core.errors import Conflict, DomainError
from notifications.services import NewMessage, queue_message, queue_messages
from participants.line_managers import (
    ASKING,
    REMIND_AFTER,
    before_working_days,
    is_settled,
    line_manager_of,
    rule_for,
    settled,
    still_holds,
    waits_for_line_manager,
    with_line_manager,
    with_rule,
)
from participants.models import (
    TAKES_PART,
    Consent,
    Enrolment,
    LineContact,
    LineOverride,
    LineSentence,
    LineState,
    NamedLineManager,
)
from participants.models.line_managers import LONGEST_SENTENCE
from programs.models import Cohort, CohortStatus, LineManagerRule

logger = logging.getLogger(__name__)
BATCH = 500
ASK_VALID = timedelta(days=60)
HEADS_UP = timedelta(days=3)
RUNNING = (CohortStatus.ENROLLING, CohortStatus.PAIRING, CohortStatus.ACTIVE)
R = LineManagerRule


def check_line_manager(enrolment: Enrolment) -> None:
    """Raise ``DomainError`` while the line manager has to agree first and has not."""
    if waits_for_line_manager(enrolment):
        raise DomainError(
            _(
                "The line manager of %(person)s is asked first and has not agreed. Open the "
                "person’s page to decide without, with a reason."
            )
            % {"person": enrolment.user},
            code="line_manager",
        )


@transaction.atomic
def follow_line_manager(*, enrolment: Enrolment, now: datetime) -> LineContact | None:
    """Bring in order who is told or asked about somebody; again is fine.

    Effects: locks the enrolment; closes what does not hold any more, so that its link dies; opens
    what is due with a mail, and an audit row. Who did not go through the form, where this is said,
    is told by mail three days before.
    """
    rows = Enrolment.objects.select_for_update(of=("self",))
    current = rows.select_related("cohort__program", "user__manager").get(pk=enrolment.pk)
    wanted, manager = _wanted(current)
    contact = current.line_contacts.filter(closed_at__isnull=True).first()
    if contact is not None and not _serves(contact, wanted, manager, current):
        contact.closed_at = now
        contact.save(update_fields=("closed_at",))
        contact = None
    if contact is None and wanted and manager is not None:
        return _open(current, wanted, manager, now)
    return contact


def _wanted(enrolment: Enrolment) -> tuple[str, User | None]:
    """Return whether a line manager is to be told or asked now, and who that is."""
    rule = rule_for(enrolment.cohort, enrolment.role, enrolment.user)
    manager = line_manager_of(enrolment)
    if rule == R.NOT_TOLD or manager is None or enrolment.cohort.status not in RUNNING:
        return "", manager
    if enrolment.status in TAKES_PART:
        return LineState.TOLD, manager
    if rule == R.ASKED and enrolment.status in ASKING and not is_settled(enrolment):
        return LineState.ASKED, manager
    return "", manager


def _serves(contact: LineContact, wanted: str, manager: User | None, enrolment: Enrolment) -> bool:
    if manager is None or contact.manager_id != manager.pk:
        return False
    if enrolment.cohort.status not in RUNNING:
        return enrolment.status in TAKES_PART
    if not wanted:
        return contact.state == LineState.AGREED and enrolment.status in ASKING
    if wanted == LineState.TOLD:
        return contact.state in (LineState.TOLD, LineState.AGREED)
    return contact.state in (LineState.ASKED, LineState.NOT_NOW)


def _open(enrolment: Enrolment, state: str, manager: User, now: datetime) -> LineContact:
    cohort = enrolment.cohort
    expires_at = _end_of(enrolment, now) if state == LineState.TOLD else now + ASK_VALID
    contact = LineContact.objects.create(
        enrolment=enrolment, manager=manager, state=state, opened_at=now, expires_at=expires_at
    )
    knows = Consent.objects.filter(user=enrolment.user, cohort=cohort).exists()
    if not knows:
        _write(contact, "participants.line_ahead", enrolment.user, now=now)
    kind = "line_told" if state == LineState.TOLD else "line_asked"
    due_at = now if knows else now + HEADS_UP
    _write(contact, f"participants.{kind}", manager, now=now, due_at=due_at)
    _record(enrolment, f"participants.{kind}", None, now)
    return contact


def _end_of(enrolment: Enrolment, now: datetime) -> datetime:
    last = datetime.combine(enrolment.cohort.ends_on, time(), tzinfo=UTC) + timedelta(days=2)
    return max(last, now + timedelta(days=1))


def _write(
    contact: LineContact,
    kind: str,
    recipient: User,
    *,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    queue_message(
        kind=kind,
        recipient=recipient,
        now=now,
        object_id=contact.pk,
        program_id=contact.enrolment.cohort.program_id,
        cohort_id=contact.enrolment.cohort_id,
        due_at=due_at,
    )


@transaction.atomic
def answer_as_line_manager(
    *, contact: LineContact, agrees: bool, words: str, now: datetime
) -> LineContact:
    """Take a line manager's answer; until it is decided it may be changed.

    The program manager decides about a “not now”, and about a yes where sign-ups are looked at.
    Where nobody looks at them, or the person was invited, a yes lets them in.

    Effects: locks the enrolment; the answer, the sealed sentence, an audit row; perhaps a place.

    Raises:
        DomainError: the sentence is too long.
        Conflict: nobody waits for this answer any more.
    """
    Enrolment.objects.select_for_update(of=("self",)).get(pk=contact.enrolment_id)
    current = LineContact.objects.select_related(
        "manager", "enrolment__user__manager", "enrolment__cohort__program"
    ).get(pk=contact.pk)
    if current.state == LineState.TOLD or not (
        still_holds(current, now=now) and current.enrolment.status in ASKING
    ):
        raise Conflict(_("This is decided already."), code="decided")
    text = words.strip()
    if len(text) > LONGEST_SENTENCE:
        raise DomainError(
            _("Keep it to %(count)d characters.") % {"count": LONGEST_SENTENCE},
            code="too_long",
            field="words",
        )
    current.state = LineState.AGREED if agrees else LineState.NOT_NOW
    current.answered_at = now
    if agrees:
        current.expires_at = max(current.expires_at, _end_of(current.enrolment, now))
    current.save(update_fields=("state", "answered_at", "expires_at"))
    LineSentence.objects.filter(contact=current).delete()
    if text:
        LineSentence.objects.create(contact=current, text=text, written_at=now)
    _record(current.enrolment, f"participants.line_{current.state}", current.manager, now)
    return current


@transaction.atomic
def decide_without_line_manager(
    *, enrolment: Enrolment, reason: str, actor: User, now: datetime
) -> LineOverride:
    """Let somebody in without their line manager's yes, for a reason that managers read.

    Effects: locks the enrolment; the sealed reason, an audit row.

    Raises:
        DomainError: nobody has to agree, or the reason is empty or too long.
    """
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("cohort", "user")
    current = rows.get(pk=enrolment.pk)
    text = reason.strip()
    if not text or len(text) > LONGEST_SENTENCE:
        raise DomainError(
            _("Say in a sentence why, up to %(count)d characters.") % {"count": LONGEST_SENTENCE},
            code="reason",
            field="reason",
        )
    if not waits_for_line_manager(current):
        raise DomainError(_("Nobody has to agree here."), code="not_waiting")
    override = LineOverride.objects.create(
        enrolment=current, reason=text, decided_by=actor, decided_at=now
    )
    _record(current, "participants.line_overridden", actor, now)
    return override


@transaction.atomic
def name_line_manager(
    *, enrolment: Enrolment, email: str, actor: User, now: datetime
) -> NamedLineManager:
    """Note whom somebody names as line manager, because HR knows none of them.

    Only addresses at the person's own domain, so that nobody writes to strangers in our name. A
    new address makes a person without a password. Effects: up to two rows, audit rows, and what
    ``follow_line_manager`` does.

    Raises:
        DomainError: HR knows the line manager, the cohort tells none, or the address is not one.
    """
    rows = Enrolment.objects.select_for_update(of=("self",))
    current = rows.select_related("cohort__program", "user__manager").get(pk=enrolment.pk)
    address = email.strip().lower()
    _check_name(current, address)
    manager = account_with(address)
    if manager is None:
        manager = create_person(
            email=address,
            actor=actor,
            now=now,
            language=current.user.language,
            time_zone=current.user.time_zone,
        )
    if not manager.is_active:
        raise DomainError(_("This person is not here any more. Name somebody else."), field="email")
    named, _made = NamedLineManager.objects.update_or_create(
        enrolment=current, defaults={"manager": manager, "named_at": now}
    )
    _record(current, "participants.line_manager_named", actor, now)
    follow_line_manager(enrolment=current, now=now)
    return named


def _check_name(enrolment: Enrolment, address: str) -> None:
    own = enrolment.user.email
    if rule_for(enrolment.cohort, enrolment.role, enrolment.user) == R.NOT_TOLD:
        raise DomainError(_("This cohort tells no line manager."), code="not_told")
    if enrolment.status not in (*ASKING, *TAKES_PART):
        raise DomainError(_("You do not take part at the moment."), code="not_in")
    if enrolment.user.manager is not None and enrolment.user.manager.is_active:
        raise DomainError(
            _("HR knows your line manager. Ask them to change it."), code="known", field="email"
        )
    if address == own:
        raise DomainError(_("Nobody is their own manager."), code="own", field="email")
    if address.rpartition("@")[2] != own.rpartition("@")[2]:
        raise DomainError(
            _("Use their work e-mail, at %(domain)s.") % {"domain": own.rpartition("@")[2]},
            code="domain",
            field="email",
        )


def follow_line_managers(*, now: datetime) -> int:
    """Tell, ask and remind whom it is due, and let links of former line managers die.

    One row that fails stops no other. Again is fine.
    """
    done = 0
    for enrolment in list(_due()[:BATCH]) if _is_anybody_heard() else ():
        try:
            follow_line_manager(enrolment=enrolment, now=now)
        except (DomainError, DatabaseError):
            logger.exception("The line manager of enrolment %s waits.", enrolment.pk)
        else:
            done += 1
    return done + _remind(now)


def _is_anybody_heard() -> bool:
    """Tell whether a running cohort tells or asks line managers at all."""
    rules = (R.TOLD, R.ASKED)
    heard = Q(mentor_line_manager__in=rules) | Q(mentee_line_manager__in=rules)
    return Cohort.objects.filter(heard, status__in=RUNNING).exists()


def _due() -> QuerySet[Enrolment]:
    running = Enrolment.objects.filter(cohort__status__in=RUNNING, user__is_active=True)
    heard = with_line_manager(running.filter(with_rule(R.TOLD, R.ASKED)))
    nobody = Q(line_contact_manager_id__isnull=True)
    other = ~nobody & (
        Q(line_manager_id__isnull=True) | ~Q(line_contact_manager_id=F("line_manager_id"))
    )
    is_in, asks = Q(status__in=TAKES_PART), Q(status__in=ASKING)
    told = is_in & Q(line_state__in=(LineState.ASKED, LineState.NOT_NOW))
    new = nobody & Q(line_manager_id__isnull=False)
    asked = asks & with_rule(R.ASKED) & ~settled()
    gone = ~nobody & ~is_in & ~asks
    return heard.filter(other | told | gone | new & (is_in | asked)).order_by("pk")


def _remind(now: datetime) -> int:
    """Remind once, after five working days without an answer."""
    rows = LineContact.objects.filter(
        state=LineState.ASKED,
        closed_at__isnull=True,
        opened_at__lte=before_working_days(now, REMIND_AFTER),
        expires_at__gt=now,
        enrolment__status__in=ASKING,
    ).values_list("manager_id", "pk", "enrolment__cohort__program_id", "enrolment__cohort_id")
    return queue_messages(
        rows=[
            NewMessage(
                kind="participants.line_asked",
                recipient_id=manager_id,
                object_id=pk,
                occasion="reminder",
                program_id=program_id,
                cohort_id=cohort_id,
            )
            for manager_id, pk, program_id, cohort_id in rows[:BATCH]
        ],
        now=now,
    )


def _record(enrolment: Enrolment, action: str, actor: User | None, now: datetime) -> None:
    record(
        actor=actor,
        action=action,
        about=enrolment,
        now=now,
        program_id=enrolment.cohort.program_id,
        detail={"cohort": enrolment.cohort_id, "role": enrolment.role},
    )
