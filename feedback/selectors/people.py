"""Who is asked together with whom, and who reads the answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import MANAGER, OWNER
from accounts.models import RoleGrant, User
from core.names import listed
from matching.models import Match, MatchMember
from programs.covers import around, of_today
from programs.models import Cover, Program

MANAGING = (OWNER, MANAGER)


def short_names(people: Iterable[User]) -> str:
    """Name the partners of a match as one says them."""
    names = [person.get_short_name() for person in people]
    return listed(names) if names else _("your match")


def readers_of(program: Program, match_ids: Collection[int] = ()) -> str:
    """Return the names of those who read answers: whoever manages the program, its contact first.

    Who is in one of the matches reads nothing about them and is left out.
    """
    grants = RoleGrant.objects.filter(
        Q(program=program) | Q(program__isnull=True), role__in=MANAGING
    )
    rows = User.objects.filter(is_active=True, pk__in=grants.values("user"))
    if match_ids:
        members = MatchMember.objects.filter(match__in=match_ids)
        rows = rows.exclude(pk__in=members.values("user"))
    contact = program.contact_email.lower()
    people = sorted(rows, key=lambda one: (one.email.lower() != contact, one.name_key, one.pk))
    names = [person.get_full_name() or person.email for person in people]
    return listed(names) if names else program.contact_name or _("The program team")


def managers_of(program_id: int) -> list[User]:
    """Return who manages a program; whoever manages all of them where it has nobody of its own."""
    managers = User.objects.filter(is_active=True, grants__role__in=MANAGING)
    own = list(managers.filter(grants__program_id=program_id).distinct())
    return own or list(managers.filter(grants__program_id__isnull=True).distinct())


def called_for(match: Match, *, now: datetime) -> list[User]:
    """Return who is told of a call for help or of a misfit: the managers, and their stand-ins.

    A stand-in counts on the days of the cover and while they run the program, if only by a role for
    all programs. Nobody is told of a match that they are or were in.
    """
    program_id = match.cohort.program_id
    managers = {person.pk: person for person in managers_of(program_id)}
    covers = Cover.objects.filter(around(now), program=program_id, away__in=managers)
    covering = {cover.covered_by_id for cover in of_today(covers.select_related("away"), now)}
    grants = RoleGrant.objects.filter(
        Q(program=program_id) | Q(program__isnull=True), user__in=covering, role__in=MANAGING
    )
    stand_ins = (
        User.objects.filter(is_active=True, pk__in=grants.values("user")) if covering else []
    )
    managers |= {person.pk: person for person in stand_ins}
    members = set(MatchMember.objects.filter(match=match).values_list("user_id", flat=True))
    return [person for pk, person in managers.items() if pk not in members]


def members_by_match(match_ids: Iterable[int]) -> dict[int, list[User]]:
    """Return the current members of these matches. One query."""
    members: dict[int, list[User]] = defaultdict(list)
    rows = MatchMember.objects.current().filter(match__in=list(match_ids)).select_related("user")
    for row in rows:
        members[row.match_id].append(row.user)
    return members
