"""Who is asked together with whom, and who reads the answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.access import MANAGER, OWNER
from accounts.models import User
from matching.models import MatchMember
from programs.models import Program

MANAGING = (OWNER, MANAGER)


def short_names(people: Iterable[User]) -> str:
    """Name the partners of a match as one says them."""
    names = [person.get_short_name() for person in people]
    return str(get_text_list(names, _("and"))) if names else _("your match")


def readers_of(program: Program) -> str:
    """Return the names of those who read answers: the program's contact, else its managers."""
    if program.contact_name:
        return program.contact_name
    names = [manager.get_full_name() or manager.email for manager in managers_of(program.pk)]
    return str(get_text_list(names, _("and"))) if names else _("The program team")


def managers_of(program_id: int) -> list[User]:
    """Return who manages a program; whoever manages all of them where it has nobody of its own."""
    managers = User.objects.filter(is_active=True, grants__role__in=MANAGING)
    own = list(managers.filter(grants__program_id=program_id).distinct())
    return own or list(managers.filter(grants__program_id__isnull=True).distinct())


def members_by_match(match_ids: Iterable[int]) -> dict[int, list[User]]:
    """Return the current members of these matches. One query."""
    members: dict[int, list[User]] = defaultdict(list)
    rows = MatchMember.objects.current().filter(match__in=list(match_ids)).select_related("user")
    for row in rows:
        members[row.match_id].append(row.user)
    return members
