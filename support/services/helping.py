"""Ask for help, read it, close it; and say whom people may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError, NotAllowed
from feedback.selectors import managers_of
from notifications.quiet import Days, preference_of
from notifications.services import hurry_message, queue_message
from participants.models import Enrolment
from programs.models import Cohort, Program
from support.models import (
    HelpAbout,
    HelpContact,
    HelpGuide,
    HelpOutcome,
    HelpRequest,
    HelpWords,
)

LONGEST_WORDS = 4_000
DEPUTY_AT = time(9)
KIND_ASKED, KIND_DEPUTY = "support.help_asked", "support.help_deputy"
KIND_UNHEARD, KIND_LEFT = "support.help_unheard", "support.help_contact_left"
MOST_DAYS_OFF = 30


@transaction.atomic
def ask_for_help(
    *,
    asker: User,
    cohort: Cohort,
    contact: HelpContact,
    about: str,
    words: str,
    now: datetime,
) -> HelpRequest:
    """Ask one contact in private; what was written is sealed.

    Effects: the request, its words, a message to the contact at once and one to the deputy on the
    next working day, one audit row without the asker's name.

    Raises:
        NotAllowed: the person does not take part in the cohort.
        DomainError: the contact is not of this program, is the asker or has left; too many words.
    """
    if not Enrolment.objects.filter(cohort=cohort, user=asker).exists():
        raise NotAllowed(_("You do not take part in this program."))
    people = {contact.person_id, contact.deputy_id}
    if contact.program_id != cohort.program_id or asker.pk in people:
        raise DomainError(_("Choose one of the people named for this program."))
    if not contact.person.is_active:
        name = contact.person.get_short_name()
        raise DomainError(
            _("%(name)s is not here any more. Choose somebody else.") % {"name": name}
        )
    if about not in HelpAbout.values:
        raise DomainError(_("Say what it is about."))
    if len(words) > LONGEST_WORDS:
        raise DomainError(_("Please keep it under 4,000 characters; you can tell the rest later."))
    row = HelpRequest.objects.create(
        cohort=cohort,
        asker=asker,
        contact_id=contact.person_id,
        deputy_id=contact.deputy_id,
        about=about,
        asked_at=now,
    )
    if words.strip():
        HelpWords.objects.create(request=row, text=words.strip())
    # Who asked stands in no log: managers and IT read those.
    record(actor=None, action="help.asked", about=row, now=now)
    for person, kind, due_at in (
        (row.contact, KIND_ASKED, None),
        (row.deputy, KIND_DEPUTY, next_working_day(row.deputy, now=now)),
    ):
        queue_message(kind=kind, recipient=person, object_id=row.pk, due_at=due_at, now=now)
    return row


def next_working_day(person: User, *, now: datetime) -> datetime:
    """Return nine o'clock of the person's next working day, in their zone.

    Part-time days, public holidays and days on which the organisation rests are none. A leave puts
    nothing off: somebody waits for help, and a mail read on leave is better than none.
    """
    days = Days(preference_of(person), person.time_zone)
    today = now.astimezone(days.place).date()
    later = [today + timedelta(days=shift) for shift in range(1, MOST_DAYS_OFF)]
    day = next((day for day in later if not days.is_day_off(day)), later[0])
    return datetime.combine(day, DEPUTY_AT, tzinfo=days.place)


def follow_help(*, now: datetime) -> None:
    """See to it that no request waits for people who have left.

    Where the contact's account is not active any more the deputy is told at once. Where both have
    left the asker is, and chooses somebody else: handing it on without asking could hand it to the
    person it is about. Managers hear once that somebody named for help has left, and of no request.

    Effects: messages, each of them once.
    """
    rows = HelpRequest.objects.filter(contact__is_active=False, closed_at__isnull=True)
    for row in rows.select_related("asker", "contact", "deputy", "cohort"):
        with transaction.atomic():
            if row.deputy.is_active:
                hurry_message(kind=KIND_DEPUTY, recipient=row.deputy, object_id=row.pk, now=now)
            elif row.asker.is_active:
                queue_message(kind=KIND_UNHEARD, recipient=row.asker, object_id=row.pk, now=now)
    left = Q(person__is_active=False) | Q(deputy__is_active=False)
    for contact in HelpContact.objects.filter(left).select_related("person", "deputy"):
        with transaction.atomic():
            for person in (contact.person, contact.deputy):
                if not person.is_active:
                    _tell_managers(contact, person, now)


def _tell_managers(contact: HelpContact, person: User, now: datetime) -> None:
    for manager in managers_of(contact.program_id):
        queue_message(
            kind=KIND_LEFT,
            recipient=manager,
            object_id=contact.pk,
            occasion=str(person.pk),
            program_id=contact.program_id,
            now=now,
        )


@transaction.atomic
def mark_seen(*, request: HelpRequest, actor: User, now: datetime) -> HelpRequest:
    """Note who read the request first, so that its asker knows. Twice is once."""
    row = HelpRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if row.seen_at is None and actor.pk in (row.contact_id, row.deputy_id):
        row.seen_at, row.seen_by = now, actor
        row.save(update_fields=("seen_at", "seen_by"))
        record(actor=actor, action="help.read", about=row, now=now)
    return row


@transaction.atomic
def close_help(*, request: HelpRequest, outcome: str, actor: User, now: datetime) -> HelpRequest:
    """Close a request with what came of it; its asker may take it back.

    Raises:
        NotAllowed: the person is neither the contact nor the deputy, nor the asker taking it back.
        DomainError: no such outcome.
        Conflict: it is closed already.
    """
    row = HelpRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    takes_back = actor.pk == row.asker_id and outcome == HelpOutcome.WITHDRAWN
    if not takes_back and actor.pk not in (row.contact_id, row.deputy_id):
        raise NotAllowed(_("Only the person who was asked, or their deputy, closes this."))
    if outcome not in HelpOutcome.values:
        raise DomainError(_("Say what came of it."))
    if not row.is_open:
        raise Conflict(_("This is closed already."))
    row.outcome, row.closed_at, row.closed_by = outcome, now, actor
    row.save(update_fields=("outcome", "closed_at", "closed_by"))
    record(actor=None if takes_back else actor, action="help.closed", about=row, now=now)
    return row


@dataclass(frozen=True)
class Named:
    """A contact as a manager names them."""

    person: User
    about: str
    deputy: User

    @property
    def people(self) -> tuple[User, User]:
        return self.person, self.deputy


@transaction.atomic
def name_contacts(
    *,
    program: Program,
    contacts: Mapping[int, Named],
    signposts: str,
    actor: User,
    now: datetime,
) -> None:
    """Replace the contacts of a program and its signposts. Requests made before stay as they are.

    Raises:
        DomainError: a contact is named twice, is their own deputy, or is from outside.
    """
    people = [contact.person.pk for contact in contacts.values()]
    if len(set(people)) < len(people):
        raise DomainError(_("Name two different people: the contact may be the problem."))
    if any(contact.person == contact.deputy for contact in contacts.values()):
        raise DomainError(_("A deputy is somebody else than the contact."))
    if any(one.is_external for contact in contacts.values() for one in contact.people):
        raise DomainError(_("Somebody from outside is no contact. Name somebody of yours."))
    HelpContact.objects.filter(program=program).delete()
    HelpContact.objects.bulk_create(
        HelpContact(
            program=program,
            position=position,
            person=contact.person,
            about=contact.about,
            deputy=contact.deputy,
        )
        for position, contact in contacts.items()
    )
    HelpGuide.objects.update_or_create(program=program, defaults={"signposts": signposts.strip()})
    record(
        actor=actor,
        action="program.help_contacts_named",
        about=program,
        now=now,
        program_id=program.pk,
        detail={"contacts": sorted(people)},
    )
