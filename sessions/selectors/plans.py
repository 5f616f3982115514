"""Reads of what is planned: meetings to come, offers of times, meetings that wait for a word."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import User
from core.packed import moment, packed, sealed, unpack_sealed
from matching.models import Match, MatchMember
from sessions.clocks import When, when
from sessions.links import provider_of
from sessions.models import (
    MatchRoom,
    Meeting,
    MeetingProposal,
    MeetingStatus,
    ProposalPlan,
    ProposalState,
    ProposedSlot,
)
from sessions.selectors.people import Partner, Partnered, people_of, unpack_people

MOST_PLANNED = 40
MOST_OFFERS = 20
ASKED_FOR = timedelta(days=30)


@dataclass
class Planned(Partnered):
    """A planned meeting as one of its people sees it."""

    meeting: Meeting
    partners: list[Partner]
    when: When

    @property
    def day(self) -> Any:
        return self.when.own.starts.date()


@dataclass(frozen=True)
class OfferedTime:
    """One time of an offer, on every clock."""

    id: int
    starts_at: datetime
    when: When
    is_past: bool


@dataclass
class Offer(Partnered):
    """An offer of times as one of the people of the match sees it."""

    proposal: MeetingProposal
    partners: list[Partner]
    times: list[OfferedTime]
    is_own: bool
    note: str = ""
    link: str = ""
    place: str = ""

    @property
    def open_times(self) -> list[OfferedTime]:
        return [slot for slot in self.times if not slot.is_past]

    @property
    def is_open(self) -> bool:
        return self.proposal.state == ProposalState.OPEN and bool(self.open_times)

    @property
    def offered_by(self) -> str:
        name: str = self.proposal.proposed_by.get_short_name()
        return name

    @property
    def provider(self) -> str:
        return provider_of(self.link)


def partner_clocks(partners: Sequence[Partner]) -> list[tuple[str, str]]:
    """Return (name, zone) of people, as clocks want them."""
    return [(partner.short_name, partner.time_zone) for partner in partners]


def when_for(
    starts_at: datetime, minutes: int | None, user: User, partners: Sequence[Partner]
) -> When:
    return when(starts_at, minutes, zone_name=user.time_zone, others=partner_clocks(partners))


def _planned_rows(user: User) -> QuerySet[Meeting]:
    """Return planned meetings of open matches that this person is in now."""
    current = MatchMember.objects.current().filter(match=OuterRef("match"), user=user)
    rows: QuerySet[Meeting] = (
        Meeting.objects.filter(
            Exists(current), status=MeetingStatus.SCHEDULED, starts_at__isnull=False
        )
        .exclude(match__status="ended")
        .select_related("match__cohort__program", "series")
        .annotate(packed_people=people_of("match_id"))
    )
    return rows


def _planned(meeting: Any, user: User) -> Planned:
    partners = [p for p in unpack_people(meeting.packed_people) if p.user_id != user.pk]
    return Planned(meeting, partners, when_for(meeting.starts_at, meeting.minutes, user, partners))


def planned_of(user: User, *, now: datetime, limit: int = MOST_PLANNED) -> list[Planned]:
    """Return the person's meetings to come and those that go on now, the next first. One query."""
    rows = _planned_rows(user).filter(starts_at__gt=now - timedelta(hours=10))
    found = [_planned(meeting, user) for meeting in rows.order_by("starts_at", "pk")[: limit + 20]]
    return [row for row in found if row.meeting.ends_at and row.meeting.ends_at > now][:limit]


def went_by(user: User, *, now: datetime, limit: int = MOST_PLANNED) -> list[Planned]:
    """Return planned meetings whose time is past and of which nobody said whether they took place.

    One query. After 30 days nobody is asked any more.
    """
    rows = _planned_rows(user).filter(starts_at__lte=now, starts_at__gt=now - ASKED_FOR)
    found = [_planned(meeting, user) for meeting in rows.order_by("-starts_at", "-pk")[:limit]]
    return [row for row in found if row.meeting.ends_at and row.meeting.ends_at <= now]


def planned_for(user: User, match_ids: Collection[int], *, now: datetime) -> dict[int, Planned]:
    """Return the next planned meeting of each of these matches. One query."""
    if not match_ids:
        return {}
    rows = (
        _planned_rows(user)
        .filter(match__in=match_ids, starts_at__gt=now - timedelta(hours=2))
        .order_by("match_id", "starts_at", "pk")
        .distinct("match_id")
    )
    return {row.match_id: _planned(row, user) for row in rows}


def _slots() -> Any:
    rows = ProposedSlot.objects.filter(proposal=OuterRef("pk")).order_by("starts_at")
    return packed(rows, id=F("id"), starts_at=F("starts_at"))


def _offers(user: User) -> QuerySet[MeetingProposal]:
    current = MatchMember.objects.current().filter(match=OuterRef("match"), user=user)
    return (
        MeetingProposal.objects.filter(Exists(current))
        .select_related("proposed_by", "match__cohort__program", "moves", "meeting")
        .annotate(packed_people=people_of("match_id"), packed_slots=_slots())
    )


def _offer(proposal: Any, user: User, now: datetime) -> Offer:
    partners = [p for p in unpack_people(proposal.packed_people) if p.user_id != user.pk]
    times = []
    for row in proposal.packed_slots:
        starts_at = moment(row["starts_at"])
        if starts_at is None:
            continue
        shown = when_for(starts_at, proposal.minutes, user, partners)
        times.append(OfferedTime(row["id"], starts_at, shown, starts_at <= now))
    return Offer(proposal, partners, times, is_own=proposal.proposed_by_id == user.pk)


def offers_for(user: User, *, now: datetime) -> list[Offer]:
    """Return open offers in the person's matches with a time still to come. One query."""
    rows = _offers(user).filter(state=ProposalState.OPEN).exclude(match__status="ended")
    found = [_offer(row, user, now) for row in rows.order_by("-pk")[:MOST_OFFERS]]
    return [offer for offer in found if offer.open_times]


def unanswered_for_matches(
    user: User, match_ids: Collection[int], *, now: datetime
) -> dict[int, Offer]:
    """Return for each match the newest open offer, others' before one's own. One query."""
    chosen: dict[int, Offer] = {}
    if not match_ids:
        return chosen
    for offer in offers_for(user, now=now):
        match_id = offer.proposal.match_id
        if match_id in match_ids and (match_id not in chosen or chosen[match_id].is_own):
            chosen[match_id] = offer
    return chosen


def offer_sheet(user: User, pk: int, *, now: datetime) -> Offer | None:
    """Return an offer in one of the person's matches with its words, or None. One query."""
    own = Match.objects.of(user)
    plan = ProposalPlan.objects.filter(proposal=OuterRef("pk"))
    proposal = (
        MeetingProposal.objects.filter(match__in=own, pk=pk)
        .select_related("proposed_by", "answered_by", "match__cohort__program", "moves", "meeting")
        .annotate(
            packed_people=people_of("match_id"),
            packed_slots=_slots(),
            packed_plan=packed(
                plan,
                id=F("id"),
                link=sealed("link"),
                place=sealed("place"),
                note=sealed("note"),
            ),
        )
        .first()
    )
    if proposal is None:
        return None
    offer = _offer(proposal, user, now)
    for row in proposal.packed_plan:
        words = unpack_sealed(
            ProposalPlan, UUID(row["id"]), link=row["link"], place=row["place"], note=row["note"]
        )
        offer.link, offer.place, offer.note = words.link, words.place, words.note
    return offer


@dataclass
class PlanSheet(Partnered):
    """A match for which something is planned, and what its people usually do."""

    match: Match
    people: list[Partner]
    partners: list[Partner]
    room: str = ""
    minutes: int | None = None
    how: str = ""

    @property
    def provider(self) -> str:
        return provider_of(self.room)


def plan_sheet(user: User, match_pk: int) -> PlanSheet | None:
    """Return a match that this person is in now, with its room and habits, or None. One query."""
    latest = Meeting.objects.filter(match=OuterRef("pk")).exclude(minutes=None).order_by("-pk")
    room = MatchRoom.objects.filter(match=OuterRef("pk"))
    match = (
        Match.objects.filter(pk=match_pk, members__user=user, members__left_at__isnull=True)
        .select_related("cohort__program")
        .annotate(
            packed_people=people_of("pk"),
            packed_latest=packed(latest[:1], minutes=F("minutes"), how=F("how")),
            packed_room=packed(room, id=F("id"), link=sealed("link")),
        )
        .first()
    )
    if match is None:
        return None
    people = unpack_people(match.packed_people)
    latest_row = match.packed_latest[0] if match.packed_latest else {}
    rooms = [
        unpack_sealed(MatchRoom, UUID(row["id"]), link=row["link"]) for row in match.packed_room
    ]
    return PlanSheet(
        match=match,
        people=people,
        partners=[person for person in people if person.user_id != user.pk],
        room=rooms[0].link if rooms else "",
        minutes=latest_row.get("minutes"),
        how=latest_row.get("how", ""),
    )
