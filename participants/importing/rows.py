"""A row on its way from the file to the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from participants.models import RowAction

NAMESAKES = ("namesake", "namesake_here")
Changes = dict[str, dict[str, list[Any]]]


@dataclass(slots=True)
class ParsedRow:
    """Values by target, as JSON holds them, and what is wrong with single cells."""

    number: int
    values: dict[str, Any]
    problems: list[dict[str, Any]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """What the person is known by: "e:" and the e-mail, "i:" and the employee number."""
        return [
            f"{kind}:{self.values[target]}"
            for kind, target in (("e", "email"), ("i", "employee_id"))
            if target in self.values
        ]

    @property
    def manager_key(self) -> str:
        """What the manager is known by, in the same way; empty when the row names none."""
        if "manager_employee_id" in self.values:
            return f"i:{self.values['manager_employee_id']}"
        if "manager_email" in self.values:
            return f"e:{self.values['manager_email']}"
        return ""


@dataclass(slots=True)
class PlannedRow:
    """What a row will do. ``changes`` holds [before, after] by part and field.

    ``node`` is the person in the org chart: the user's id, or minus the row's number when the
    row makes a new one. ``manager`` is the node of the manager that the row sets, if any.
    """

    parsed: ParsedRow
    action: str = RowAction.UNCHANGED
    problems: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    changes: Changes = field(default_factory=dict)
    user_id: int | None = None
    enrolment_id: int | None = None
    profile_id: int | None = None
    manager: int | None = None
    is_external: bool = False

    @property
    def number(self) -> int:
        return self.parsed.number

    @property
    def node(self) -> int:
        return -self.number if self.user_id is None else self.user_id

    @property
    def is_repeated(self) -> bool:
        """Whether an earlier row of the file says the same."""
        return any(note["code"] == "same_as_row" for note in self.notes)

    @property
    def is_namesake(self) -> bool:
        """Whether a new person is called as somebody who has an account."""
        return any(note["code"] in NAMESAKES for note in self.notes)

    def change(self, part: str, name: str, before: Any, after: Any) -> None:
        self.changes.setdefault(part, {})[name] = [before, after]

    def refuse(self, problem: dict[str, Any]) -> PlannedRow:
        """Turn the row into a problem; nothing of it will be written."""
        self.action = RowAction.PROBLEM
        self.problems = [*self.problems, problem]
        self.changes = {}
        self.manager = None
        return self
