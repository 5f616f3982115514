"""Reads of help: whom one may ask, what one asked, what one was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from participants.models import Enrolment
from programs.models import Cohort, Program
from support.models import HelpContact, HelpGuide, HelpRequest, HelpWords

SIGNPOSTS = _(
    "If somebody is in danger, call the emergency number first: 112 in Europe, 999 in the United "
    "Kingdom, 911 in North America.\n"
    "If you think of harming yourself, talk to somebody now: findahelpline.com lists free lines in "
    "your country and language.\n"
    "If you are ill or under strain, your doctor or your employer’s counselling service can help; "
    "a mentor is not a therapist."
)


@dataclass(frozen=True)
class Desk:
    """Whom participants of one cohort may ask, and where urgent need is sent."""

    cohort: Cohort
    contacts: Sequence[HelpContact]
    signposts: Sequence[str]


def desks_of(user: User) -> list[Desk]:
    """Return a desk for each cohort the person takes part in, the latest first. Three queries."""
    enrolments = (
        Enrolment.objects.filter(user=user)
        .exclude(status__in=("invited", "withdrawn"))
        .select_related("cohort__program")
        .order_by("-cohort__starts_on", "-pk")
    )
    cohorts = list({row.cohort_id: row.cohort for row in enrolments}.values())
    programs = [cohort.program_id for cohort in cohorts]
    contacts = list(
        HelpContact.objects.filter(program__in=programs, person__is_active=True)
        .exclude(Q(person=user) | Q(deputy=user))
        .select_related("person", "deputy")
    )
    guides = {guide.pk: guide for guide in HelpGuide.objects.filter(pk__in=programs)}
    return [
        Desk(
            cohort,
            [contact for contact in contacts if contact.program_id == cohort.program_id],
            signposts_of(guides.get(cohort.program_id)),
        )
        for cohort in cohorts
    ]


def signposts_of(guide: HelpGuide | None) -> list[str]:
    """Return the lines of a program, or the ones that help everywhere."""
    text = guide.signposts.strip() if guide else ""
    return [line.strip() for line in (text or str(SIGNPOSTS)).splitlines() if line.strip()]


def asked_by(user: User) -> QuerySet[HelpRequest]:
    """Return what the person asked for, newest first."""
    return HelpRequest.objects.filter(asker=user).select_related("contact", "cohort__program")


def asked_of(user: User) -> QuerySet[HelpRequest]:
    """Return what the person was asked for, as contact or deputy; open ones first, oldest first."""
    rows = HelpRequest.objects.filter(Q(contact=user) | Q(deputy=user))
    return rows.select_related("asker", "contact", "cohort__program").order_by(
        "closed_at", "asked_at"
    )


def request_for(user: User, pk: int) -> HelpRequest | None:
    """Return a request that the person made or was asked, or None."""
    return (
        HelpRequest.objects.filter(Q(asker=user) | Q(contact=user) | Q(deputy=user), pk=pk)
        .select_related("asker", "contact", "deputy", "cohort__program", "closed_by", "seen_by")
        .first()
    )


def words_of(row: HelpRequest) -> str:
    """Return what the asker wrote."""
    found = HelpWords.objects.filter(request=row).first()
    return str(found.text) if found else ""


def is_contact(user: User) -> bool:
    """Tell whether the person is, or was, somebody's contact or deputy."""
    mine = Q(contact=user) | Q(deputy=user)
    named = Q(person=user) | Q(deputy=user)
    asked, contact = HelpRequest.objects.filter(mine), HelpContact.objects.filter(named)
    return User.objects.filter(Exists(asked) | Exists(contact), pk=user.pk).exists()


def contacts_of(program: Program) -> dict[int, HelpContact]:
    """Return the contacts of a program by position."""
    rows = HelpContact.objects.filter(program=program).select_related("person", "deputy")
    return {row.position: row for row in rows}


def guide_of(program: Program) -> HelpGuide | None:
    return HelpGuide.objects.filter(pk=program.pk).first()


def help_count(cohort: Cohort, *, since: date, until: date) -> int:
    """Return how often somebody of the cohort asked for help in private; never who or whom."""
    rows = HelpRequest.objects.filter(cohort=cohort, asked_at__date__range=(since, until))
    return rows.count()
