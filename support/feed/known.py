"""What the database knows about the people of a chunk of rows, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT

from accounts.models import Role, RoleGrant, User
from accounts.selectors import emails_of, named_by
from matching.models import MatchMember
from participants.importing.known import RowProblem
from participants.importing.rows import ParsedRow
from support.feed.rows import Facts
from support.feed.values import LEFT
from support.models import FeedRow, HelpContact, HelpRequest

USER_FIELDS = (
    "id",
    "email",
    "employee_id",
    "first_name",
    "last_name",
    "department",
    "location",
    "job_title",
    "manager_id",
    "is_active",
    "last_login",
    "merged_into_id",
)


@dataclass(slots=True)
class Known:
    """The people of a chunk, by lower-case e-mail and by employee number."""

    by_email: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_number: dict[str, dict[str, Any]] = field(default_factory=dict)

    def all_ids(self, row: ParsedRow) -> set[int]:
        """Return everybody whom a row may mean, also where it is a problem."""
        found = (
            self.by_email.get(row.values.get("email", "")),
            self.by_number.get(row.values.get("employee_id", "")),
        )
        return {user["id"] for user in found if user is not None}

    def find(self, row: ParsedRow) -> dict[str, Any] | None:
        """Return the person whom a row means, or None for somebody new.

        The employee number wins, so that an e-mail can change.

        Raises:
            RowProblem: e-mail and number belong to two people, the account with the e-mail has
                another number, or only an unknown number is given.
        """
        by_email = self.by_email.get(row.values.get("email", ""))
        number = row.values.get("employee_id", "")
        by_number = self.by_number.get(number)
        if by_email and by_number and by_email["id"] != by_number["id"]:
            raise RowProblem("two_people", "employee_id")
        if by_number is None and by_email is not None:
            if number and by_email["employee_id"] not in ("", number):
                raise RowProblem("number_differs", "employee_id")
            return by_email
        if by_number is None and "email" not in row.values and row.values.get("status") != LEFT:
            raise RowProblem("unknown_employee", "employee_id", value=number)
        return by_number


def look_up(rows: Iterable[ParsedRow]) -> Known:
    """Load everybody whom these rows may mean. One query."""
    emails = [row.values["email"] for row in rows if "email" in row.values]
    numbers = [row.values["employee_id"] for row in rows if "employee_id" in row.values]
    users = list(described(named_by(emails, numbers)))
    return Known(
        dict(emails_of(users)),
        {user["employee_id"]: user for user in users if user["employee_id"]},
    )


def is_keeper() -> Q:
    """Whose e-mail no list ever changes: superusers and IT."""
    keepers = RoleGrant.objects.filter(user=OuterRef("pk"), role=Role.IT_ADMINISTRATOR)
    return Q(is_superuser=True) | Q(Exists(keepers))


def is_trusted() -> Q:
    """Whose account opens what others confided, though they may never have signed in.

    They have a role, are or stand in for a contact for help, share in an open request for help,
    or sit in a match: with their e-mail, all that would change hands.
    """
    me = OuterRef("pk")
    requests = HelpRequest.objects.filter(closed_at__isnull=True)
    return (
        Q(Exists(RoleGrant.objects.filter(user=me)))
        | Q(Exists(HelpContact.objects.filter(Q(person=me) | Q(deputy=me))))
        | Q(Exists(requests.filter(Q(asker=me) | Q(contact=me) | Q(deputy=me))))
        | Q(Exists(MatchMember.objects.current().filter(user=me)))
    )


def described(users: QuerySet[User]) -> Sequence[Any]:
    """Return people as rows are compared with: HR's facts among it."""
    missing = FeedRow.objects.filter(
        user=OuterRef("pk"),
        number=None,
        feed__dated=OuterRef("hr_record__gone_on"),
        feed__applied_at__isnull=False,
        feed__undone_at=None,
    )
    return users.values(
        *USER_FIELDS,
        level_name=F("level__name"),
        is_keeper=is_keeper(),
        is_used=Q(last_login__isnull=False) | is_trusted(),
        is_known=Q(hr_record__isnull=False),
        was_missing=Exists(missing),
        told_day=Subquery(missing.order_by("-pk").values(day=KT("changes__facts__gone_on__0"))[:1]),
        gone_on=F("hr_record__gone_on"),
        leave_from=F("hr_record__leave_from"),
        leave_until=F("hr_record__leave_until"),
    )


def facts_of(user: dict[str, Any]) -> Facts:
    told = user["told_day"]
    return Facts(
        user["gone_on"],
        user["leave_from"],
        user["leave_until"],
        was_missing=user["was_missing"],
        told_day=date.fromisoformat(told) if told else None,
    )


def known_people(*, dated: date) -> QuerySet[User]:
    """Return whom HR knows and who has not left by a day."""
    return User.objects.filter(
        Q(hr_record__gone_on__isnull=True) | Q(hr_record__gone_on__gt=dated),
        Q(hr_record__isnull=False) | ~Q(employee_id=""),
        is_active=True,
    )


def missing_people(named: set[int], *, dated: date) -> Iterable[dict[str, Any]]:
    """Return who would stand in a list of everybody and does not: people whom HR knows.

    That is who has an employee number or stood in an earlier list, is active and has not left
    by the day of the list. External people, whom no list names, are never missing. One query.
    """
    for user in described(known_people(dated=dated).order_by("name_key", "pk")):
        if user["id"] not in named:
            yield user
