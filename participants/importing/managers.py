"""The org chart as the file would leave it: no circles, and no manager who is left out."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from participants.importing.rows import PlannedRow
from participants.importing.sentences import problem
from participants.models import RowAction

FIELD = "manager_email"


@dataclass(slots=True)
class OrgChart:
    """Managers that rows set, by node; see ``PlannedRow.node``."""

    manager_of: dict[int, int] = field(default_factory=dict)
    row_of: dict[int, int] = field(default_factory=dict)
    left_out: dict[int, int] = field(default_factory=dict)

    def add(self, row: PlannedRow) -> None:
        if row.action == RowAction.PROBLEM:
            if row.user_id is None:
                self.left_out[row.node] = row.number
        elif row.manager is not None:
            self.manager_of[row.node] = row.manager
            self.row_of[row.node] = row.number

    def settle(self) -> dict[int, dict[str, Any]]:
        """Return the problem of each row that cannot keep its manager, by number.

        A new person without the manager they name is a problem, and so are those under them.
        """
        problems = self._without_manager(self.left_out)
        for circle in self._circles():
            rows = sorted(self.row_of[node] for node in circle if node in self.row_of)
            words = ", ".join(map(str, rows))
            problems |= {number: problem("manager_circle", FIELD, rows=words) for number in rows}
            new = {node: self.row_of[node] for node in circle if node < 0}
            problems |= self._without_manager(new, but=problems)
        return problems

    def _without_manager(
        self, missing: dict[int, int], but: Iterable[int] = ()
    ) -> dict[int, dict[str, Any]]:
        reports: dict[int, list[int]] = defaultdict(list)
        for node, manager in self.manager_of.items():
            reports[manager].append(node)
        problems: dict[int, dict[str, Any]] = {}
        skip = set(but)
        queue = deque(missing.items())
        while queue:
            manager, manager_row = queue.popleft()
            for node in reports[manager]:
                number = self.row_of[node]
                if number in problems or number in skip:
                    continue
                problems[number] = problem("manager_has_problem", FIELD, row=manager_row)
                if node < 0:
                    queue.append((node, number))
        return problems

    def _circles(self) -> list[list[int]]:
        """Return each circle once. Every node has one manager: walk up until a known node."""
        if not self.manager_of:
            return []
        stored = User.objects.filter(manager__isnull=False).values_list("id", "manager_id")
        above = dict(stored.iterator(chunk_size=10_000)) | self.manager_of
        walked: dict[int, int] = {}
        circles = []
        for walk, start in enumerate(self.manager_of):
            path, node = [], start
            while node in above and node not in walked:
                walked[node] = walk
                path.append(node)
                node = above[node]
            if walked.get(node) == walk and node in path:
                circles.append(path[path.index(node) :])
        return circles
