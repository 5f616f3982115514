"""Reads about people, their roles and tokens."""

from __future__ import annotations

from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.urls import reverse

from accounts import access
from accounts.models import PersonalAccessToken, RoleGrant, User

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def grants_managed_by(user: User) -> QuerySet[RoleGrant]:
    """Return the grants that a person may see: IT all, an owner those of the programs they own."""
    grants = RoleGrant.objects.select_related("user", "program", "granted_by")
    if user.is_superuser or access.has_organisation_role(user, (access.IT,)):
        return grants
    if access.has_organisation_role(user, (access.OWNER,)):
        return grants.exclude(role=access.IT)
    return grants.filter(program_id__in=access.program_ids_of(user, (access.OWNER,)))


def tokens_of(user: User) -> QuerySet[PersonalAccessToken]:
    """Return the person's tokens that are not revoked, newest first."""
    return PersonalAccessToken.objects.filter(user=user, revoked_at__isnull=True)


def usable_token(digest: bytes, *, now: datetime) -> PersonalAccessToken | None:
    """Return the token with this digest while it is valid and its person is active."""
    return (
        PersonalAccessToken.objects.filter(
            digest=digest, revoked_at__isnull=True, expires_at__gt=now, user__is_active=True
        )
        .select_related("user")
        .first()
    )


def has_second_factor(user: User) -> bool:
    """Tell whether the person has an authenticator app or a passkey."""
    return Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists()


def set_password_path(user: User) -> str:
    """Return the path at which this person, and nobody else, may set their password."""
    key = default_token_generator.make_token(user)
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )
