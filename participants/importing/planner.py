"""What each row will do: create, update, nothing, or a problem. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import cached_property

from accounts.models import Level
from participants.importing.externals import plan_external
from participants.importing.known import Known, Person, RowProblem, look_up, name_keys
from participants.importing.rows import ParsedRow, PlannedRow
from participants.importing.sentences import problem
from participants.importing.survey import Survey
from participants.importing.targets import QUESTION, questions_of
from participants.importing.values import level_key
from participants.importing.words import word_key
from participants.line_managers import rule_of
from participants.models import EnrolmentStatus, MemberRole, RowAction, SkillDirection
from programs.models import Cohort, LineManagerRule, Visibility

CHUNK = 1_000
HR_FIELDS = ("email", "employee_id", "department", "level")
OWN_FIELDS = ("first_name", "last_name", "location", "job_title")
PROFILE_FIELDS = {
    "bio": "bio",
    "function": "function",
    "goal_text": "goal_text",
    "offer_text": "offer_text",
    "interests": "interests",
    "languages": "languages",
    "mentored_before": "mentored_before_count",
}
SKILL_FIELDS = {
    "skills_offered": SkillDirection.OFFER.value,
    "skills_wanted": SkillDirection.LEARN.value,
}
DEFAULT_ZONE = "UTC"


class Planner:
    """Plans rows for one cohort and role, against what the database holds now."""

    def __init__(
        self, *, cohort: Cohort, role: str, survey: Survey, has_voucher: bool = True
    ) -> None:
        self.cohort = cohort
        self.role = role
        self.survey = survey
        self.has_voucher = has_voucher
        self._kept: dict[int, dict[str, Any]] = {}

    @cached_property
    def questions(self) -> dict[str, Any]:
        return {question.key: question for question in questions_of(self.cohort, self.role)}

    @cached_property
    def levels(self) -> dict[str, str]:
        return {level_key(name): name for name in Level.objects.values_list("name", flat=True)}

    def plan(self, rows: list[ParsedRow]) -> list[PlannedRow]:
        """Plan a chunk of rows, in order of their number."""
        known = look_up(rows, cohort=self.cohort, role=self.role)
        return [self._plan_row(PlannedRow(row), known) for row in rows]

    def _plan_row(self, row: PlannedRow, known: Known) -> PlannedRow:
        if row.number in self.survey.repeated:
            self._kept[row.number] = row.parsed.values
        try:
            self._check_cells(row)
            if self._is_repetition(row):
                return row
            person = known.find(row.parsed)
            if person is None:
                self._plan_new_person(row)
                self._note_namesake(row, known)
            else:
                self._plan_known_person(row, person)
        except RowProblem as error:
            return row.refuse(error.stored)
        return row

    def _check_cells(self, row: PlannedRow) -> None:
        row.problems = row.parsed.problems
        level = row.parsed.values.get("level")
        if level and level_key(level) not in self.levels:
            raise RowProblem("unknown_level", "level", value=level)
        if row.problems:
            *row.problems, last = row.problems
            raise RowProblem.of(last)
        if not row.parsed.keys:
            raise RowProblem("no_identity", "email")

    def _is_repetition(self, row: PlannedRow) -> bool:
        """Compare with the first row of the same person; saying no more than it is no news."""
        earlier = self.survey.other_first_rows(row.parsed)
        if not earlier:
            return False
        if len(earlier) > 1:
            raise RowProblem("two_rows", "employee_id", row=earlier[0], other=earlier[1])
        first = self._kept[earlier[0]]
        if any(first.get(target) != value for target, value in row.parsed.values.items()):
            raise RowProblem("twice_different", "", row=earlier[0])
        row.notes = [{"code": "same_as_row", "params": {"row": earlier[0]}}]
        return True

    def _plan_new_person(self, row: PlannedRow) -> None:
        values = row.parsed.values
        row.action = RowAction.CREATE
        for name in (*HR_FIELDS, *OWN_FIELDS, "time_zone", "language"):
            if name in values:
                row.change("user", name, "", values[name])
        for target, name in PROFILE_FIELDS.items():
            if target in values:
                row.change("profile", name, None, values[target])
        for target, direction in SKILL_FIELDS.items():
            if target in values:
                row.change("skills", direction, [], values[target])
        row.is_external = plan_external(row, None, cohort=self.cohort, role=self.role)
        if row.is_external and not self.has_voucher:
            raise RowProblem("external_voucher", "external")
        self._set_manager(row, None)
        self._plan_enrolment(row, None)

    @staticmethod
    def _note_namesake(row: PlannedRow, known: Known) -> None:
        """Say that an account has this name; of one outside the program no more than that."""
        for key in name_keys(row.parsed):
            if key in known.namesakes:
                email = known.namesakes[key]
                code = "namesake_here" if email else "namesake"
                row.notes.append({"code": code, "params": {"email": email}})
                return

    def _plan_known_person(self, row: PlannedRow, person: Person) -> None:
        if not person.user["is_active"]:
            raise RowProblem("account_off", "email")
        row.is_external = plan_external(row, person, cohort=self.cohort, role=self.role)
        row.user_id = person.user["id"]
        row.profile_id = person.profile["id"]
        if person.enrolment is None:
            row.notes.append({"code": "account_exists"})
        self._fill_hr_fields(row, person)
        self._plan_own_words(row, person)
        self._set_manager(row, person.user["manager_id"])
        self._plan_enrolment(row, person)
        if row.action == RowAction.UNCHANGED and (row.changes or row.manager):
            row.action = RowAction.UPDATE

    def _fill_hr_fields(self, row: PlannedRow, person: Person) -> None:
        """Fill what is empty; what differs belongs to the HR feed and is only reported."""
        columns = {"level": "level__name"}
        for name in HR_FIELDS:
            value = row.parsed.values.get(name)
            before = person.user[columns.get(name, name)] or ""
            if value is None or _same(before, value):
                continue
            if before:
                row.notes.append({"code": "hr_differs", "field": name})
            else:
                row.change("user", name, "", value)

    def _plan_own_words(self, row: PlannedRow, person: Person) -> None:
        kept = False
        for part, name, before, after in self._own_words(row.parsed.values, person):
            if before == after:
                continue
            if person.may_be_rewritten or not before:
                row.change(part, name, before, after)
            else:
                kept = True
        if kept:
            row.notes.append({"code": "profile_kept"})

    @staticmethod
    def _own_words(values: dict[str, Any], person: Person) -> Iterable[tuple[str, str, Any, Any]]:
        """Yield part, field, what stands there and what the file says."""
        for name in OWN_FIELDS:
            if name in values:
                yield "user", name, person.user[name], values[name]
        zone_is_untold = person.user["time_zone"] == DEFAULT_ZONE and person.may_be_rewritten
        if "time_zone" in values and zone_is_untold:
            yield "user", "time_zone", DEFAULT_ZONE, values["time_zone"]
        for target, name in PROFILE_FIELDS.items():
            if target in values:
                yield "profile", name, person.profile[name], values[target]
        for target, direction in SKILL_FIELDS.items():
            if target in values:
                before = person.skills.get(direction, [])
                if _skill_set(before) != _skill_set(values[target]):
                    yield "skills", direction, before, values[target]

    def _set_manager(self, row: PlannedRow, current: int | None) -> None:
        key = row.parsed.manager_key
        if not key:
            return
        manager = self.survey.managers.get(key)
        field = "manager_email" if key.startswith("e:") else "manager_employee_id"
        if manager is None:
            raise RowProblem("unknown_manager", field, value=key[2:])
        if manager == row.node:
            raise RowProblem("own_manager", field)
        if current is None:
            row.manager = manager
        elif current != manager:
            row.notes.append({"code": "hr_differs", "field": field})

    def _plan_enrolment(self, row: PlannedRow, person: Person | None) -> None:
        enrolment = person.enrolment if person else None
        if enrolment is None:
            row.action = RowAction.CREATE
            row.change("enrolment", "status", None, self._first_status(row))
            row.change("enrolment", "capacity", None, self._capacity(row.parsed.values))
        else:
            row.enrolment_id = enrolment["id"]
            self._plan_status(row, enrolment)
            self._plan_capacity(row, enrolment)
        self._plan_answers(row, person.answers if person else {})

    def _capacity(self, values: dict[str, Any]) -> int:
        if self.role == MemberRole.MENTEE:
            return 1
        return values.get("capacity", self.cohort.mentor_capacity)

    def _first_status(self, row: PlannedRow) -> str:
        """Nobody is in before their line manager has agreed, where the cohort asks for that."""
        if self._asks_line_manager(row):
            return EnrolmentStatus.APPLIED.value
        return EnrolmentStatus.ENROLLED.value

    def _asks_line_manager(self, row: PlannedRow) -> bool:
        return not row.is_external and rule_of(self.cohort, self.role) == LineManagerRule.ASKED

    def _plan_status(self, row: PlannedRow, enrolment: dict[str, Any]) -> None:
        status = enrolment["status"]
        if status == EnrolmentStatus.WITHDRAWN:
            raise RowProblem("withdrawn", "email")
        if status == EnrolmentStatus.PAUSED:
            row.notes.append({"code": "stays_paused"})
        elif status != EnrolmentStatus.ENROLLED and self._asks_line_manager(row):
            row.notes.append({"code": "line_manager_first"})
        elif status != EnrolmentStatus.ENROLLED:
            if enrolment["is_unscreened"] and self.cohort.program.screens_before_yes:
                raise RowProblem("unscreened", "email")
            row.change("enrolment", "status", status, EnrolmentStatus.ENROLLED.value)

    def _plan_capacity(self, row: PlannedRow, enrolment: dict[str, Any]) -> None:
        wanted = row.parsed.values.get("capacity", enrolment["capacity"])
        if wanted == enrolment["capacity"] or self.role == MemberRole.MENTEE:
            return
        if wanted < enrolment["open_match_count"]:
            raise RowProblem(
                "capacity_in_use", "capacity", value=wanted, open=enrolment["open_match_count"]
            )
        row.change("enrolment", "capacity", enrolment["capacity"], wanted)

    def _plan_answers(self, row: PlannedRow, answers: dict[str, Any]) -> None:
        """Answers belong to this cohort. A private one is filled, never replaced nor compared."""
        for target, value in row.parsed.values.items():
            if not target.startswith(QUESTION):
                continue
            key = target.removeprefix(QUESTION)
            before = answers.get(key)
            is_private = self.questions[key].visibility == Visibility.PRIVATE
            if before == value or (before is not None and is_private):
                continue
            row.change("answers", key, before, value)


def extra_cells(cells: list[str]) -> dict[str, Any]:
    """Return the problem of a row that is longer than the header."""
    value = next((cell for cell in cells if cell), "")
    return problem("extra_cells", "", value=value[:60])


def _same(before: str, after: str) -> bool:
    return word_key(before) == word_key(after)


def _skill_set(skills: list[list[Any]]) -> set[tuple[str, int]]:
    return {(word_key(name), importance) for name, importance in skills}
