"""The people of a match, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, OuterRef, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from core.clock import zone_city
from core.names import listed
from core.packed import packed
from matching.models import Match, MatchMember

NAME = Coalesce(
    NullIf(Trim(Concat("user__first_name", Value(" "), "user__last_name")), Value("")),
    "user__email",
)


@dataclass(frozen=True)
class Partner:
    """Somebody else of a match, as pages show them."""

    user_id: int
    name: str
    short_name: str
    role: str
    job_title: str
    location: str
    time_zone: str
    organisation: str = ""  # of somebody from outside
    photo: str = ""  # its digest; empty where there is none

    @property
    def city(self) -> str:
        return zone_city(self.time_zone)


class Partnered:
    """What names the partners of a match: everything that pages show of one."""

    if TYPE_CHECKING:

        @property
        def partners(self) -> Sequence[Partner]: ...

    def goes_on_without(self, role: str) -> bool:
        """Tell whether the match goes on when the reader, in this role, leaves it.

        As ``matching.seats.goes_on_without`` decides it.
        """
        return len(self.partners) > 1 and role in {partner.role for partner in self.partners}

    @property
    def partner_names(self) -> str:
        return listed([partner.name for partner in self.partners])

    @property
    def short_names(self) -> str:
        return listed([partner.short_name for partner in self.partners])


def people_of(path: str) -> Any:
    """Pack the current people of the match that ``path`` names in the outer query."""
    members = MatchMember.objects.seated().filter(match=OuterRef(path)).order_by("id")
    return packed(
        members,
        user_id=F("user_id"),
        name=NAME,
        short_name=Coalesce(NullIf("user__first_name", Value("")), "user__email"),
        role=F("role"),
        job_title=F("user__job_title"),
        location=F("user__location"),
        time_zone=F("user__time_zone"),
        organisation=F("user__organisation"),
        photo=Coalesce("user__photo__digest", Value("")),
    )


def unpack_people(rows: list[dict[str, Any]]) -> list[Partner]:
    return [Partner(**row) for row in rows]


def people_of_match(match: Match) -> list[Partner]:
    """Return the current people of a match. One query."""
    packed_people = people_of("pk")
    return unpack_people(Match.objects.filter(pk=match.pk).values_list(packed_people).get()[0])
