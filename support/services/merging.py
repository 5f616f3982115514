"""Make two accounts of one person one, or say that they are two people."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import access, merging
from accounts.adapter import mail_given_up_address
from accounts.merging import Merge
from accounts.models import AccountMerge, DistinctPeople, User
from audit.services import record
from core.errors import Conflict, DomainError, NotAllowed
from notifications.services import queue_message

logger = logging.getLogger(__name__)

KIND = "support.accounts_merged"
FILLED = ("employee_id", "manager", "department", "location", "job_title", "level")
REFUSED_BY_PAIRING = ("member_do_not_pair", "member_reporting_line")


def merge_accounts(
    *, keep: User, double: User, actor: User, now: datetime, reason: str
) -> AccountMerge:
    """Carry everything of the double over to the kept account and switch the double off, for good.

    Raises:
        NotAllowed: the actor may not merge accounts, or one of the two is their own.
        Conflict: somebody merged one of the two meanwhile.
        DomainError: something stands in the way; the sentence says what, and what to do.

    Effects: both people locked in the order of their ids; what every app's way says; one row that
    tells of the merge, one audit row, the double signed out everywhere; mail to both
    addresses. One transaction: all of it or nothing.
    """
    _check_may_merge(actor, keep, double)
    try:
        with transaction.atomic():
            return _merge(keep.pk, double.pk, actor=actor, now=now, reason=reason)
    except IntegrityError as error:
        if any(rule in str(error) for rule in REFUSED_BY_PAIRING):
            raise DomainError(
                _(
                    "A rule of pairing keeps the account that stays and a partner of the other one "
                    "apart. A program manager has to end that match first."
                ),
                code="pairing_refuses",
            ) from error
        logger.exception("Two accounts could not be merged.")
        raise DomainError(
            _(
                "A rule of the database keeps these two accounts apart; nothing was changed. The "
                "log of the server names the rule."
            ),
            code="database_refuses",
        ) from error


@transaction.atomic
def keep_apart(*, first: User, second: User, actor: User, now: datetime) -> DistinctPeople:
    """Remember that two accounts are two people, so that they are not shown again; again is fine.

    Effects: one row and one audit row, the first time.
    """
    if not access.may_merge(actor):
        raise NotAllowed(_("You may not decide about other people’s accounts."))
    low, high = sorted((first.pk, second.pk))
    row, is_new = DistinctPeople.objects.get_or_create(
        low_id=low, high_id=high, defaults={"said_by": actor, "said_at": now}
    )
    if is_new:
        record(
            actor=actor, action="person.distinct", about=first, now=now, detail={"from": second.pk}
        )
    return row


def _check_may_merge(actor: User, keep: User, double: User) -> None:
    if not access.may_merge(actor):
        raise NotAllowed(_("You may not decide about other people’s accounts."))
    if actor.pk in (keep.pk, double.pk):
        raise NotAllowed(_("Nobody merges their own account. Ask somebody else who may."))
    if keep.pk == double.pk:
        raise DomainError(_("Choose two accounts."), code="same_account")


def _merge(
    keep_id: int, double_id: int, *, actor: User, now: datetime, reason: str
) -> AccountMerge:
    locked = User.objects.select_for_update(of=("self",)).filter(pk__in=(keep_id, double_id))
    people = {person.pk: person for person in locked.order_by("pk")}
    keep, double = people[keep_id], people[double_id]
    if keep.merged_into_id or double.merged_into_id:
        raise Conflict(_("Somebody else has merged one of these accounts meanwhile."))
    if found := merging.obstacles_of(keep, double):
        raise DomainError(" ".join(map(str, found)), code="obstacle")
    values = {name: getattr(double, name) for name in FILLED}
    counts = merging.carry_all(Merge(keep=keep, double=double, now=now))
    _give_up(double, keep)
    _fill(keep, values, double)
    merge = AccountMerge.objects.create(
        double=double, kept=keep, merged_by=actor, merged_at=now, reason=reason, counts=counts
    )
    record(
        actor=actor,
        action="person.merged",
        about=keep,
        now=now,
        detail={"double": double.pk},  # counts would tell IT of discreet programs
    )
    queue_message(kind=KIND, recipient=keep, object_id=merge.pk, now=now)
    transaction.on_commit(lambda: _tell_given_up(double, keep))
    return merge


def _give_up(double: User, keep: User) -> None:
    double.merged_into = keep
    double.is_active = False
    double.employee_id = ""
    double.manager = None
    double.set_unusable_password()
    double.save(update_fields=["merged_into", "is_active", "employee_id", "manager", "password"])


def _fill(keep: User, values: dict[str, object], double: User) -> None:
    """Take over what the kept account has nothing of; what it has stays."""
    for name, value in values.items():
        if not getattr(keep, name) and value:
            setattr(keep, name, value)
    seen = [moment for moment in (keep.last_login, double.last_login) if moment]
    keep.last_login = max(seen, default=None)
    keep.joined_at = min(keep.joined_at, double.joined_at)
    keep.save(update_fields=[*FILLED, "last_login", "joined_at"])


def _tell_given_up(double: User, keep: User) -> None:
    try:
        mail_given_up_address(double, kept=keep)
    except OSError:
        logger.exception("The address of account %s could not be told of its merge.", double.pk)
