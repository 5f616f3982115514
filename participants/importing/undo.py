"""Take an import back: earlier values return, what it made goes, later changes by people stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from accounts.models import Level, User
from core.errors import DomainError
from core.names import sort_key
from core.progress import Report
from participants.importing.known import stored_answer
from participants.importing.planner import CHUNK
from participants.importing.removing import among, ids_in_use, made_enrolment_ids, remove_made
from participants.importing.skills import Vocabulary
from participants.importing.writer import answer
from participants.models import (
    Answer,
    Enrolment,
    ImportRow,
    ImportRun,
    Profile,
    ProfileSkill,
)
from participants.selectors import with_open_match_count

NAMED = 5


def check_may_be_undone(run: ImportRun) -> None:
    """Raise ``DomainError`` that names who stands in the way, if anybody does."""
    made = made_enrolment_ids(run)
    matched = Enrolment.objects.filter(pk__in=among(made), memberships__isnull=False)
    people = User.objects.filter(pk__in=matched.values("user_id")).order_by("name_key")
    names = [str(user) for user in people[: NAMED + 1]]
    if names:
        more = "…" if len(names) > NAMED else ""
        raise DomainError(
            _("These people are in a match already: %(names)s. The import cannot be undone.")
            % {"names": ", ".join(names[:NAMED]) + more},
            code="in_a_match",
        )
    if ids_in_use(Enrolment, made, but={Answer}):
        raise DomainError(
            _(
                "A pairing run, an answer or a consent of these people is kept already, so that "
                "the import cannot be undone. Withdraw people one by one instead."
            ),
            code="in_a_run",
        )


def undo_rows(*, run: ImportRun, now: datetime, report: Report) -> dict[str, Any]:
    """Undo an applied import in the caller's transaction; returns counts of what was done.

    Raises:
        DomainError: somebody of it is in a match, or a pairing run looks at them.
    """
    check_may_be_undone(run)
    undoer = _Undoer(now)
    done = 0
    for chunk in _chunks(run):
        undoer.restore(chunk)
        done += len(chunk)
        report("undoing", done, run.counts["create"] + run.counts["update"])
    enrolments, people = remove_made(run)
    return {"enrolments": enrolments, "people": people, "kept": undoer.kept}


class _Undoer:
    """Gives fields their earlier values, where they still hold what the import wrote."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._levels = {level.name: level for level in Level.objects.all()}
        self._vocabulary = Vocabulary()
        self.kept = 0

    def restore(self, rows: list[ImportRow]) -> None:
        old = [row for row in rows if "user" not in _before(row).get("made", {})]
        enrolments = (
            with_open_match_count(Enrolment.objects.all())
            .select_related("user__profile", "user__level", "user__manager")
            .in_bulk([row.enrolment_id for row in old])
        )
        for row in old:
            enrolment = enrolments.get(row.enrolment_id)
            if enrolment is not None:
                self._restore_user(enrolment.user, row)
                self._restore_profile(enrolment.user.profile, _before(row).get("profile", {}))
                self._restore_skills(enrolment.user.profile, _before(row).get("skills", {}))
                if "enrolment" not in _before(row).get("made", {}):
                    self._restore_enrolment(enrolment, _before(row).get("enrolment", {}))
                    self._restore_answers(enrolment, _before(row).get("answers", {}))

    def _restore_user(self, user: User, row: ImportRow) -> None:
        touched = []
        for name, (before, after) in _before(row).get("user", {}).items():
            if name == "manager":
                is_ours = _is_manager(user.manager, after)
                value: Any = None
            elif name == "level":
                is_ours, value = user.level == self._levels.get(after), self._levels.get(before)
            else:
                is_ours, value = getattr(user, name) == after, before
            if is_ours:
                setattr(user, name, value)
                touched.append(name)
            self.kept += not is_ours
        if touched:
            user.name_key = sort_key(f"{user.last_name} {user.first_name}")
            user.save(update_fields=[*touched, "name_key"])

    def _restore_profile(self, profile: Profile, changes: dict[str, list[Any]]) -> None:
        touched = []
        for name, (before, after) in changes.items():
            is_ours = getattr(profile, name) == after
            if is_ours:
                field: Any = Profile._meta.get_field(name)
                empty = field.get_default()
                setattr(profile, name, empty if before is None else before)
                touched.append(name)
            self.kept += not is_ours
        if touched:
            profile.save(update_fields=touched)

    def _restore_skills(self, profile: Profile, changes: dict[str, list[Any]]) -> None:
        for direction, (before, after) in changes.items():
            rows = ProfileSkill.objects.filter(profile=profile, direction=direction)
            now = {
                (key, weight) for key, weight in rows.values_list("skill__name_key", "importance")
            }
            if now != {(sort_key(name), weight) for name, weight in after}:
                self.kept += 1
                continue
            rows.delete()
            self._vocabulary.add(name for name, _weight in before)
            ProfileSkill.objects.bulk_create(
                ProfileSkill(
                    profile=profile,
                    skill_id=self._vocabulary[name],
                    direction=direction,
                    importance=weight,
                )
                for name, weight in before
            )

    def _restore_enrolment(self, enrolment: Any, changes: dict[str, list[Any]]) -> None:
        touched = []
        for name, (before, after) in changes.items():
            fits = name != "capacity" or before >= enrolment.open_match_count
            if getattr(enrolment, name) == after and fits:
                setattr(enrolment, name, before)
                touched.append(name)
            else:
                self.kept += 1
        if "status" in touched:
            enrolment.status_changed_at = self._now
            touched.append("status_changed_at")
        if touched:
            enrolment.save(update_fields=touched)

    def _restore_answers(self, enrolment: Enrolment, changes: dict[str, list[Any]]) -> None:
        rows = Answer.objects.filter(
            enrolment=enrolment, question__key__in=changes, question__form__is_current=True
        ).select_related("question")
        for row in rows:
            before, after = changes[row.question.key]
            current = stored_answer(row.question.kind, row.text, row.number, row.day, row.choices)
            if current != after:
                self.kept += 1
                continue
            row.delete()
            if before is not None:
                answer(enrolment.pk, row.question, before).save(force_insert=True)


def _is_manager(manager: User | None, key: str) -> bool:
    if manager is None:
        return False
    return key in (f"e:{manager.email.lower()}", f"i:{manager.employee_id}")


def _chunks(run: ImportRun) -> Iterator[list[ImportRow]]:
    written, last = run.rows.filter(before__isnull=False), 0
    while chunk := list(written.filter(number__gt=last).order_by("number")[:CHUNK]):
        yield chunk
        last = chunk[-1].number


def _before(row: ImportRow) -> dict[str, Any]:
    """Return the earlier values; every row that was written has them."""
    return cast("dict[str, Any]", row.before)
