"""What a column of a file can mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from participants.models import MemberRole
from programs.models import Cohort, Question

IGNORE = ""
QUESTION = "question:"

PERSON, WORK, PROFILE, PAIRING = _("Person"), _("Work"), _("Profile"), _("Pairing")
OUTSIDE = _("People from outside")
QUESTIONS = _("Questions of the enrolment form")


@dataclass(frozen=True, slots=True)
class Target:
    key: str
    label: str | Promise
    group: str | Promise


FIELDS = (
    Target("email", _("E-mail"), PERSON),
    Target("first_name", _("First name"), PERSON),
    Target("last_name", _("Last name"), PERSON),
    Target("full_name", _("First and last name"), PERSON),
    Target("language", _("Language of pages and mails"), PERSON),
    Target("time_zone", _("Time zone"), PERSON),
    Target("employee_id", _("Employee number"), WORK),
    Target("manager_email", _("Manager’s e-mail"), WORK),
    Target("manager_employee_id", _("Manager’s employee number"), WORK),
    Target("department", _("Department"), WORK),
    Target("location", _("Location"), WORK),
    Target("job_title", _("Job title"), WORK),
    Target("level", _("Level"), WORK),
    Target("external", _("From outside the organisation"), OUTSIDE),
    Target("organisation", _("Where from, if from outside"), OUTSIDE),
    Target("works_until", _("Account works until, if from outside"), OUTSIDE),
    Target("function", _("Function or profession"), PROFILE),
    Target("bio", _("About them"), PROFILE),
    Target("goal_text", _("What they would like to reach"), PROFILE),
    Target("offer_text", _("What they can help with"), PROFILE),
    Target("interests", _("Interests"), PROFILE),
    Target("languages", _("Languages they speak"), PROFILE),
    Target("skills_offered", _("Skills they offer"), PAIRING),
    Target("skills_wanted", _("Skills they want to learn"), PAIRING),
    Target("capacity", _("How many mentees at once"), PAIRING),
    Target("mentored_before", _("Mentees before"), PAIRING),
)
LABELS = {target.key: target.label for target in FIELDS} | {"status": _("Status")}
IDENTITY = ("email", "employee_id")


def questions_of(cohort: Cohort, role: str) -> list[Question]:
    """Return the questions of the form in use that this role is asked."""
    return list(
        Question.objects.filter(
            Q(audience=role) | Q(audience="both"), form__cohort=cohort, form__is_current=True
        )
    )


def targets_for(role: str, questions: Iterable[Question]) -> list[Target]:
    """Return everything a column can mean for this role; mentees have no capacity to set."""
    fields = [target for target in FIELDS if target.key != "capacity" or role == MemberRole.MENTOR]
    asked = [Target(f"{QUESTION}{item.key}", item.label, QUESTIONS) for item in questions]
    return [*fields, *asked]


def grouped(targets: Iterable[Target]) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Return choices for a select, by group in order of appearance."""
    groups: dict[Any, list[tuple[str, Any]]] = {}
    for target in targets:
        groups.setdefault(target.group, []).append((target.key, target.label))
    return list(groups.items())


def label_of(key: str) -> str:
    """Return the words for a target; a question is called by its key."""
    return str(LABELS.get(key, key.removeprefix(QUESTION)))
