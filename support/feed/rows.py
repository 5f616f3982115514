"""A row of an HR list on its way to the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from participants.importing.known import RowProblem
from participants.importing.rows import PlannedRow
from support.feed.values import AWAY, HERE, LEFT, NEVER
from support.models import FeedAction, FeedKind

FARTHEST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Facts:
    """What HR says of somebody: their last day, and their leave.

    ``was_missing``: the last day is that of a full list in which they had no row, and ``told_day``
    the one that HR had told before that, if any.
    """

    gone_on: date | None = None
    leave_from: date | None = None
    leave_until: date | None = None
    was_missing: bool = False
    told_day: date | None = None

    @property
    def last_told(self) -> date | None:
        """The last day that a row told, not one that follows from having none."""
        return self.told_day if self.was_missing else self.gone_on

    def is_back_by(self, day: date) -> bool:
        """Tell whether a leave that was said is over by a day."""
        return self.leave_until is not None and self.leave_until < day

    def as_dict(self) -> dict[str, str | None]:
        return {
            name: value.isoformat() if (value := getattr(self, name)) else None
            for name in ("gone_on", "leave_from", "leave_until")
        }


@dataclass(slots=True)
class FeedPlan(PlannedRow):
    """What a row of an HR list will do; of somebody without a row, what that means."""

    action: str = FeedAction.UNCHANGED
    name: str = ""
    is_missing: bool = False

    def has_note(self, code: str) -> bool:
        """Tell whether a note is among those of a row that goes in."""
        return self.action != FeedAction.PROBLEM and any(
            note["code"] == code for note in self.notes
        )


def wanted_facts(
    plan: FeedPlan, before: Facts, *, kind: str, dated: date, mapped: frozenset[str]
) -> Facts:
    """Return what HR says by this row, given what its lists said before.

    An empty cell changes nothing, but for a list of everybody: who stands in it without a last day
    or a leave, where it has such columns, has none.

    Raises:
        RowProblem: a leave ends before it begins.
    """
    values = plan.parsed.values
    is_full = kind == FeedKind.FULL
    gone = _last_day(plan, values, before, dated, is_full=is_full, mapped=mapped)
    first, last = _leave(values, before, dated, is_full=is_full, mapped=mapped)
    if first and last and last < first:
        raise RowProblem("leave_order", "leave_until")
    if last is not None and last < dated:
        first = last = None
    return Facts(gone, first, last)


def _last_day(
    plan: FeedPlan,
    values: dict[str, Any],
    before: Facts,
    dated: date,
    *,
    is_full: bool,
    mapped: frozenset[str],
) -> date | None:
    is_endless = values.get("last_day") == NEVER
    told = _date(values.get("last_day"))
    if told is not None:
        if told <= dated + FARTHEST:
            return told
        plan.notes.append({"code": "last_day_far" if is_full else "last_day_far_once"})
        return None
    if values.get("status") == LEFT:
        return before.gone_on or dated
    if is_endless or (is_full and "last_day" in mapped):
        return None
    if values.get("status") == HERE:
        return _yet_to_come(before, dated) if is_full else None
    if is_full and before.gone_on is not None:
        is_back = before.gone_on < dated or (before.was_missing and before.gone_on == dated)
        return _yet_to_come(before, dated) if is_back else before.gone_on
    return before.gone_on


def _yet_to_come(before: Facts, dated: date) -> date | None:
    """Return the last day of somebody who still works here, as a list of everybody says.

    It stands until it has come: people work here up to their last day. That they were missing
    meanwhile, and are not, brings back the day that was told before.
    """
    told = before.last_told
    return told if told is not None and told > dated else None


def _leave(
    values: dict[str, Any],
    before: Facts,
    dated: date,
    *,
    is_full: bool,
    mapped: frozenset[str],
) -> tuple[date | None, date | None]:
    first, last = _date(values.get("leave_from")), _date(values.get("leave_until"))
    if first or last or values.get("status") == AWAY:
        return first or before.leave_from or dated, last
    is_told = bool(mapped & {"leave_from", "leave_until"})
    if values.get("status") == HERE or (is_full and is_told):
        return None, None
    return before.leave_from, before.leave_until


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text and text != NEVER else None
