"""This app's own part of a person's data: the account, its roles, tokens and devices, and acts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import AccountMerge, PersonalAccessToken, RoleGrant, User
from accounts.privacy import (
    Eraser,
    Exporter,
    Row,
    leave_out,
    register_eraser,
    register_exporter,
)
from accounts.services.roles import check_owners_remain
from audit.models import AuditEvent
from core.names import sort_key

A_PIECE = 500


def register() -> None:
    register_exporter(
        Exporter(
            name="account",
            title=_("Your account"),
            fields={
                "email": _("E-mail"),
                "first_name": _("First name"),
                "last_name": _("Last name"),
                "employee_id": _("Employee number"),
                "job_title": _("Job title"),
                "level": _("Level"),
                "department": _("Department"),
                "location": _("Location"),
                "manager": _("Manager"),
                "organisation": _("Where from"),
                "works_until": _("Account works until"),
                "vouched_by": _("Who vouches"),
                "language": _("Language"),
                "time_zone": _("Time zone"),
                "joined_at": _("Joined"),
                "last_login": _("Last signed in"),
            },
            rows=_account,
            covers=(
                "accounts.User.manager",
                "accounts.User.vouched_by",
                "account.EmailAddress.user",
            ),
        )
    )
    register_exporter(
        Exporter(
            name="roles",
            title=_("Your roles"),
            fields={"role": _("Role"), "program": _("Program"), "granted_at": _("Since")},
            rows=_roles,
            covers=("accounts.RoleGrant.user",),
        )
    )
    register_exporter(
        Exporter(
            name="sign_in",
            title=_("Where and how you sign in"),
            fields={
                "kind": _("Kind"),
                "name": _("Name"),
                "address": _("Address"),
                "created_at": _("Since"),
                "last_used_at": _("Last used"),
            },
            rows=_sign_in,
            covers=(
                "mfa.Authenticator.user",
                "usersessions.UserSession.user",
                "accounts.PersonalAccessToken.user",
            ),
        )
    )
    register_exporter(
        Exporter(
            name="acts",
            title=_("What you did, as the log has it"),
            fields={"at": _("When"), "action": _("What"), "object": _("About")},
            rows=_acts,
            covers=("audit.AuditEvent.actor",),
        )
    )
    register_exporter(
        Exporter(
            name="merged_accounts",
            title=_("Accounts that became one with yours"),
            fields={"email": _("E-mail"), "merged_at": _("When"), "reason": _("Why")},
            rows=_merged,
            covers=(
                "accounts.User.merged_into",
                "accounts.AccountMerge.double",
                "accounts.AccountMerge.kept",
            ),
        )
    )
    register_eraser(Eraser(name="accounts", erase=_erase))
    leave_out(
        {
            "admin.LogEntry.user": "The admin's own log is switched off; ours has the acts.",
            "accounts.AccountMerge.merged_by": "The accounts are another person's.",
            "accounts.DistinctPeople.low": "It would name somebody else.",
            "accounts.DistinctPeople.high": "It would name somebody else.",
            "accounts.DistinctPeople.said_by": "It would name other people.",
            "accounts.RoleGrant.granted_by": "The role is the other person's.",
            "accounts.ErasureRequest.user": "It is on the page that the file comes from.",
        }
    )


def _account(person: User) -> Iterator[Row]:
    yield {
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "employee_id": person.employee_id,
        "job_title": person.job_title,
        "level": str(person.level or ""),
        "department": person.department,
        "location": person.location,
        "manager": str(person.manager or ""),
        "organisation": person.organisation,
        "works_until": person.works_until,
        "vouched_by": str(person.vouched_by or ""),
        "language": person.language,
        "time_zone": person.time_zone,
        "joined_at": person.joined_at,
        "last_login": person.last_login,
    }


def _roles(person: User) -> Iterator[Row]:
    for grant in person.grants.select_related("program").order_by("pk"):
        yield {
            "role": grant.get_role_display(),
            "program": str(grant.program or ""),
            "granted_at": grant.granted_at,
        }


def _sign_in(person: User) -> Iterator[Row]:
    for factor in Authenticator.objects.filter(user=person).order_by("pk"):
        yield {
            "kind": str(factor.get_type_display()),
            "created_at": factor.created_at,
            "last_used_at": factor.last_used_at,
        }
    for session in UserSession.objects.filter(user=person).order_by("pk"):
        yield {
            "kind": str(_("Session")),
            "name": session.user_agent,
            "address": session.ip,
            "created_at": session.created_at,
            "last_used_at": session.last_seen_at,
        }
    for token in PersonalAccessToken.objects.filter(user=person).order_by("pk"):
        yield {
            "kind": str(_("Access token")),
            "name": token.name,
            "created_at": token.created_at,
            "last_used_at": token.last_used_at,
        }


def _merged(person: User) -> Iterator[Row]:
    for merge in AccountMerge.objects.filter(kept=person).select_related("double").order_by("pk"):
        yield {
            "email": merge.double.email,
            "merged_at": merge.merged_at,
            "reason": merge.reason,
        }


def _acts(person: User) -> Iterator[Row]:
    events = AuditEvent.objects.filter(actor=person).order_by("pk")
    for event in events.iterator(chunk_size=A_PIECE):
        yield {
            "at": event.at,
            "action": event.action,
            "object": f"{event.object_type} {event.object_id}",
        }


def _erase(person: User, now: datetime) -> None:
    """Leave a row without a name: department, location and level stay for the statistics."""
    check_owners_remain(losing=Q(user=person))
    keys = UserSession.objects.filter(user=person).values_list("session_key", flat=True)
    Session.objects.filter(session_key__in=list(keys)).delete()
    for model in (UserSession, Authenticator, EmailAddress, PersonalAccessToken, RoleGrant):
        model._default_manager.filter(user=person).delete()
    with translation.override(settings.LANGUAGE_CODE):
        name = translation.gettext("Former participant")
    AccountMerge.objects.filter(kept=person).update(reason="")
    for account in (person, *User.objects.filter(merged_into=person)):
        account.first_name, account.last_name, account.name_key = name, "", sort_key(name)
        account.email = f"former-{account.pk}@erased.invalid"
        account.employee_id = account.job_title = ""
        account.is_active = account.is_superuser = account.is_external = False
        account.organisation = ""
        account.works_until = account.vouched_by = account.ended_at = None
        account.set_unusable_password()
        account.last_login = None
        account.save()
