"""What an HR list will do, row by row, against what the database holds now. Reads only."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from accounts.models import Level
from core.progress import Report
from participants.importing.known import RowProblem
from participants.importing.managers import OrgChart
from participants.importing.planner import extra_cells
from participants.importing.preview import day_orders
from participants.importing.rows import ParsedRow
from participants.importing.sentences import problem
from participants.importing.survey import Survey, chunks
from participants.importing.values import level_key
from participants.reading import Table, read_table
from support.feed.known import Known, facts_of, look_up, missing_people
from support.feed.rows import Facts, FeedPlan, wanted_facts
from support.feed.targets import DAYS
from support.feed.values import LEFT, FeedReader
from support.models import Feed, FeedAction, FeedKind

CHUNK = 1_000
OWNED = ("email", "employee_id", "department", "location", "job_title", "level")
NAMES = ("first_name", "last_name")
NEW_ONLY = ("time_zone", "language")


@dataclass(slots=True)
class Plan:
    """All rows, and those who have none although the list is one of everybody."""

    dated: date
    rows: list[FeedPlan] = field(default_factory=list)
    unreadable: int = 0

    @property
    def leaving(self) -> list[int]:
        """Return the ids of the people who would leave, or leave earlier than was said."""
        return [
            row.user_id
            for row in self.rows
            if row.action == FeedAction.LEAVE
            and row.user_id is not None
            and _is_sooner(*row.changes["facts"]["gone_on"])
        ]

    @property
    def moved_addresses(self) -> int:
        """Return how many accounts in use would get another e-mail."""
        return sum(row.has_note("email_moves") for row in self.rows)

    def digest(self) -> str:
        """Return what tells this plan from any other."""
        told = hashlib.sha256()
        for row in self.rows:
            told.update(
                json.dumps(
                    [row.number, row.action, row.user_id, row.manager, row.changes, row.problems],
                    sort_keys=True,
                ).encode()
            )
        return told.hexdigest()


def plan_feed(*, feed: Feed, report: Report, moves_addresses: bool) -> Plan:
    """Plan every row of a list, and who is missing in one of everybody.

    Whose account is in use keeps their e-mail unless ``moves_addresses``: with the mailbox, the
    account would change hands.

    Queries grow with chunks of a thousand rows only.
    """
    table = read_table(zlib.decompress(feed.content), feed.file_name)
    columns = [(index, key) for index, key in enumerate(feed.columns) if key]
    reader = FeedReader(
        levels={level_key(name): name for name in Level.objects.values_list("name", flat=True)},
        day_first=day_orders(table, [index for index, key in columns if key in DAYS]),
    )
    survey, parsed = Survey(), []
    for row in _read(table, reader, columns):
        survey.add(row)
        parsed.append(row)
    survey.resolve_managers()
    planner = _Planner(feed, survey, frozenset(key for _index, key in columns), moves_addresses)
    plan = Plan(feed.dated)
    for chunk in chunks(parsed, CHUNK):
        plan.rows += planner.plan(chunk)
        report("checking", len(plan.rows), survey.total)
    _settle_all(plan.rows, planner.contradicted)
    plan.unreadable = sum(
        row.action == FeedAction.PROBLEM and row.number in planner.naming_nobody
        for row in plan.rows
    )
    if feed.kind == FeedKind.FULL:
        plan.rows += [
            _missing(user, feed.dated) for user in missing_people(planner.named, dated=feed.dated)
        ]
    return plan


def _read(table: Table, reader: FeedReader, columns: list[tuple[int, str]]) -> Iterator[ParsedRow]:
    for row in table.rows():
        values, problems = reader.read(row.cells, columns)
        if row.extra:
            problems.insert(0, extra_cells(row.extra))
        yield ParsedRow(row.number, values, problems, [*row.cells, *row.extra])


class _Planner:
    def __init__(
        self, feed: Feed, survey: Survey, mapped: frozenset[str], moves_addresses: bool
    ) -> None:
        self.feed = feed
        self.survey = survey
        self.mapped = mapped
        self.moves_addresses = moves_addresses
        self.named: set[int] = set()
        self.naming_nobody: set[int] = set()
        self.contradicted: dict[int, dict[str, Any]] = {}
        self._row_of: dict[int, ParsedRow] = {}
        self._first: dict[int, dict[str, Any]] = {}

    def plan(self, rows: list[ParsedRow]) -> list[FeedPlan]:
        known = look_up(rows)
        return [self._plan(FeedPlan(row), known) for row in rows]

    def _plan(self, plan: FeedPlan, known: Known) -> FeedPlan:
        values = plan.parsed.values
        plan.name = _name(values)
        named = known.all_ids(plan.parsed)
        self.named |= named
        if not named:
            self.naming_nobody.add(plan.number)
        if plan.number in self.survey.repeated:
            self._first[plan.number] = values
        try:
            self._check(plan)
            if self._is_repetition(plan):
                return plan
            user = known.find(plan.parsed)
            if user is not None:
                self._check_once(plan, user["id"])
                self._plan_known(plan, user, leads_here=values.get("email") in known.by_email)
            else:
                self._plan_new(plan)
        except RowProblem as error:
            plan.refuse(error.stored)
        return plan

    def _check(self, plan: FeedPlan) -> None:
        if plan.parsed.problems:
            *plan.problems, last = plan.parsed.problems
            raise RowProblem.of(last)
        if not plan.parsed.keys:
            raise RowProblem("no_identity", "email")

    def _check_once(self, plan: FeedPlan, user_id: int) -> None:
        """Refuse a second row of somebody, one by their e-mail and one by their number."""
        earlier = self._row_of.setdefault(user_id, plan.parsed)
        if earlier is plan.parsed:
            return
        rows = (earlier.number, plan.number)
        row, other = rows if "email" in earlier.values else rows[::-1]
        raise self._contradiction(
            earlier.number, RowProblem("two_rows", "employee_id", row=row, other=other)
        )

    def _contradiction(self, first: int, error: RowProblem) -> RowProblem:
        """Refuse the earlier of two rows as well: nobody knows which of them is right."""
        self.contradicted.setdefault(first, error.stored)
        return error

    def _is_repetition(self, plan: FeedPlan) -> bool:
        earlier = self.survey.other_first_rows(plan.parsed)
        if not earlier:
            return False
        if len(earlier) > 1:
            raise RowProblem("two_rows", "employee_id", row=earlier[0], other=earlier[1])
        if self._first[earlier[0]] != plan.parsed.values:
            error = RowProblem("contradicts", "", row=earlier[0], other=plan.number)
            raise self._contradiction(earlier[0], error)
        plan.notes = [{"code": "same_as_row", "params": {"row": earlier[0]}}]
        return True

    def _plan_new(self, plan: FeedPlan) -> None:
        facts = self._facts(plan, Facts())
        is_gone = plan.parsed.values.get("status") == LEFT or (
            facts.gone_on is not None and facts.gone_on <= self.feed.dated
        )
        if is_gone:
            plan.notes = [{"code": "unknown_leaver"}]
            return
        plan.action = FeedAction.JOIN
        for name in (*OWNED, *NAMES, *NEW_ONLY):
            if name in plan.parsed.values:
                plan.change("user", name, "", plan.parsed.values[name])
        self._set_manager(plan, None)
        self._set_facts(plan, Facts(), facts)

    def _plan_known(self, plan: FeedPlan, user: dict[str, Any], *, leads_here: bool) -> None:
        plan.user_id = user["id"]
        plan.name = _name(user) or plan.name
        if not user["is_active"]:
            plan.notes = [{"code": "account_off"}]
            return
        before = self._still(facts_of(user))
        after = self._facts(plan, before)
        if not user["is_known"]:
            plan.change("made", "known", None, True)
        self._plan_move(plan, user, leads_here=leads_here)
        if plan.changes.get("user") or plan.manager:
            plan.action = FeedAction.CHANGE
        self._set_facts(plan, before, after)

    def _plan_move(self, plan: FeedPlan, user: dict[str, Any], *, leads_here: bool) -> None:
        """Note what differs; ``leads_here``: the e-mail is of an account that became this one."""
        values = plan.parsed.values
        for name in OWNED:
            before = user["level_name" if name == "level" else name] or ""
            if name not in values or before == values[name]:
                continue
            if name == "email" and before.lower() == values[name]:
                continue
            if name == "email" and (leads_here or self._keeps_address(plan, user)):
                plan.notes.append({"code": "email_kept"})
            else:
                plan.change("user", name, before, values[name])
        for name in NAMES:
            if name not in values or user[name] == values[name]:
                continue
            if user[name] and user["last_login"] is not None:
                plan.notes.append({"code": "name_kept"})
            else:
                plan.change("user", name, user[name], values[name])
        self._set_manager(plan, user["manager_id"])

    def _keeps_address(self, plan: FeedPlan, user: dict[str, Any]) -> bool:
        if user["is_keeper"] or (user["is_used"] and not self.moves_addresses):
            return True
        if user["is_used"]:
            plan.notes.append({"code": "email_moves"})
        return False

    def _set_manager(self, plan: FeedPlan, current: int | None) -> None:
        key = plan.parsed.manager_key
        if not key:
            return
        manager = self.survey.managers.get(key)
        name = "manager_email" if key.startswith("e:") else "manager_employee_id"
        if manager is None:
            raise RowProblem("unknown_manager", name, value=key[2:])
        if manager == plan.node:
            raise RowProblem("own_manager", name)
        if current != manager:
            plan.manager = manager
            plan.change("user", "manager_email", current, manager)

    def _still(self, before: Facts) -> Facts:
        """Leave out a leave that is over."""
        if not before.is_back_by(self.feed.dated):
            return before
        return replace(before, leave_from=None, leave_until=None)

    def _facts(self, plan: FeedPlan, before: Facts) -> Facts:
        return wanted_facts(
            plan, before, kind=self.feed.kind, dated=self.feed.dated, mapped=self.mapped
        )

    def _set_facts(self, plan: FeedPlan, before: Facts, after: Facts) -> None:
        was, will = before.as_dict(), after.as_dict()
        for names in (("gone_on",), ("leave_from", "leave_until")):
            if any(was[name] != will[name] for name in names):
                for name in names:
                    plan.change("facts", name, was[name], will[name])
        facts = plan.changes.get("facts", {})
        if plan.action == FeedAction.JOIN or not facts:
            return
        if "gone_on" in facts:
            plan.action = FeedAction.LEAVE if after.gone_on else FeedAction.BACK
        else:
            plan.action = FeedAction.AWAY if after.leave_from else FeedAction.BACK


def _settle_all(rows: list[FeedPlan], contradicted: dict[int, dict[str, Any]]) -> None:
    """Refuse what cannot be known row by row: contradictions, and managers who cannot be."""
    for row in rows:
        if row.number in contradicted and row.action != FeedAction.PROBLEM:
            row.refuse(contradicted[row.number])
    _name_managers(rows)
    chart = OrgChart()
    for row in rows:
        chart.add(row)
    refused = chart.settle()
    for row in rows:
        if row.number in refused:
            row.refuse(refused[row.number])


def _is_sooner(before: str | None, after: str) -> bool:
    return before is None or after < before


def _name_managers(rows: list[FeedPlan]) -> None:
    """Let managers whom the list names be the people whom their rows mean.

    A manager whose row makes nobody, say because they have left, is refused.
    """
    by_row = {-row.number: row for row in rows}
    for row in rows:
        manager = by_row.get(row.manager or 0)
        if manager is None or manager.action == FeedAction.PROBLEM:
            continue
        if manager.user_id is None and manager.action != FeedAction.JOIN:
            key = row.parsed.manager_key
            row.refuse(problem("unknown_manager", "manager_email", value=key[2:]))
            continue
        current, _node = row.changes["user"]["manager_email"]
        row.manager = manager.node
        row.change("user", "manager_email", current, manager.node)
        if current == manager.node:
            row.manager = None
            del row.changes["user"]["manager_email"]
            _settle(row)


def _settle(row: FeedPlan) -> None:
    """Call a row unchanged when nothing of it is left."""
    if not row.changes["user"]:
        del row.changes["user"]
        if row.action == FeedAction.CHANGE:
            row.action = FeedAction.UNCHANGED


def _missing(user: dict[str, Any], dated: date) -> FeedPlan:
    plan = FeedPlan(ParsedRow(0, {}), action=FeedAction.LEAVE, user_id=user["id"])
    plan.name, plan.is_missing = _name(user) or user["email"], True
    plan.notes = [{"code": "missing"}]
    plan.change("facts", "gone_on", facts_of(user).as_dict()["gone_on"], dated.isoformat())
    if not user["is_known"]:
        plan.change("made", "known", None, True)
    return plan


def _name(values: dict[str, Any]) -> str:
    full = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
    return full or values.get("email", "") or values.get("employee_id", "")
