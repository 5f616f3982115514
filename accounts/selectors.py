"""Reads about people, their roles and tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse

from accounts import access
from accounts.models import PersonalAccessToken, RoleGrant, User
from core.names import sort_key

SECOND_FACTORS = (Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value)
# Written out, since each request asks it: putting it together costs more than asking.
SIGNED_IN = """
    SELECT u.*,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', g.id, 'user_id', g.user_id, 'role', g.role, 'program_id', g.program_id
            ) ORDER BY g.id), '[]') FROM accounts_rolegrant g WHERE g.user_id = u.id
           ) AS packed_grants,
           EXISTS (
               SELECT 1 FROM mfa_authenticator a WHERE a.user_id = u.id AND a.type = ANY (%s)
           ) AS has_second_factor
    FROM accounts_user u WHERE u.id = %s
"""
LEADS_BACK = """
    WITH RECURSIVE line(id, manager_id) AS (
        SELECT u.id, u.manager_id FROM accounts_user u WHERE u.id = %s
        UNION
        SELECT u.id, u.manager_id FROM accounts_user u JOIN line ON u.id = line.manager_id
    )
    SELECT EXISTS (SELECT 1 FROM line WHERE line.id = %s)
"""
WORDS_A_SEARCH = 5
LETTERS_OF_A_PART = 3


def grants_managed_by(user: User) -> QuerySet[RoleGrant]:
    """Return the grants that a person may see: an owner those of the programs they own.

    IT sees all but those of discreet programs: their names and managers stay among themselves.
    """
    grants = RoleGrant.objects.select_related("user", "program", "granted_by")
    if user.is_superuser:
        return grants
    if access.has_organisation_role(user, (access.IT,)):
        return grants.exclude(program_id__in=access.discreet_program_ids())
    if access.has_organisation_role(user, (access.OWNER,)):
        return grants.exclude(role=access.IT)
    return grants.filter(program_id__in=access.program_ids_of(user, (access.OWNER,)))


def tokens_of(user: User) -> QuerySet[PersonalAccessToken]:
    """Return the person's tokens that are not revoked, newest first."""
    return PersonalAccessToken.objects.filter(user=user, revoked_at__isnull=True)


def usable_token(digest: bytes, *, now: datetime) -> PersonalAccessToken | None:
    """Return the token with this digest while it is valid, of an active person who may have one."""
    return (
        PersonalAccessToken.objects.filter(
            digest=digest,
            revoked_at__isnull=True,
            expires_at__gt=now,
            user__is_active=True,
            user__is_external=False,
        )
        .select_related("user")
        .first()
    )


def signed_in_person(pk: Any) -> User | None:
    """Return a person with roles and second factor read. One query, for each request."""
    for person in User.objects.raw(SIGNED_IN, [list(SECOND_FACTORS), pk]):
        person._grants = [RoleGrant(**row) for row in json.loads(vars(person)["packed_grants"])]
        return person
    return None


def has_second_factor(user: User) -> bool:
    """Tell whether the person has an authenticator app or a passkey."""
    known: bool | None = getattr(user, "has_second_factor", None)
    return _second_factors().filter(user=user).exists() if known is None else known


def _second_factors() -> QuerySet[Authenticator]:
    return Authenticator.objects.filter(type__in=SECOND_FACTORS)


def search_people(rows: QuerySet[Any], text: str, *, path: str = "") -> QuerySet[Any]:
    """Narrow rows to those whose person has every word in name or e-mail, or as employee number.

    ``path`` leads from the rows to the person. A word of one or two letters has to begin a name or
    the e-mail, so that the index on parts of words answers it, too.
    """
    for word in text.split()[:WORDS_A_SEARCH]:
        rows = rows.filter(_has_word(word, f"{path}__" if path else ""))
    return rows


def _has_word(word: str, prefix: str) -> Q:
    address, numbers = word.lower(), {word, word.lower(), word.upper()}
    key = sort_key(word) or address
    found = Q(**{f"{prefix}employee_id__in": sorted(numbers)})
    if len(key) >= LETTERS_OF_A_PART:
        found |= Q(**{f"{prefix}name_key__contains": key})
        found |= Q(**{f"{prefix}email__contains": address})
    else:
        found |= Q(**{f"{prefix}name_key__startswith": key})
        found |= Q(**{f"{prefix}name_key__contains": f" {key}"})
        found |= Q(**{f"{prefix}email__startswith": address})
    return found


def set_password_path(user: User) -> str:
    """Return the path at which this person, and nobody else, may set their password."""
    key = default_token_generator.make_token(user)
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )


def leads_back(first: User, person: User) -> bool:
    """Tell whether the line of managers that begins with ``first`` reaches the person."""
    with connection.cursor() as cursor:
        cursor.execute(LEADS_BACK, [first.pk, person.pk])
        (reached,) = cursor.fetchone()
    return bool(reached)


def account_with(email: str) -> User | None:
    """Return the account of this e-mail; of one that was merged, the account that it became."""
    found: User | None = (
        User.objects.filter(email__iexact=email.strip()).select_related("merged_into").first()
    )
    return found.merged_into or found if found else None


def named_by(emails: list[str], numbers: list[str]) -> QuerySet[User]:
    """Return everybody with one of these lower-case e-mails or employee numbers.

    Beside an account that was merged stands the one that it became.
    """
    people = User.objects.alias(key=Lower("email"))
    merged = people.filter(key__in=emails, merged_into__isnull=False)
    return people.filter(
        Q(key__in=emails) | Q(employee_id__in=numbers) | Q(pk__in=merged.values("merged_into"))
    )


def emails_of(people: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each lower-case e-mail with the account that it leads to, of rows of ``named_by``."""
    by_id = {person["id"]: person for person in people}
    for person in by_id.values():
        yield person["email"].lower(), by_id.get(person["merged_into_id"], person)
