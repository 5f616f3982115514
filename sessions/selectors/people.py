"""The people of a match, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from core.clock import zone_city
from core.names import listed
from core.packed import day as day_of
from core.packed import packed
from matching.models import Match, MatchMember
from participants.models import EnrolmentStatus

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
    is_away: bool = False
    away_from: date | None = None
    away_until: date | None = None

    def is_away_on(self, day: date) -> bool:
        """Tell whether a pause of theirs, begun or planned, covers a day."""
        begins = self.is_away or (self.away_from is not None and self.away_from <= day)
        return begins and (self.away_until is None or day <= self.away_until)

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
    def away(self) -> list[Partner]:
        """Return the partners who pause now."""
        return [partner for partner in self.partners if partner.is_away]

    def rests_for(self, role: str) -> bool:
        """Tell whether everybody on the other side of the reader, in this role, is away.

        As ``matching.selectors.resting`` decides it.
        """
        sides: dict[str, list[Partner]] = {}
        for partner in self.partners:
            sides.setdefault(partner.role, []).append(partner)
        others = [people for side, people in sides.items() if side != role]
        return any(
            all(partner.is_away for partner in people) for people in others or sides.values()
        )

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
        is_away=ExpressionWrapper(
            Q(enrolment__status=EnrolmentStatus.PAUSED), output_field=BooleanField()
        ),
        away_from=F("enrolment__pause_from"),
        away_until=F("enrolment__pause_until"),
    )


def unpack_people(rows: list[dict[str, Any]]) -> list[Partner]:
    days = ("away_from", "away_until")
    return [Partner(**{**row, **{name: day_of(row[name]) for name in days}}) for row in rows]


def people_of_match(match: Match) -> list[Partner]:
    """Return the current people of a match. One query."""
    packed_people = people_of("pk")
    return unpack_people(Match.objects.filter(pk=match.pk).values_list(packed_people).get()[0])
