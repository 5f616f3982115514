"""Write planned rows, a chunk at a time, in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import Model
from psycopg2.extras import execute_values

from accounts.models import Level, User
from core.names import sort_key
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
        self._managers += [
            (row.user_id, row.manager) for row in rows if row.manager is not None and row.user_id
        ]
        self._keep_before(rows)

    def write_managers(self) -> None:
        """Set managers when everybody exists; those of the file are known by their row."""
        pairs = [(user, self._made.get(node, node)) for user, node in self._managers]
        _update_from(
            "UPDATE accounts_user u SET manager_id = v.manager "
            "FROM (VALUES %s) AS v(id, manager) WHERE u.id = v.id",
            pairs,
        )

    def _write_users(self, rows: list[PlannedRow]) -> None:
        new = [row for row in rows if row.user_id is None]
        users = [self._new_user(row) for row in new]
        User.objects.bulk_create(users, batch_size=PAGE)
        for row, user in zip(new, users, strict=True):
            self._made[-row.number] = user.pk
            row.user_id = user.pk
            row.change("made", "user", None, user.pk)
        changed = [row for row in rows if "user" in row.changes and "made" not in row.changes]
        fields = self._apply(User, changed, "user", lambda row: row.user_id, self._user_value)
        for row in rows:
            if row.manager is not None and "made" not in row.changes:
                row.change("user", "manager", None, row.parsed.manager_key)
        _save(User, *fields, derived=("name_key",))

    def _new_user(self, row: PlannedRow) -> User:
        values = {name: after for name, (_before, after) in row.changes.pop("user").items()}
        level = values.pop("level", None)
        return User.objects.build(
            **values,
            level_id=self._levels[level] if level else None,
            joined_at=self._now,
            password=make_password(None),
        )

    def _user_value(self, name: str, value: Any) -> tuple[str, Any]:
        return ("level_id", self._levels[value]) if name == "level" else (name, value)

    def _write_profiles(self, rows: list[PlannedRow]) -> None:
        new = [row for row in rows if row.profile_id is None]
        profiles = [Profile(user_id=row.user_id, **_after(row, "profile")) for row in new]
        Profile.objects.bulk_create(profiles, batch_size=PAGE)
        for row, profile in zip(new, profiles, strict=True):
            row.profile_id = profile.pk
            if "made" in row.changes:
                row.changes.pop("profile", None)
            row.change("made", "profile", None, profile.pk)
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
        ProfileSkill.objects.bulk_create(
            [
                ProfileSkill(
                    profile_id=row.profile_id,
                    skill_id=self._vocabulary[name],
                    direction=direction,
                    importance=importance,
                )
                for row in wanted
                for direction, (_before, after) in row.changes["skills"].items()
                for name, importance in after
            ],
            batch_size=5 * PAGE,
        )

    def _write_enrolments(self, rows: list[PlannedRow]) -> None:
        new = [row for row in rows if row.enrolment_id is None]
        enrolments = [
            Enrolment(
                cohort_id=self._run.cohort_id,
                user_id=row.user_id,
                role=self._run.role,
                source=EnrolmentSource.IMPORT,
                enrolled_at=self._now,
                status_changed_at=self._now,
                **_after(row, "enrolment"),
            )
            for row in new
        ]
        Enrolment.objects.bulk_create(enrolments, batch_size=PAGE)
        for row, enrolment in zip(new, enrolments, strict=True):
            row.enrolment_id = enrolment.pk
            row.changes.pop("enrolment")
            row.change("made", "enrolment", None, enrolment.pk)
        changed = [row for row in rows if "enrolment" in row.changes]
        objects, fields = self._apply(Enrolment, changed, "enrolment", lambda row: row.enrolment_id)
        for row in changed:
            if "status" in row.changes["enrolment"]:
                objects[row.enrolment_id].status_changed_at = self._now
        _save(Enrolment, objects, fields, derived=("status_changed_at",))

    def _write_answers(self, rows: list[PlannedRow]) -> None:
        Answer.objects.bulk_create(
            [
                answer(row.enrolment_id, self._questions[key], after)
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


def answer(enrolment_id: int | None, question: Question, value: Any) -> Answer:
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
