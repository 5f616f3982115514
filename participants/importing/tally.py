"""Counts of what rows do, and of what keeps them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from participants.importing.rows import PlannedRow
from participants.models import RowAction


@dataclass(slots=True)
class Tally:
    """Rows by action, new accounts, repeated rows, known names, levels that the ladder lacks."""

    by_action: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RowAction.values, 0))
    new_people: int = 0
    repeated: int = 0
    namesakes: int = 0
    levels: dict[str, int] = field(default_factory=dict)

    def add(self, rows: Iterable[PlannedRow]) -> None:
        for row in rows:
            self.by_action[row.action] += 1
            self.repeated += row.is_repeated
            self.namesakes += row.is_namesake
            self.new_people += row.action == RowAction.CREATE and row.user_id is None
            for problem in row.problems:
                if problem["code"] == "unknown_level":
                    name = problem["params"]["value"]
                    self.levels[name] = self.levels.get(name, 0) + 1

    def turn_into_problem(self, *, action: str, is_new_person: bool) -> None:
        """Count a row again that a later look made a problem."""
        self.by_action[action] -= 1
        self.by_action[RowAction.PROBLEM] += 1
        self.new_people -= is_new_person

    def as_counts(self) -> dict[str, Any]:
        return {
            **self.by_action,
            "rows": sum(self.by_action.values()),
            "new_people": self.new_people,
            "repeated": self.repeated,
            "namesakes": self.namesakes,
            "levels": [[name, count] for name, count in self.levels.items()],
        }
