"""Write planned rows, a chunk at a time, in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from secrets import token_hex
from typing import Any, cast

from django.contrib.auth.hashers import (
    UNUSABLE_PASSWORD_PREFIX,
    UNUSABLE_PASSWORD_SUFFIX_LENGTH,
)
from django.db import connection
from django.db.models import Model
from psycopg2.extras import execute_values

from accounts.models import Level, User
from core.names import sort_key
from participants.importing.copying import copy_in, copy_rows, reserve_ids
from participants.importing.rows import PlannedRow
from participants.importing.skills import Vocabulary
from participants.models import (
    Answer,
    Enrolment,
    EnrolmentSource,
    ImportRun,
    Profile,
    ProfileSkill,
)
from programs.models import Question, QuestionKind

PAGE = 1_000


class Writer:
    """Writes what rows change and keeps, with each row, what was there before."""

    def __init__(self, *, run: ImportRun, questions: dict[str, Question], now: datetime) -> None:
        self._run = run
        self._questions = questions
        self._now = now
        self._levels = dict(Level.objects.values_list("name", "id"))
        self._vocabulary = Vocabulary()
        self._made: dict[int, int] = {}
        self._managers: list[tuple[int, int]] = []

    def write(self, rows: list[PlannedRow]) -> None:
        """Write people, profiles, skills, enrolments and answers of a chunk of rows."""
        self._write_users(rows)
        self._write_profiles(rows)
        self._write_skills(rows)
        self._write_enrolments(rows)
        self._write_answers(rows)
        self._keep_before(rows)

    def write_managers(self) -> None:
        """Set the managers of people who had an account, when everybody exists."""
        pairs = [(user, self._made.get(node, node)) for user, node in self._managers]
        _update_from(
            "UPDATE accounts_user u SET manager_id = v.manager "
            "FROM (VALUES %s) AS v(id, manager) WHERE u.id = v.id",
            pairs,
        )

    def _write_users(self, rows: list[PlannedRow]) -> None:
        self._managers += [
            (row.user_id, row.manager) for row in rows if row.manager is not None and row.user_id
        ]
        new = [row for row in rows if row.user_id is None]
        self._reserve_ids(new)
        copy_in([self._new_user(row) for row in new])
        for row in new:
            row.user_id = self._made[-row.number]
            row.change("made", "user", None, row.user_id)
        changed = [row for row in rows if "user" in row.changes and "made" not in row.changes]
        objects, fields = self._apply(
            User, changed, "user", lambda row: row.user_id, self._user_value
        )
        for row in rows:
            if row.manager is not None and "made" not in row.changes:
                row.change("user", "manager", None, row.parsed.manager_key)
        _save(User, objects, fields, derived=("name_key",))

    def _reserve_ids(self, new: list[PlannedRow]) -> None:
        """Take ids for new people and for their managers in later rows of the file.

        So everybody is inserted with their manager: foreign keys are checked at the end, and the
        trigger against circles, which looks at changes, need not walk every reporting line. The
        file itself has no circle: the planner has seen to that.
        """
        nodes = {-row.number for row in new} | {row.manager for row in new if row.manager}
        wanted = sorted(
            (node for node in nodes if node < 0 and node not in self._made), reverse=True
        )
        self._made |= zip(wanted, reserve_ids(User, len(wanted)), strict=True)

    def _new_user(self, row: PlannedRow) -> User:
        values = {name: after for name, (_before, after) in row.changes.pop("user").items()}
        level = values.pop("level", None)
        if "works_until" in values:
            values["works_until"] = date.fromisoformat(values["works_until"])
            values["vouched_by_id"] = self._run.requested_by_id
        manager = row.manager
        return User.objects.build(
            **values,
            pk=self._made[-row.number],
            manager_id=self._made.get(manager, manager) if manager else None,
            level_id=self._levels[level] if level else None,
            joined_at=self._now,
            password=f"{UNUSABLE_PASSWORD_PREFIX}{token_hex(UNUSABLE_PASSWORD_SUFFIX_LENGTH // 2)}",
        )

    def _user_value(self, name: str, value: Any) -> tuple[str, Any]:
        return ("level_id", self._levels[value]) if name == "level" else (name, value)

    def _write_profiles(self, rows: list[PlannedRow]) -> None:
        new = [row for row in rows if row.profile_id is None]
        for row, profile_id in zip(new, reserve_ids(Profile, len(new)), strict=True):
            row.profile_id = profile_id
        copy_in(
            [
                Profile(
                    pk=row.profile_id, user_id=cast("int", row.user_id), **_after(row, "profile")
                )
                for row in new
            ]
        )
        for row in new:
            if "made" in row.changes:
                row.changes.pop("profile", None)
            row.change("made", "profile", None, row.profile_id)
        changed = [
            row
            for row in rows
            if "profile" in row.changes and "profile" not in row.changes.get("made", {})
        ]
        _save(Profile, *self._apply(Profile, changed, "profile", lambda row: row.profile_id))

    def _write_skills(self, rows: list[PlannedRow]) -> None:
        wanted = [row for row in rows if "skills" in row.changes]
        self._vocabulary.add(
            name
            for row in wanted
            for _before, after in row.changes["skills"].values()
            for name, _importance in after
        )
        for direction in ("offer", "learn"):
            replaced = [
                row.profile_id for row in wanted if row.changes["skills"].get(direction, [[]])[0]
            ]
            ProfileSkill.objects.filter(profile__in=replaced, direction=direction).delete()
        copy_rows(
            ProfileSkill,
            ("profile_id", "skill_id", "direction", "importance"),
            (
                (row.profile_id, self._vocabulary[name], direction, importance)
                for row in wanted
                for direction, (_before, after) in row.changes["skills"].items()
                for name, importance in after
            ),
        )

    def _write_enrolments(self, rows: list[PlannedRow]) -> None:
        new = [row for row in rows if row.enrolment_id is None]
        for row, enrolment_id in zip(new, reserve_ids(Enrolment, len(new)), strict=True):
            row.enrolment_id = enrolment_id
        enrolments = [
            Enrolment(
                pk=row.enrolment_id,
                cohort_id=self._run.cohort_id,
                user_id=cast("int", row.user_id),
                role=self._run.role,
                source=EnrolmentSource.IMPORT,
                enrolled_at=self._now,
                status_changed_at=self._now,
                **_after(row, "enrolment"),
            )
            for row in new
        ]
        copy_in(enrolments)
        for row in new:
            row.changes.pop("enrolment")
            row.change("made", "enrolment", None, row.enrolment_id)
        changed = [row for row in rows if "enrolment" in row.changes]
        objects, fields = self._apply(Enrolment, changed, "enrolment", lambda row: row.enrolment_id)
        for row in changed:
            if "status" in row.changes["enrolment"]:
                objects[row.enrolment_id].status_changed_at = self._now
        _save(Enrolment, objects, fields, derived=("status_changed_at",))

    def _write_answers(self, rows: list[PlannedRow]) -> None:
        Answer.objects.bulk_create(
            [
                answer(cast("int", row.enrolment_id), self._questions[key], after)
                for row in rows
                for key, (_before, after) in row.changes.get("answers", {}).items()
            ],
            batch_size=5 * PAGE,
            update_conflicts=True,
            unique_fields=("enrolment", "question"),
            update_fields=("text", "number", "day", "choices"),
        )

    def _keep_before(self, rows: list[PlannedRow]) -> None:
        _update_from(
            "UPDATE participants_importrow r "
            "SET action = v.action, before = v.before::jsonb, enrolment_id = v.enrolment "
            "FROM (VALUES %s) AS v(run, number, action, before, enrolment) "
            "WHERE r.run_id = v.run AND r.number = v.number",
            [
                (self._run.pk, row.number, row.action, json.dumps(row.changes), row.enrolment_id)
                for row in rows
            ],
        )

    @staticmethod
    def _apply(model: Any, rows: list[PlannedRow], part: str, key: Any, value: Any = None) -> Any:
        """Set changed values on the objects of rows; returns them by id and the fields touched."""
        objects = model.objects.in_bulk([key(row) for row in rows])
        fields: set[str] = set()
        for row in rows:
            for name, (_before, after) in row.changes[part].items():
                column, stored = value(name, after) if value else (name, after)
                setattr(objects[key(row)], column, stored)
                fields.add(column)
        return objects, fields


def answer(enrolment_id: int, question: Question, value: Any) -> Answer:
    """Return an unsaved answer with the value in the column of the question's kind."""
    found = Answer(enrolment_id=enrolment_id, question=question)
    if question.kind == QuestionKind.SCALE:
        found.number = value
    elif question.kind == QuestionKind.DATE:
        found.day = date.fromisoformat(value)
    elif question.kind == QuestionKind.CHOICES:
        found.choices = value
    else:
        found.text = value
    return found


def _after(row: PlannedRow, part: str) -> dict[str, Any]:
    return {name: after for name, (_before, after) in row.changes.get(part, {}).items()}


def _save(
    model: Any, objects: dict[int, Model], fields: Iterable[str], derived: tuple[str, ...] = ()
) -> None:
    """Write the fields that changed, on the rows that changed."""
    if not objects:
        return
    for item in objects.values():
        if isinstance(item, User):
            item.name_key = sort_key(f"{item.last_name} {item.first_name}")
    model.objects.bulk_update(list(objects.values()), [*fields, *derived], batch_size=PAGE)


def _update_from(sql: str, values: list[tuple[Any, ...]]) -> None:
    if not values:
        return
    with connection.cursor() as cursor:
        execute_values(cursor.cursor, sql, values, page_size=PAGE)
