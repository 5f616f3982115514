"""Write what an HR list says, in the caller's transaction, some statements for a thousand rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, UNUSABLE_PASSWORD_SUFFIX_LENGTH
from django.db import connection
from psycopg2.extras import execute_values

from accounts.models import Level, User
from core.names import sort_key
from core.progress import Report
from participants.importing.copying import copy_in, reserve_ids
from participants.importing.removing import among
from participants.importing.survey import chunks
from support.feed.addresses import BEFORE, seal_moves
from support.feed.planner import CHUNK
from support.feed.rows import FeedPlan
from support.models import Feed, FeedAction, FeedPerson

MANAGER = "manager_email"


class PeopleWriter:
    """Makes and changes people, and keeps what HR says of them."""

    def __init__(self, *, feed: Feed, now: datetime) -> None:
        self._feed = feed
        self._now = now
        self._levels = dict(Level.objects.values_list("name", "id"))
        self._made: dict[int, int] = {}

    def write(self, rows: list[FeedPlan], report: Report) -> None:
        """Write people, then their managers, then HR's facts.

        New people are inserted with their manager; of those who are here, every manager that
        changes is taken away before any is set, so that two may swap places.
        """
        rows = [row for row in rows if row.action != FeedAction.PROBLEM]
        self._make([row for row in rows if row.action == FeedAction.JOIN], report)
        changed = [row for row in rows if row.user_id and "user" in row.changes]
        for chunk in chunks([row for row in changed if "made_user" not in row.changes], CHUNK):
            self._change(chunk)
            report("writing", 0, len(rows))
        self._set_managers(changed)
        for chunk in chunks((row for row in rows if _has_facts(row)), CHUNK):
            self._keep_facts(chunk)
            report("writing", 0, len(rows))

    def _make(self, rows: list[FeedPlan], report: Report) -> None:
        ids = reserve_ids(User, len(rows))
        self._made = {row.node: pk for row, pk in zip(rows, ids, strict=True)}
        for chunk in chunks(rows, CHUNK):
            copy_in([self._new(row) for row in chunk])
            report("writing", 0, len(rows))
        for row in rows:
            row.user_id = self._made[-row.number]
            row.change("made_user", "id", None, row.user_id)

    def _new(self, row: FeedPlan) -> User:
        values = {name: after for name, (_before, after) in row.changes.get("user", {}).items()}
        level, manager = values.pop("level", None), values.pop(MANAGER, None)
        return User.objects.build(
            **values,
            pk=self._made[row.node],
            manager_id=self._made.get(manager, manager) if manager else None,
            level_id=self._levels[level] if level else None,
            joined_at=self._now,
            password=f"{UNUSABLE_PASSWORD_PREFIX}{token_hex(UNUSABLE_PASSWORD_SUFFIX_LENGTH // 2)}",
        )

    def _change(self, rows: list[FeedPlan]) -> None:
        users = locked_people(row.user_id or 0 for row in rows)
        fields: set[str] = set()
        moved: list[User] = []
        for row in rows:
            user = users[row.user_id or 0]
            for name, (_before, after) in row.changes["user"].items():
                if name == MANAGER:
                    continue
                column, value = (
                    ("level_id", self._levels[after]) if name == "level" else (name, after)
                )
                if name == "email":
                    moved.append(user)
                setattr(user, column, value)
                fields.add(column)
        save_users(users.values(), fields)
        seal_moves(feed=self._feed, people=moved, gave_up=BEFORE, now=self._now)

    def _set_managers(self, rows: list[FeedPlan]) -> None:
        moved = [row for row in rows if row.manager is not None and "made_user" not in row.changes]
        pairs = [(row.user_id, self._made.get(row.manager or 0, row.manager)) for row in moved]
        for row, (_person, manager) in zip(moved, pairs, strict=True):
            row.change("made_manager", "id", None, manager)
        set_managers(pairs)

    def _keep_facts(self, rows: list[FeedPlan]) -> None:
        stored = FeedPerson.objects.in_bulk([row.user_id for row in rows])
        people = []
        for row in rows:
            person = stored.get(row.user_id) or FeedPerson(
                user_id=row.user_id or 0, first_feed=self._feed
            )
            for name, (_before, after) in row.changes.get("facts", {}).items():
                setattr(person, name, date.fromisoformat(after) if after else None)
            people.append(person)
        keep_people(people)


def keep_people(people: list[FeedPerson]) -> None:
    FeedPerson.objects.bulk_create(
        people,
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=("user",),
        update_fields=("gone_on", "leave_from", "leave_until"),
    )


def locked_people(ids: Iterable[int]) -> dict[int, User]:
    """Return people by id as they are until the transaction ends: ``save_users`` writes columns
    of all of them, also of those for whom nothing changes there.
    """
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=among(ids))
    return {person.pk: person for person in rows.order_by("pk")}


def save_users(users: Iterable[User], fields: set[str]) -> None:
    """Write the columns that changed, and the key that names sort by."""
    if not fields:
        return
    found = list(users)
    for user in found:
        user.name_key = sort_key(f"{user.last_name} {user.first_name}")
    User.objects.bulk_update(found, [*sorted(fields), "name_key"], batch_size=CHUNK)


def set_managers(pairs: list[tuple[Any, Any]]) -> None:
    """Set managers by pairs of ids; None takes one away."""
    if not pairs:
        return
    User.objects.filter(pk__in=among(pk for pk, _manager in pairs)).update(manager=None)
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            "UPDATE accounts_user u SET manager_id = v.manager::bigint "
            "FROM (VALUES %s) AS v(id, manager) WHERE u.id = v.id AND v.manager IS NOT NULL",
            pairs,
            page_size=CHUNK,
        )


def _has_facts(row: FeedPlan) -> bool:
    return bool(row.user_id) and (
        row.action == FeedAction.JOIN or "facts" in row.changes or "made" in row.changes
    )
