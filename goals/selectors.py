"""Reads of goals: lists in one query, a goal's own page, and figures without words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from core.names import listed
from core.packed import packed
from goals.models import (
    Goal,
    GoalConfirmation,
    GoalStatus,
    GoalVersion,
    Milestone,
    ProgressUpdate,
)
from matching.models import Match, MatchMember

MOST_ON_A_CARD = 6


@dataclass(frozen=True)
class GoalCard:
    """A goal as lists show it to one person."""

    goal: Goal
    is_mine: bool
    step_count: int
    done_count: int
    asks_me: bool
    partners: str

    @property
    def title(self) -> str:
        title: str = self.goal.current.title if self.goal.current else ""
        return title

    @property
    def target_on(self) -> date | None:
        return self.goal.current.target_on if self.goal.current else None

    @property
    def owner_name(self) -> str:
        return str(self.goal.owner.get_short_name())


def goals_for(user: User, *, statuses: Collection[str]) -> QuerySet[Goal]:
    """Return the goals that a person sees, own ones first, with what a card needs."""
    confirmed = GoalConfirmation.objects.filter(
        goal=OuterRef("pk"), user=user, version__gte=OuterRef("target_version")
    )
    others = MatchMember.objects.seated().filter(match=OuterRef("match_id")).exclude(user=user)
    rows: QuerySet[Any] = Goal.objects.visible_to(user).filter(status__in=statuses)
    seen: QuerySet[Any] = rows.select_related(
        "owner", "current", "match__cohort__program"
    ).annotate(
        step_count=_steps(),
        done_count=_steps(done_at__isnull=False),
        is_confirmed=Exists(confirmed),
        is_mine=Q(owner=user),
        packed_others=packed(
            others.order_by("pk"), name=Coalesce(F("user__first_name"), F("user__email"))
        ),
    )
    return seen.order_by(F("is_mine").desc(), F("current__target_on").asc(nulls_last=True), "-pk")


def _steps(**conditions: Any) -> Any:
    rows = Milestone.objects.filter(goal=OuterRef("pk"), removed_at__isnull=True, **conditions)
    counted = rows.order_by().values("goal").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def cards(rows: Iterable[Any], user: User) -> list[GoalCard]:
    """Return rows of :func:`goals_for` as cards."""
    return [
        GoalCard(
            goal=goal,
            is_mine=goal.is_mine,
            step_count=goal.step_count,
            done_count=goal.done_count,
            asks_me=goal.is_open and goal.is_shared and not goal.is_mine and not goal.is_confirmed,
            partners=listed([row["name"] for row in goal.packed_others]),
        )
        for goal in rows
    ]


def open_cards(user: User, match_ids: Collection[int]) -> list[GoalCard]:
    """Return the open goals of these matches that the person sees. One query."""
    if not match_ids:
        return []
    rows = goals_for(user, statuses=(GoalStatus.OPEN,)).filter(match__in=match_ids)
    return cards(rows[:MOST_ON_A_CARD], user)


def cards_of_match(user: User, match: Match) -> list[GoalCard]:
    """Return the open and reached goals of a match that the person sees. One query."""
    rows = goals_for(user, statuses=(GoalStatus.OPEN, GoalStatus.REACHED)).filter(match=match)
    return cards(rows.order_by("status", F("is_mine").desc(), "-pk")[: 2 * MOST_ON_A_CARD], user)


@dataclass(frozen=True)
class ManagersGoal:
    """What a manager sees of a goal whose owner chose so."""

    title: str
    owner_name: str
    progress: int
    status: str


def goals_for_manager(match: Match) -> list[ManagersGoal]:
    """Return titles and progress that people of the match show to managers. One query."""
    rows: QuerySet[Any] = (
        Goal.objects.shown_to_managers()
        .filter(match=match, status__in=(GoalStatus.OPEN, GoalStatus.REACHED))
        .select_related("owner", "current")
        .order_by("status", "pk")
    )
    return [
        ManagersGoal(goal.current.title, goal.owner.get_full_name(), goal.progress, goal.status)
        for goal in rows
    ]


@dataclass(frozen=True)
class Confirming:
    """One member of the match, and whether they find the target realistic."""

    user_id: int
    name: str
    has_confirmed: bool


@dataclass(frozen=True)
class Update:
    """One word about how far a goal was, as its reader may see it."""

    row: ProgressUpdate
    note: str


@dataclass
class GoalSheet:
    """A goal as one person may read it."""

    goal: Goal
    is_mine: bool
    version: GoalVersion
    milestones: list[Milestone]
    updates: list[Update]
    versions: list[GoalVersion]
    people: list[Confirming] = field(default_factory=list)
    me: int = 0

    @property
    def has_confirmed(self) -> bool:
        return any(person.has_confirmed for person in self.people if person.user_id == self.me)

    @property
    def done_count(self) -> int:
        return sum(step.done_at is not None for step in self.milestones)

    @property
    def partner_names(self) -> str:
        return listed([person.name for person in self.people if person.user_id != self.me])


def goal_sheet(goal: Goal, user: User) -> GoalSheet:
    """Return what the page of a goal shows to this person. Four queries.

    Who is not its owner reads no note and no version from the time when it was the owner's alone.
    """
    is_mine = goal.owner_id == user.pk
    versions = goal.versions.select_related("written_by").order_by("-number")
    if not is_mine:
        versions = versions.exclude(visibility="me")
    if goal.current is None:
        raise LookupError(f"Goal {goal.pk} has no version.")
    return GoalSheet(
        goal=goal,
        is_mine=is_mine,
        version=goal.current,
        milestones=list(goal.milestones.filter(removed_at__isnull=True)),
        updates=[
            Update(row, "" if row.is_private and not is_mine else row.note)
            for row in goal.updates.filter(removed_at__isnull=True)
        ],
        versions=list(versions),
        people=_confirming(goal) if goal.is_shared else [],
        me=user.pk,
    )


def _confirming(goal: Goal) -> list[Confirming]:
    said = GoalConfirmation.objects.filter(
        goal=goal, user=OuterRef("user"), version__gte=goal.target_version
    )
    members = (
        MatchMember.objects.seated()
        .filter(match=goal.match_id)
        .select_related("user")
        .annotate(has_confirmed=Exists(said))
        .order_by("pk")
    )
    return [
        Confirming(row.user_id, row.user.get_short_name(), row.has_confirmed) for row in members
    ]


def matches_for_goals(user: User) -> list[tuple[Match, str, str]]:
    """Return (match, names of the others, the person's role) of open matches. One query."""
    others = (
        MatchMember.objects.current()
        .filter(match=OuterRef("match_id"))
        .exclude(user=user)
        .order_by("pk")
    )
    rows = (
        MatchMember.objects.current()
        .filter(user=user)
        .exclude(match__status="ended")
        .select_related("match__cohort__program")
        .annotate(packed_others=packed(others, first=F("user__first_name"), email=F("user__email")))
        .order_by("match_id")
    )
    return [
        (
            row.match,
            listed([other["first"] or other["email"] for other in row.packed_others]),
            row.role,
        )
        for row in rows
    ]


def partner_names(match: Match, user: User) -> str:
    """Return the names of the others in a match. One query."""
    rows = MatchMember.objects.seated()
    members = rows.filter(match=match).exclude(user=user).select_related("user").order_by("pk")
    return listed([member.user.get_short_name() for member in members])
