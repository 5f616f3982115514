"""Give people back what a list changed, where it still holds; remove whom it made, where free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Model

from accounts.models import Level, User
from core.progress import Report
from notifications.models import MessagePreference
from participants.importing.managers import OrgChart
from participants.importing.removing import among, delete, ids_in_use
from participants.importing.survey import chunks
from participants.models import Profile
from support.feed.addresses import AFTER, seal_moves
from support.feed.planner import CHUNK
from support.feed.returning import AddressKeeper
from support.feed.rows import Facts
from support.feed.writer import MANAGER, keep_people, locked_people, save_users, set_managers
from support.models import Feed, FeedPerson, FeedRow

NOBODY = 0
USED_BY_THE_LIST: set[type[Model]] = {User, Profile, FeedPerson, FeedRow, MessagePreference}


@dataclass(slots=True)
class PeopleUndoer:
    """Restores people of one list, a thousand rows at a time."""

    feed: Feed
    report: Report
    now: datetime
    kept: int = 0
    _addresses: AddressKeeper = field(init=False)

    def __post_init__(self) -> None:
        self._addresses = AddressKeeper(self.feed.requested_by)

    def said(self) -> list[str]:
        """Say whose e-mail stays that of the list, and why."""
        return self._addresses.said()

    def restore(self) -> dict[int, tuple[Facts, Facts]]:
        """Restore fields, managers and HR's facts; return the facts that turned, now and then."""
        levels = {level.name: level.pk for level in Level.objects.all()}
        rows = self.feed.rows.filter(user__isnull=False).exclude(changes={}).order_by("pk")
        turns: dict[int, tuple[Facts, Facts]] = {}
        managers: list[tuple[int, int | None]] = []
        done, total = 0, rows.count()
        for chunk in chunks(rows.iterator(chunk_size=CHUNK), CHUNK):
            old = [row for row in chunk if "made_user" not in row.changes]
            managers += self._restore_users(old, levels)
            turns |= self._restore_facts(chunk)
            done += len(chunk)
            self.report("undoing", done, total)
        possible = _possible(dict(managers))
        self.kept += len(managers) - len(possible)
        set_managers(possible)
        return turns

    def _restore_users(
        self, rows: list[FeedRow], levels: dict[str, int]
    ) -> list[tuple[int, int | None]]:
        users = locked_people(row.user_id or 0 for row in rows if "user" in row.changes)
        self._addresses.look_at(rows, users)
        fields: set[str] = set()
        managers: list[tuple[int, int | None]] = []
        moved: list[User] = []
        for row in rows:
            user = users.get(row.user_id or 0)
            if user is None:
                continue
            for name, (before, after) in row.changes.get("user", {}).items():
                if name == MANAGER:
                    is_ours = user.manager_id == row.changes["made_manager"]["id"][1]
                    managers += [(user.pk, before)] if is_ours else []
                elif name == "email":
                    is_ours = self._addresses.may_return(user.pk)
                    moved += [user] if is_ours else []
                else:
                    is_ours = _restore(user, name, before, after, levels, fields)
                self.kept += not is_ours
        for user in moved:
            user.email = self._addresses.earlier[user.pk]
        save_users(users.values(), fields | ({"email"} if moved else set()))
        seal_moves(feed=self.feed, people=moved, gave_up=AFTER, now=self.now)
        return managers

    def _restore_facts(self, rows: list[FeedRow]) -> dict[int, tuple[Facts, Facts]]:
        wanted = [row for row in rows if "facts" in row.changes]
        stored = FeedPerson.objects.in_bulk([row.user_id for row in wanted])
        turns = {}
        for row in wanted:
            person = stored.get(row.user_id)
            if person is None or row.user_id is None:
                continue
            now = Facts(person.gone_on, person.leave_from, person.leave_until)
            for name, (before, _after) in row.changes["facts"].items():
                setattr(person, name, date.fromisoformat(before) if before else None)
            then = Facts(person.gone_on, person.leave_from, person.leave_until)
            turns[row.user_id] = (now, then)
        keep_people(list(stored.values()))
        return turns


def _possible(managers: dict[int, int | None]) -> list[tuple[int, int | None]]:
    """Leave out who would get a manager that is gone, or lead in a ring to themselves by now."""
    wanted = among(manager for manager in managers.values() if manager)
    here = set(User.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    left = {pk: manager for pk, manager in managers.items() if not manager or manager in here}
    while True:
        above = {pk: manager or NOBODY for pk, manager in left.items()}
        in_ring = OrgChart(manager_of=above, row_of={pk: pk for pk in left}).settle()
        if not in_ring:
            return list(left.items())
        left = {pk: manager for pk, manager in left.items() if pk not in in_ring}


def _restore(
    user: User, name: str, before: str, after: str, levels: dict[str, int], fields: set[str]
) -> bool:
    """Set one field back where it is still what the list said; tell whether it was.

    A level that is no more, or has another name by now, is not put back.
    """
    column, was, will = name, before, after  # type: str, Any, Any
    if name == "level":
        column, was, will = "level_id", levels.get(before), levels.get(after)
    if getattr(user, column) != will or (before and was is None):
        return False
    setattr(user, column, was)
    fields.add(column)
    return True


def remove_made(feed: Feed) -> int:
    """Remove people whom the list made, who never signed in and whom nothing else names; and what
    HR says of people whom no earlier list named.
    """
    FeedPerson.objects.filter(first_feed=feed).delete()
    made: Iterable[Any] = feed.rows.filter(changes__has_key="made_user", user__isnull=False)
    ids = [row.user_id for row in made]
    free = set(
        User.objects.filter(pk__in=among(ids), last_login__isnull=True).values_list("pk", flat=True)
    )
    free -= ids_in_use(User, free, but=USED_BY_THE_LIST)
    while True:
        reports = User.objects.filter(manager__in=among(free)).values_list("pk", "manager_id")
        needed = {manager for pk, manager in reports if pk not in free}
        if not needed:
            break
        free -= needed
    User.objects.filter(pk__in=among(free)).update(manager=None)
    FeedRow.objects.filter(user__in=among(free)).update(user=None)
    delete(FeedPerson, user__in=among(free))
    delete(Profile, user__in=among(free))
    delete(MessagePreference, user__in=among(free))
    delete(User, pk__in=among(free))
    return len(free)
