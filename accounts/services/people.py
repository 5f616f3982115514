"""Create and change people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access
from accounts.models import User
from accounts.selectors import leads_back
from accounts.services.roles import check_owners_remain
from audit.services import record
from core.errors import DomainError, NotAllowed
from core.names import sort_key

OWN_FIELDS = ("first_name", "last_name", "language", "time_zone")
HR_FIELDS = (
    "email",
    "employee_id",
    "manager",
    "department",
    "location",
    "job_title",
    "level",
    "is_active",
)

OF_EXTERNALS = {
    "user_external_complete": gettext_lazy(
        "Somebody from outside needs all three: where they come from, the last day of their "
        "account, and who vouches. Nobody else has them."
    ),
    "user_external_no_superuser": gettext_lazy("Somebody from outside cannot be a superuser."),
    "user_vouched_by_another": gettext_lazy("Nobody vouches for themselves."),
    "external_vouches": gettext_lazy(
        "Whoever vouches is of the organisation, not from outside. Name somebody else first."
    ),
    "external_role": gettext_lazy(
        "Somebody from outside holds no role. Take their roles away first."
    ),
    "external_place": gettext_lazy(
        "They are in a cohort whose program takes nobody from outside. Change the program, or "
        "withdraw them, first."
    ),
}


@transaction.atomic
def create_person(*, email: str, actor: User | None, now: datetime, **fields: Any) -> User:
    """Add a person without a password; they set one by a link to their address.

    Raises:
        DomainError: the e-mail or employee number belongs to somebody else.

    Effects: one person, one audit row. The caller has checked that the actor may add people.
    """
    person = User.objects.build(email=email, joined_at=now, **fields)
    person.set_unusable_password()
    _save(person)
    record(actor=actor, action="person.created", about=person, now=now)
    return person


@transaction.atomic
def change_person(*, person: User, actor: User | None, now: datetime, **changes: Any) -> User:
    """Change what is known about a person; nothing happens when nothing differs.

    Raises:
        NotAllowed: only IT changes what HR keeps, and only a superuser makes superusers.
        DomainError: a reporting line would lead back to itself, the e-mail or employee number is
            taken, or the last owner of a program would leave.

    Effects: the person's row, their confirmed address when the e-mail changes (it must be confirmed
    again), one audit row with the names of the fields.
    """
    stored = User.objects.select_for_update().get(pk=person.pk)
    if "email" in changes:
        changes["email"] = changes["email"].strip().lower()
    differing = [name for name, value in changes.items() if getattr(stored, name) != value]
    for name, value in changes.items():
        setattr(person, name, value)
    if not differing:
        return person
    _check_may_change(actor, stored, differing)
    if "manager" in differing:
        check_reporting_line(person=person, manager=person.manager)
    if "is_active" in differing and not person.is_active:
        check_owners_remain(losing=Q(user=person))
    if "is_active" in differing and person.is_active:
        person.ended_at = None
    if "is_external" in differing and not person.is_external:
        person.ended_at = None
    person.name_key = sort_key(f"{person.last_name} {person.first_name}")
    _save(person, update_fields=[*differing, "name_key", "ended_at"])
    if "email" in differing:
        EmailAddress.objects.filter(user_id=person.pk).delete()
    record(
        actor=actor,
        action="person.changed",
        about=person,
        now=now,
        detail={"fields": sorted(differing)},
    )
    return person


def change_profile(*, person: User, now: datetime, **changes: Any) -> User:
    """Change what a person keeps themselves: name, language and time zone."""
    unknown = set(changes) - set(OWN_FIELDS)
    if unknown:
        raise NotAllowed(_("HR keeps this. Ask them to change it."), field=sorted(unknown)[0])
    return change_person(person=person, actor=person, now=now, **changes)


def check_reporting_line(*, person: User, manager: User | None) -> None:
    """Raise ``DomainError`` when ``manager`` would make the reporting line a circle."""
    if manager is None or person.pk is None:
        return
    if manager.pk == person.pk:
        raise DomainError(_("Nobody is their own manager."), code="manager_cycle", field="manager")
    if leads_back(manager, person):
        raise _cycle(person, manager)


@transaction.atomic
def confirm_address(*, person: User) -> None:
    """Mark the person's e-mail as theirs: they have just followed a link sent to it."""
    EmailAddress.objects.filter(user_id=person.pk).exclude(email=person.email).delete()
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"verified": True, "primary": True}
    )


def _check_may_change(actor: User | None, stored: User, differing: list[str]) -> None:
    if actor is None or actor.is_superuser:
        return
    if "is_superuser" in differing or (stored.is_superuser and actor.pk != stored.pk):
        raise NotAllowed(_("Only a superuser changes superusers."))
    is_own = actor.pk == stored.pk and set(differing) <= set(OWN_FIELDS)
    if not is_own and not access.has_organisation_role(actor, (access.IT,)):
        raise NotAllowed(_("HR keeps this. Ask them to change it."))


def _save(person: User, update_fields: list[str] | None = None) -> None:
    """Save, and put what the database refuses into words."""
    try:
        with transaction.atomic():
            person.save(update_fields=update_fields)
    except IntegrityError as error:
        text = str(error)
        if "user_email_once" in text:
            raise DomainError(
                _("Somebody with this e-mail exists already."), code="email_taken", field="email"
            ) from error
        if "user_employee_id_once" in text:
            raise DomainError(
                _("Somebody with this employee number exists already."),
                code="employee_id_taken",
                field="employee_id",
            ) from error
        if "user_merged_is_inactive" in text:
            raise DomainError(
                _("This account became one with another and stays switched off."), code="merged"
            ) from error
        if "manager_cycle" in text and person.manager is not None:
            raise _cycle(person, person.manager) from error
        for code, sentence in OF_EXTERNALS.items():
            if code in text:
                raise DomainError(str(sentence), code=code) from error
        raise


def _cycle(person: User, manager: User) -> DomainError:
    return DomainError(
        _(
            "%(manager)s reports to %(person)s, directly or through others. "
            "A reporting line cannot lead back to itself."
        )
        % {"manager": manager, "person": person},
        code="manager_cycle",
        field="manager",
    )
