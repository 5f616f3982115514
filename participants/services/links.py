"""Links by which people put themselves forward."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from participants.models import SignUpLink
from participants.roles import check_role
from participants.services.enrolling import check_takes_people
from programs.models import Cohort

DOMAIN = re.compile(r"(?=.{3,120}\Z)([a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
MOST_DOMAINS = 20


@transaction.atomic
def make_link(
    *,
    cohort: Cohort,
    role: str,
    actor: User,
    now: datetime,
    email_domains: Sequence[str] = (),
    closes_on: date | None = None,
    most_people: int | None = None,
) -> SignUpLink:
    """Make the link of a role with a token nobody can guess; there is one per role at a time.

    Effects: one row, an audit row.

    Raises:
        DomainError: the cohort is over or has no such role, or a domain is none.
        Conflict: the role has a link already.
    """
    check_takes_people(cohort)
    check_role(cohort, role)
    link = SignUpLink(
        cohort=cohort,
        role=role,
        token=secrets.token_urlsafe(24),
        email_domains=_checked_domains(email_domains),
        closes_on=closes_on,
        most_people=most_people,
        created_by=actor,
        created_at=now,
    )
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError as error:
        if "sign_up_link_one_per_role" not in str(error):
            raise
        raise Conflict(
            _("There is a link for this role. Revoke it first, then make a new one."),
            code="link_exists",
            field="role",
        ) from None
    record(
        actor=actor,
        action="participants.link_made",
        about=link,
        now=now,
        program_id=cohort.program_id,
        detail={"cohort": cohort.pk, "role": role},
    )
    return link


def _checked_domains(domains: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(domain.strip().lower().lstrip("@") for domain in domains))
    found = [domain for domain in found if domain]
    wrong = [domain for domain in found if not DOMAIN.fullmatch(domain)]
    if wrong or len(found) > MOST_DOMAINS:
        raise DomainError(
            _("“%(domain)s” is not a domain. Write the part after the @, such as example.org.")
            % {"domain": wrong[0] if wrong else found[-1]},
            code="domain",
            field="email_domains",
        )
    return found


@transaction.atomic
def revoke_link(*, link: SignUpLink, actor: User, now: datetime) -> None:
    """Let a link lead nowhere from now on; who has joined by it stays. Twice is fine.

    Effects: one conditional update; an audit row the first time.
    """
    changed = SignUpLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=now)
    if changed:
        record(
            actor=actor,
            action="participants.link_revoked",
            about=link,
            now=now,
            program_id=link.cohort.program_id,
            detail={"cohort": link.cohort_id, "role": link.role},
        )
