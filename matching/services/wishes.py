"""Whom people would like to be matched with, and whom not: saved, and carried to the pairing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from matching.models import DoNotPair, PairingWish, WishKind
from participants.models import Enrolment
from programs.models import Cohort

MOST_WISHES = 3


@transaction.atomic
def save_wishes(
    *,
    enrolment: Enrolment,
    actor: User,
    now: datetime,
    gladly: Sequence[str],
    not_with: Sequence[str],
) -> None:
    """Replace somebody's wishes, addresses in the order of how dear they are.

    Whom they want not to be matched with becomes a pair to avoid at once, which the database then
    refuses everywhere; an address that nobody has yet waits until somebody has it.

    Effects: the wishes, pairs to avoid that the actor made, an audit row with counts.

    Raises:
        DomainError: one's own address, one in both lists, or more than three in one.
    """
    wanted, unwanted = _addresses(gladly), _addresses(not_with)
    _refuse(actor, wanted, unwanted)
    Enrolment.objects.select_for_update().only("pk").get(pk=enrolment.pk)
    before = _unwanted_by([actor.pk])[actor.pk]
    PairingWish.objects.filter(enrolment=enrolment).delete()
    PairingWish.objects.bulk_create(
        PairingWish(enrolment=enrolment, kind=kind, place=place, address=address, created_at=now)
        for kind, addresses in ((WishKind.WITH, wanted), (WishKind.NOT_WITH, unwanted))
        for place, address in enumerate(addresses)
    )
    _take_back(actor, before - _unwanted_by([actor.pk])[actor.pk], now)
    _settle([actor.pk], now)
    record(
        actor=actor,
        action="wishes.changed",
        about=enrolment,
        now=now,
        program_id=enrolment.cohort.program_id,
        detail={"with": len(wanted), "not_with": len(unwanted)},
    )


def _addresses(given: Iterable[str]) -> list[str]:
    lowered = (address.strip().lower() for address in given)
    return list(dict.fromkeys(address for address in lowered if address))


def _refuse(actor: User, wanted: list[str], unwanted: list[str]) -> None:
    if actor.email in (*wanted, *unwanted):
        raise DomainError(_("This is your own address."), code="own_address")
    if set(wanted) & set(unwanted):
        raise DomainError(_("Somebody stands in both lists. Leave one out."), code="both")
    if max(len(wanted), len(unwanted)) > MOST_WISHES:
        raise DomainError(_("Three in each list are enough."), code="too_many")


def settle_wishes(*, cohort: Cohort, now: datetime) -> None:
    """Make pairs to avoid of wishes whose addresses somebody has by now. Four queries at most."""
    waiting = PairingWish.objects.filter(enrolment__cohort=cohort, kind=WishKind.NOT_WITH)
    _settle(waiting.order_by().values_list("enrolment__user_id", flat=True).distinct(), now)


def _settle(people: Iterable[int], now: datetime) -> None:
    """Make the pairs to avoid that people asked for, in whatever cohort."""
    unwanted = _unwanted_by(people)
    addresses = {address for named in unwanted.values() for address in named}
    if not addresses:
        return
    found = dict(User.objects.filter(email__in=addresses).values_list("email", "pk"))
    DoNotPair.objects.bulk_create(
        [
            _pair(person, found[address], now)
            for person, named in sorted(unwanted.items())
            for address in sorted(named)
            if found.get(address, person) != person
        ],
        ignore_conflicts=True,
    )


def _pair(person: int, other: int, now: datetime) -> DoNotPair:
    """Return a pair to avoid that the first of the two asked for."""
    low, high = sorted((person, other))
    return DoNotPair(low_id=low, high_id=high, created_by_id=person, created_at=now)


def _unwanted_by(people: Iterable[int]) -> dict[int, set[str]]:
    """Return the addresses that people would rather not be matched with, by person."""
    wanted = {pk: set[str]() for pk in people}
    wishes = PairingWish.objects.filter(enrolment__user__in=list(wanted), kind=WishKind.NOT_WITH)
    for wish in wishes.annotate(person=F("enrolment__user_id")):
        wanted[wish.person].add(wish.address)
    return wanted


def _take_back(person: User, addresses: set[str], now: datetime) -> None:
    """Remove the pairs to avoid that a person asks for no more; where the other one asks, it stays.

    What a manager entered stays, and so do those whose match did not fit: nobody asked for them.
    """
    others = list(User.objects.filter(email__in=addresses).values_list("pk", flat=True))
    rows = DoNotPair.objects.filter(created_by=person)
    rows.filter(Q(low=person, high__in=others) | Q(high=person, low__in=others)).delete()
    asking = [pk for pk, named in _unwanted_by(others).items() if person.email in named]
    DoNotPair.objects.bulk_create(
        [_pair(pk, person.pk, now) for pk in sorted(asking)], ignore_conflicts=True
    )


def preferred_in(cohort: Cohort) -> dict[int, list[int]]:
    """Return the people whom each enrolment of a cohort named, dearest first. Two queries."""
    rows = PairingWish.objects.filter(
        enrolment__in=cohort.enrolments.in_pool(), kind=WishKind.WITH
    ).order_by("enrolment_id", "place")
    named = [(wish.enrolment_id, wish.address) for wish in rows]
    if not named:
        return {}
    people = dict(
        User.objects.filter(email__in={address for _pk, address in named}).values_list(
            "email", "pk"
        )
    )
    found: dict[int, list[int]] = {}
    for enrolment_id, address in named:
        if address in people:
            found.setdefault(enrolment_id, []).append(people[address])
    return found
