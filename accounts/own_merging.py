"""How this app's own rows find the kept account when two become one."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists
from django.utils.translation import gettext as _

from accounts import merging
from accounts.merging import Merge
from accounts.models import ErasureRequest, RoleGrant, User
from accounts.selectors import leads_back


def register() -> None:
    merging.by_hand(
        "accounts.sign_in",
        covers=("account.EmailAddress.user", "usersessions.UserSession.user"),
        carry=_end_sign_in,
    )
    merging.drop("mfa.Authenticator.user", "accounts.PersonalAccessToken.user")
    merging.drop("accounts.RoleGrant.user")
    merging.move(
        "accounts.RoleGrant.granted_by",
        "accounts.User.manager",
        "accounts.User.merged_into",
        "accounts.User.vouched_by",
        "accounts.ErasureRequest.user",
        "accounts.AccountMerge.kept",
        "accounts.AccountMerge.merged_by",
        "accounts.DistinctPeople.said_by",
    )
    merging.drop("accounts.DistinctPeople.low", "accounts.DistinctPeople.high")
    merging.leave(
        {
            "admin.LogEntry.user": "The admin's own log is switched off; ours has the acts.",
            "audit.AuditEvent.actor": "The log is append-only; the act of merging names both.",
            "accounts.AccountMerge.double": "It says which account was given up.",
        }
    )
    merging.register_obstacles(_obstacles)


def _end_sign_in(merge: Merge) -> int:
    """Sign the double out everywhere; its address stays with its row, so that no third is made."""
    sessions = UserSession.objects.filter(user=merge.double)
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    sessions.delete()
    EmailAddress.objects.filter(user=merge.double).delete()
    return len(keys)


def _obstacles(keep: User, double: User) -> Iterator[str]:
    both = (keep, double)
    has_roles, is_leaving = User.objects.filter(pk=double.pk).values_list(
        Exists(RoleGrant.objects.filter(user=double)),
        Exists(ErasureRequest.objects.open().filter(user__in=both)),
    )[0]
    if any(person.merged_into_id for person in both):
        yield _("One of the two was merged already. Look for the account that it became.")
    if not keep.is_active and not keep.merged_into_id:
        yield _(
            "%(email)s is switched off. Keep the other account, or switch this one on first."
        ) % {"email": keep.email}
    if keep.is_external and not double.is_external:
        yield _("%(email)s is from outside. Keep the account of the organisation.") % {
            "email": keep.email
        }
    if any(person.is_superuser for person in both):
        yield _("A superuser’s account is not merged. A superuser has to give that up first.")
    if has_roles:
        yield _(
            "%(email)s has roles. Keep that account, or give the roles to the other one and take "
            "them away here first."
        ) % {"email": double.email}
    if keep.employee_id and double.employee_id and keep.employee_id != double.employee_id:
        yield _(
            "HR knows both by an employee number: %(kept)s and %(double)s. Ask HR which one holds, "
            "and empty the other first."
        ) % {"kept": keep.employee_id, "double": double.employee_id}
    if _is_above(keep, double) or _is_above(double, keep):
        yield _(
            "One of the two stands above the other in the reporting line. Correct who is the "
            "manager of whom first."
        )
    if is_leaving:
        yield _(
            "One of the two is about to be deleted, as its owner asked. Wait for that, or let them "
            "undo it first."
        )


def _is_above(boss: User, person: User) -> bool:
    return person.manager_id is not None and leads_back(person, boss)
