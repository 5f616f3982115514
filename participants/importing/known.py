"""What the database knows about the people of a chunk of rows, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from accounts.selectors import emails_of, named_by
from core.names import sort_key
from participants.importing.rows import ParsedRow
from participants.importing.sentences import problem
from participants.models import Answer, Enrolment, Profile, ProfileSkill
from participants.selectors import open_steps_for, with_open_match_count
from programs.models import Cohort, QuestionKind

USER_COLUMNS = (
    "id",
    "email",
    "employee_id",
    "first_name",
    "last_name",
    "department",
    "location",
    "job_title",
    "level__name",
    "time_zone",
    "manager_id",
    "is_active",
    "is_external",
    "works_until",
    "last_login",
    "merged_into_id",
)
PROFILE_COLUMNS = (
    "id",
    "bio",
    "function",
    "goal_text",
    "offer_text",
    "interests",
    "languages",
    "mentored_before_count",
)
NO_PROFILE: dict[str, Any] = {
    "id": None,
    "bio": "",
    "function": "",
    "goal_text": "",
    "offer_text": "",
    "interests": [],
    "languages": [],
    "mentored_before_count": 0,
}


class RowProblem(Exception):
    """The row as a whole cannot be imported."""

    def __init__(self, code: str, field_name: str = "", **params: Any) -> None:
        super().__init__(code)
        self.stored = problem(code, field_name, **params)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> RowProblem:
        """Return the error for a problem that a cell has brought along."""
        return cls(stored["code"], stored["field"], **stored["params"])


@dataclass(slots=True)
class Person:
    """Somebody who has an account."""

    user: dict[str, Any]
    profile: dict[str, Any]
    skills: dict[str, list[list[Any]]]
    enrolment: dict[str, Any] | None
    answers: dict[str, Any]
    is_elsewhere: bool

    @property
    def may_be_rewritten(self) -> bool:
        """Words are only replaced while nobody but this program wrote them."""
        return self.user["last_login"] is None and not self.is_elsewhere


@dataclass(slots=True)
class Known:
    """The people of a chunk by e-mail and by employee number, and who else is called as they are.

    ``namesakes`` holds the e-mail by name, "" where the account is none of the program's.
    """

    by_email: dict[str, Person] = field(default_factory=dict)
    by_employee_id: dict[str, Person] = field(default_factory=dict)
    namesakes: dict[str, str] = field(default_factory=dict)

    def knows(self, row: ParsedRow) -> bool:
        return (
            row.values.get("email", "") in self.by_email
            or row.values.get("employee_id", "") in self.by_employee_id
        )

    def find(self, row: ParsedRow) -> Person | None:
        """Return the account a row means, or None for somebody new.

        Raises:
            RowProblem: e-mail and number belong to two people, or only an unknown number is given.
        """
        by_email = self.by_email.get(row.values.get("email", ""))
        by_number = self.by_employee_id.get(row.values.get("employee_id", ""))
        if by_email and by_number and by_email is not by_number:
            raise RowProblem("two_people", "employee_id")
        found = by_email or by_number
        if found is None and "email" not in row.values:
            raise RowProblem(
                "unknown_employee", "employee_id", value=row.values.get("employee_id", "")
            )
        return found


def look_up(rows: list[ParsedRow], *, cohort: Cohort, role: str) -> Known:
    """Load everybody whom these rows may mean, in seven queries."""
    emails = [row.values["email"] for row in rows if "email" in row.values]
    numbers = [row.values["employee_id"] for row in rows if "employee_id" in row.values]
    users = list(named_by(emails, numbers).values(*USER_COLUMNS))
    ids = [user["id"] for user in users]
    profiles = {
        row["user_id"]: row
        for row in Profile.objects.filter(user__in=ids).values("user_id", *PROFILE_COLUMNS)
    }
    enrolments = {
        row["user_id"]: row
        for row in with_open_match_count(
            Enrolment.objects.filter(cohort=cohort, role=role, user__in=ids).annotate(
                is_unscreened=Exists(open_steps_for(today=timezone.now().date()))
            )
        ).values("id", "user_id", "status", "capacity", "open_match_count", "is_unscreened")
    }
    skills = _skills([profile["id"] for profile in profiles.values()])
    answers = _answers([enrolment["id"] for enrolment in enrolments.values()])
    elsewhere = set(
        Enrolment.objects.filter(user__in=ids)
        .exclude(cohort__program=cohort.program_id)
        .values_list("user_id", flat=True)
    )
    known, people = Known(), {}
    for user in users:
        profile = profiles.get(user["id"], NO_PROFILE)
        enrolment = enrolments.get(user["id"])
        person = Person(
            user=user,
            profile=profile,
            skills=skills.get(profile["id"], {}),
            enrolment=enrolment,
            answers=answers.get(enrolment["id"], {}) if enrolment else {},
            is_elsewhere=user["id"] in elsewhere,
        )
        people[user["id"]] = person
        if user["employee_id"]:
            known.by_employee_id[user["employee_id"]] = person
    known.by_email = {email: people[user["id"]] for email, user in emails_of(users)}
    known.namesakes = _namesakes([row for row in rows if not known.knows(row)], cohort)
    return known


def name_keys(row: ParsedRow) -> tuple[str, ...]:
    """Return a row's whole name as accounts are ordered by it, both ways round; () without one."""
    first, last = (row.values.get(name, "") for name in ("first_name", "last_name"))
    if not first or not last:
        return ()
    return sort_key(f"{last} {first}"), sort_key(f"{first} {last}")


def _namesakes(rows: list[ParsedRow], cohort: Cohort) -> dict[str, str]:
    """Return the accounts with the names of new people; one of the program's comes first."""
    keys = {key for row in rows for key in name_keys(row)}
    if not keys:
        return {}
    here = Enrolment.objects.filter(user=OuterRef("pk"), cohort__program=cohort.program_id)
    found = (
        User.objects.filter(name_key__in=keys, merged_into__isnull=True)
        .order_by("pk")
        .values_list("name_key", "email", Exists(here))
    )
    names: dict[str, str] = {}
    for key, email, is_here in found:
        names[key] = names.get(key) or (email if is_here else "")
    return names


def _skills(profile_ids: list[int]) -> dict[int, dict[str, list[list[Any]]]]:
    found: dict[int, dict[str, list[list[Any]]]] = defaultdict(lambda: defaultdict(list))
    rows = ProfileSkill.objects.filter(profile__in=profile_ids).order_by("id")
    for profile_id, direction, name, importance in rows.values_list(
        "profile_id", "direction", "skill__name", "importance"
    ):
        found[profile_id][direction].append([name, importance])
    return found


def _answers(enrolment_ids: list[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    rows = Answer.objects.filter(enrolment__in=enrolment_ids, question__form__is_current=True)
    for enrolment_id, key, kind, text, number, day, choices in rows.values_list(
        "enrolment_id", "question__key", "question__kind", "text", "number", "day", "choices"
    ):
        found[enrolment_id][key] = stored_answer(kind, text, number, day, choices)
    return found


def stored_answer(kind: str, text: str, number: Any, day: Any, choices: list[str]) -> Any:
    """Return an answer as rows of an import hold it; None when it is empty."""
    if kind == QuestionKind.SCALE:
        return number
    if kind == QuestionKind.DATE:
        return day.isoformat() if day else None
    if kind == QuestionKind.CHOICES:
        return choices or None
    return text or None
