"""What a role lets a person do. Every other app asks here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import PersonalAccessToken, RoleGrant, User

OWNER, MANAGER, HR, IT = "owner", "manager", "hr_analyst", "it_administrator"
VIEW, CHANGE, ADD, DELETE = "view", "change", "add", "delete"
EVERYTHING = frozenset({VIEW, CHANGE, ADD, DELETE})
NO_DELETE = frozenset({VIEW, CHANGE, ADD})
NO_CHANGE = frozenset({VIEW, ADD, DELETE})
LOOK = frozenset({VIEW})

# What each role may do with which model in the admin. What is not named is not reachable.
PROGRAM_STAFF = {
    "programs.program": frozenset({VIEW, CHANGE}),
    "programs.screeningstep": EVERYTHING,
    "programs.cohort": NO_DELETE,
    "programs.phase": EVERYTHING,
    "programs.objective": EVERYTHING,
    "programs.meetingagenda": EVERYTHING,
    "programs.agreementclause": EVERYTHING,
    "programs.closingquestion": EVERYTHING,
    "programs.enrolmentform": NO_DELETE,
    "programs.question": EVERYTHING,
    "programs.expectationform": NO_DELETE,
    "programs.expectationquestion": EVERYTHING,
    "goals.goalsuggestion": EVERYTHING,
    "participants.enrolment": NO_DELETE,
    "participants.importrun": LOOK,
    "participants.signuplink": frozenset({VIEW, ADD}),
    "participants.skill": NO_DELETE,
    "participants.skillsuggestion": LOOK,
    "training.trainingmodule": NO_DELETE,
    "training.moduleversion": frozenset({VIEW, CHANGE}),
    "training.modulepart": EVERYTHING,
    "training.quizquestion": EVERYTHING,
    "matching.pairingpolicy": NO_DELETE,
    "matching.policycriterion": EVERYTHING,
    "matching.policyrule": EVERYTHING,
    "matching.pairingtrait": EVERYTHING,
    "matching.pairingrun": LOOK,
    "matching.donotpair": NO_CHANGE,
    "matching.match": LOOK,
    "accounts.level": LOOK,
    "notifications.message": LOOK,
    "support.chatchannel": EVERYTHING,
    "audit.auditevent": LOOK,
}
ADMIN_MODELS = {
    MANAGER: PROGRAM_STAFF,
    OWNER: {
        **PROGRAM_STAFF,
        "accounts.rolegrant": NO_CHANGE,
    },
    HR: {},
    IT: {
        "accounts.user": NO_DELETE,
        "accounts.level": EVERYTHING,
        "accounts.rolegrant": NO_CHANGE,
        "programs.program": NO_DELETE,
        "participants.skill": EVERYTHING,
        "participants.skillsuggestion": LOOK,
        "notifications.message": LOOK,
        "notifications.webhook": EVERYTHING,
        "notifications.webhookdelivery": LOOK,
        "notifications.closeddays": EVERYTHING,
        "support.feedsettings": frozenset({VIEW, CHANGE}),
        "audit.auditevent": LOOK,
    },
}
# What an owner may pass on; only IT and superusers make IT administrators.
GRANTED_BY_OWNERS = (OWNER, MANAGER, HR)
# An organisation-wide owner or manager may also create programs.
ORGANISATION_WIDE_EXTRA = {OWNER: {"programs.program": NO_DELETE}, MANAGER: {}}


def grants_of(user: User) -> list[RoleGrant]:
    """Return the person's grants, read once per request."""
    if not hasattr(user, "_grants"):
        user._grants = list(user.grants.all()) if user.pk else []
    return user._grants


def forget_grants(user: User) -> None:
    """Let the next question about this person's rights read them again."""
    for name in ("_grants", "_admin_rights"):
        if hasattr(user, name):
            delattr(user, name)


def has_role(user: User | AnonymousUser, *roles: str) -> bool:
    """Tell whether the person holds one of the roles anywhere."""
    if not user.is_authenticated or not user.is_active:
        return False
    return any(grant.role in roles for grant in grants_of(user))


def has_organisation_role(user: User, roles: tuple[str, ...]) -> bool:
    """Tell whether the person holds one of the roles for the whole organisation."""
    return any(grant.role in roles and grant.program_id is None for grant in grants_of(user))


def may_move_addresses(user: User | None) -> bool:
    """Tell whether the person may give the account of somebody who uses it another e-mail."""
    return (
        user is not None
        and user.is_active
        and (user.is_superuser or has_organisation_role(user, (IT,)))
    )


def may_merge(user: User | AnonymousUser) -> bool:
    """Tell who finds doubles and merges them: IT, and owners of the whole organisation."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or has_organisation_role(user, (IT, OWNER))


def has_role_in(user: User, program_id: int, *roles: str) -> bool:
    """Tell whether the person holds one of the roles for this program or for all."""
    return user.is_active and (
        user.is_superuser
        or any(
            grant.role in roles and grant.program_id in (None, program_id)
            for grant in grants_of(user)
        )
    )


def program_ids_of(user: User, roles: tuple[str, ...]) -> list[int]:
    """Return the ids of programs in which the person holds one of the roles."""
    return [
        grant.program_id
        for grant in grants_of(user)
        if grant.role in roles and grant.program_id is not None
    ]


def may_grant(actor: User | None, role: str, program_id: int | None) -> bool:
    """Tell whether the person may give or take this role; None is the product itself."""
    if actor is None:
        return True
    if not actor.is_active:
        return False
    if actor.is_superuser or has_organisation_role(actor, (IT,)):
        return True
    if role not in GRANTED_BY_OWNERS:
        return False
    if program_id is None:
        return has_organisation_role(actor, (OWNER,))
    return has_role_in(actor, program_id, OWNER)


def works_for_a_program(user: User | AnonymousUser) -> TypeGuard[User]:
    """Tell whether the person sees more than their own: superusers and everybody with a role."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or bool(grants_of(user))


def discreet_program_ids() -> QuerySet[Any]:
    """Return the programs whose name and people only their managers see, as a subquery."""
    return apps.get_model("programs", "Program").objects.filter(is_discreet=True).values("pk")


def scope_audit(user: User, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Narrow rows of the audit log: program staff reads that of their programs.

    IT reads everything but what happened in discreet programs, which would tell who is in them.
    """
    if user.is_superuser:
        return rows
    if has_organisation_role(user, (IT,)):
        return rows.exclude(program_id__in=discreet_program_ids())
    if has_organisation_role(user, (OWNER, MANAGER)):
        return rows.filter(program_id__isnull=False)
    return rows.filter(program_id__in=program_ids_of(user, (OWNER, MANAGER)))


def may_enter_admin(user: User | AnonymousUser) -> bool:
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or has_role(user, OWNER, MANAGER, IT)


def admin_rights(user: User) -> dict[str, frozenset[str]]:
    """Return what the person's roles together allow, by model label."""
    if not hasattr(user, "_admin_rights"):
        rights: dict[str, frozenset[str]] = {}
        for grant in grants_of(user):
            tables = [ADMIN_MODELS.get(grant.role, {})]
            if grant.program_id is None:
                tables.append(ORGANISATION_WIDE_EXTRA.get(grant.role, {}))
            for table in tables:
                for label, acts in table.items():
                    rights[label] = rights.get(label, frozenset()) | acts
        user._admin_rights = rights
    return user._admin_rights


def has_admin_permission(user: User, permission: str) -> bool:
    """Answer Django's ``app.act_model`` from the table of roles."""
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    app_label, _, codename = permission.partition(".")
    act, _, model = codename.partition("_")
    return act in admin_rights(user).get(f"{app_label}.{model}", frozenset())


def has_admin_module(user: User, app_label: str) -> bool:
    if not user.is_active:
        return False
    return user.is_superuser or any(
        label.startswith(f"{app_label}.") for label in admin_rights(user)
    )


def get_token_for(user: User, pk: int) -> PersonalAccessToken:
    """Return the person's own token, or raise ``Http404``."""
    token: PersonalAccessToken | None = user.access_tokens.filter(pk=pk).first()
    if token is None:
        raise Http404
    return token
