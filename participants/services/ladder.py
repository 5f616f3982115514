"""Add levels to the organisation's ladder, in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.access import OWNER, has_organisation_role
from accounts.models import Level, User
from audit.services import record
from core.errors import DomainError, NotAllowed
from participants.importing.values import level_key

OUT_OF_THE_WAY = 10_000
MOST_LEVELS = 200


def may_extend_ladder(user: User) -> bool:
    """IT administrators and owners of the whole organisation may."""
    return (
        user.is_superuser
        or user.has_perm("accounts.add_level")
        or has_organisation_role(user, (OWNER,))
    )


@transaction.atomic
def extend_ladder(*, names: Sequence[str], actor: User | None, now: datetime) -> list[Level]:
    """Add the names that the ladder lacks; ``names`` runs from low to high.

    A new level comes right above the name before it in the list, or, when it is first, right below
    the name after it. Levels that exist keep their order; their ranks are numbered anew only when
    something comes between them. ``actor`` None is an administrator at the command line.

    Effects: rows of levels are locked and written; one audit row for each new level.

    Raises:
        NotAllowed: the actor may not change the ladder.
        DomainError: the list is empty, too long, or contradicts the order of the ladder.
    """
    if actor is not None and not may_extend_ladder(actor):
        raise NotAllowed(_("Levels are added by IT administrators and the organisation’s owners."))
    wanted = _checked(names)
    ladder = list(Level.objects.select_for_update().order_by("rank"))
    known = {level_key(level.name): level for level in ladder}
    order = _merged([level_key(level.name) for level in ladder], list(wanted))
    added = [Level(name=wanted[key]) for key in order if key not in known]
    steps = [known.get(key) or _named(added, key) for key in order]
    if steps[: len(ladder)] == ladder:
        top = ladder[-1].rank if ladder else 0
        for rank, level in enumerate(added, start=top + 1):
            level.rank = rank
    else:
        _number_anew(steps)
    Level.objects.bulk_create(added)
    for level in added:
        record(
            actor=actor,
            action="accounts.level_added",
            about=level,
            now=now,
            detail={"rank": level.rank},
        )
    return added


def _checked(names: Sequence[str]) -> dict[str, str]:
    cleaned = [" ".join(name.split()) for name in names if name.strip()]
    wanted: dict[str, str] = {}
    for name in cleaned:
        wanted.setdefault(level_key(name), name)
    if not wanted or len(wanted) > MOST_LEVELS or any(len(name) > 60 for name in cleaned):
        raise DomainError(
            _("Write the levels from low to high, one a line, each up to 60 characters."),
            code="levels_invalid",
            field="levels",
        )
    return wanted


def _merged(ladder: list[str], wanted: list[str]) -> list[str]:
    """Return the ladder with the wanted keys in their places."""
    shared = [key for key in wanted if key in ladder]
    if shared != [key for key in ladder if key in wanted]:
        raise DomainError(
            _("The ladder has some of these levels in another order. Write them in that order."),
            code="levels_order",
            field="levels",
        )
    order = list(ladder)
    place = order.index(shared[0]) if shared else len(order)
    for key in wanted:
        if key in order:
            place = order.index(key) + 1
        else:
            order.insert(place, key)
            place += 1
    return order


def _named(levels: list[Level], key: str) -> Level:
    return next(level for level in levels if level_key(level.name) == key)


def _number_anew(steps: list[Level]) -> None:
    stored = [level for level in steps if level.pk]
    Level.objects.filter(pk__in=[level.pk for level in stored]).update(
        rank=F("rank") + OUT_OF_THE_WAY
    )
    for rank, level in enumerate(steps, start=1):
        level.rank = rank
        if level.pk:
            level.save(update_fields=("rank",))
