"""Reads of the queue: what needs whom, most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from feedback.models import CheckIn
from feedback.selectors import misfits
from matching.models import MatchMember
from participants.models import Enrolment
from programs.models import Cohort, Cover
from sessions.selectors import people_of, unpack_people
from support.covering import own_items
from support.models import WorkItem, WorkKind, WorkNote
from support.signals import Reason, reasons_of

URGENCY = {kind: rank for rank, kind in enumerate(WorkKind)}
ICONS = {
    WorkKind.HELP: ("life-buoy", "bad"),
    WorkKind.MISFIT: ("heart-crack", "bad"),
    WorkKind.LINE: ("git-merge", "bad"),
    WorkKind.LEAVING: ("door-open", "warn"),
    WorkKind.EXTERNAL: ("hourglass", "warn"),
    WorkKind.COVER: ("circle-pause", "warn"),
    WorkKind.REMATCH: ("timer", "warn"),
    WorkKind.STALLED: ("clock", "warn"),
    WorkKind.OVERLOAD: ("layers", "warn"),
    WorkKind.OVERDUE: ("message-circle-question-mark", ""),
    WorkKind.NO_GOALS: ("goal", ""),
    WorkKind.ASKED_LINE: ("clock", "warn"),
    WorkKind.UNMATCHED: ("user-round-x", "warn"),
    WorkKind.MAIL: ("mail-warning", "warn"),
}
ADVICE = {
    WorkKind.LINE: gettext_lazy(
        "A change in the organisation made one the other’s manager. Talk with both, then end the "
        "match kindly and look for a new one, or let it stand as an exception with a reason."
    ),
    WorkKind.LEAVING: gettext_lazy(
        "Talk with both before the last day: what shall be finished, and who could come next?"
    ),
    WorkKind.EXTERNAL: gettext_lazy(
        "Prolong the account, end the match well before that day, or start a search for a new "
        "match. Ask who vouches for them whether it goes on."
    ),
    WorkKind.COVER: gettext_lazy(
        "Ask both whether to wait or to let somebody stand in until the mentor is back."
    ),
    WorkKind.REMATCH: gettext_lazy(
        "Start a search: everybody else stays where they are, and who did not fit is left out."
    ),
    WorkKind.OVERLOAD: gettext_lazy(
        "Ask the mentor whether it is too much. Three at once is what most keep up."
    ),
    WorkKind.OVERDUE: gettext_lazy("Ask both in one line whether all is well. Blame nobody."),
    WorkKind.ASKED_LINE: gettext_lazy(
        "Talk with the line manager, then decide on the person’s page: with a reason you may say "
        "yes without them. The person hears your decision only."
    ),
    WorkKind.UNMATCHED: gettext_lazy(
        "Pair them by hand or in the next run, and tell them today where they stand."
    ),
    WorkKind.MAIL: gettext_lazy(
        "Ask for an address that works, or reach them another way; then send the mail again."
    ),
}


@dataclass(frozen=True)
class Line:
    """One item as lists and its page show it."""

    item: WorkItem
    names: tuple[str, ...]
    reasons: Sequence[Reason]

    @property
    def title(self) -> str:
        return _(" and ").join(self.names)

    @property
    def kind(self) -> str:
        """Return what it is about, in words: the group it stands in."""
        return str(self.item.get_kind_display())

    @property
    def icon(self) -> str:
        return ICONS[WorkKind(self.item.kind)][0]

    @property
    def tone(self) -> str:
        return ICONS[WorkKind(self.item.kind)][1]

    @property
    def why(self) -> list[str]:
        """Return why it is here, where that is not a match's health."""
        found = []
        for entry in self.item.reasons:
            name, _equals, value = entry.partition("=")
            if name in WHY_SINCE:
                day = date_format(date.fromisoformat(value), "MONTH_DAY_FORMAT")
                found.append(str(WHY_SINCE[name]) % {"day": day})
        own = WHY.get(WorkKind(self.item.kind))
        return [*found, str(own)] if own else found

    @property
    def advice(self) -> list[str]:
        """Return what helps, each sentence once."""
        own = ADVICE.get(WorkKind(self.item.kind))
        found = [str(own)] if own else [reason.helps for reason in self.reasons]
        return list(dict.fromkeys(found))


WHY = {
    WorkKind.LINE: gettext_lazy("By today’s reporting lines these two could not be paired."),
    WorkKind.COVER: gettext_lazy("The mentor is on leave for more than two weeks."),
    WorkKind.OVERLOAD: gettext_lazy("This mentor has more than three matches at once."),
    WorkKind.OVERDUE: gettext_lazy("The last three check-ins had no answer from one of them."),
    WorkKind.ASKED_LINE: gettext_lazy(
        "The line manager says “not now”, has not answered for ten working days, or is not known."
    ),
    WorkKind.UNMATCHED: gettext_lazy(
        "The cohort works together, and this person has no mentor yet."
    ),
    WorkKind.MAIL: gettext_lazy("Mail to this person failed, and none has arrived since."),
}
WHY_SINCE = {
    "since": gettext_lazy("Waits for a new match since %(day)s."),
    "leaves": gettext_lazy("Leaves after %(day)s."),
    "until": gettext_lazy(
        "The account works until %(day)s, and the cohort goes on. Then they cannot sign in."
    ),
}


VIEWS = {
    "waiting": gettext_lazy("Waiting"),
    "mine": gettext_lazy("Mine"),
    "resting": gettext_lazy("Resting"),
    "closed": gettext_lazy("Closed"),
}


def items(
    user: User,
    *,
    view: str,
    today: date,
    cohort: Cohort | None = None,
    covers: Sequence[Cover] = (),
) -> QuerySet[WorkItem]:
    """Return the items that a manager sees, most urgent first and then the oldest.

    ``covers`` are those of today in which the manager stands in: what is theirs is "mine" too.
    """
    rows = WorkItem.objects.managed_by(user)
    if cohort is not None:
        rows = rows.filter(cohort=cohort)
    if view == "closed":
        return _told(rows.filter(closed_at__isnull=False)).order_by("-closed_at", "-pk")
    if view == "resting":
        rows = rows.open().filter(snoozed_until__gt=today)
    else:
        rows = rows.waiting(today=today)
    if view == "mine":
        rows = rows.filter(own_items(user, covers))
    rank = Case(
        *(When(kind=kind, then=Value(at)) for kind, at in URGENCY.items()),
        output_field=IntegerField(),
    )
    return _told(rows).order_by(rank, "opened_at", "pk")


def count_by_cohort(user: User, *, today: date) -> dict[int, int]:
    """Return how many items wait for a manager in each cohort. One query."""
    rows = WorkItem.objects.managed_by(user).waiting(today=today)
    counted = rows.order_by().values("cohort").annotate(count=Count("pk"))
    return dict(counted.values_list("cohort", "count"))


def _told(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("cohort__program", "enrolment__user", "owner").annotate(
        packed_people=people_of("match")
    )


def lines(rows: Sequence[Any], *, today: date) -> list[Line]:
    """Return items as lists show them; asks the database nothing."""
    return [line(row, today=today) for row in rows]


def grouped(found: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """Return items that stand in the order of their urgency, by what they are about."""
    return [(kind, list(group)) for kind, group in groupby(found, key=lambda line: line.kind)]


def line(row: Any, *, today: date) -> Line:
    """Return one item with names and reasons."""
    if row.enrolment is not None:
        names: tuple[str, ...] = (str(row.enrolment.user),)
    else:
        people = unpack_people(row.packed_people)
        ordered = sorted(people, key=lambda person: person.role == "mentor")
        names = tuple(person.name for person in ordered)
    told = reasons_of(row.reasons, today=today, rhythm_days=row.cohort.rhythm_days)
    return Line(row, names, told)


def item_line(user: User, pk: int, *, today: date) -> Line | None:
    """Return one item for its page, or None when it is not this person's. One query."""
    row = _told(WorkItem.objects.managed_by(user)).filter(pk=pk).first()
    return line(row, today=today) if row else None


def notes_of(item: WorkItem) -> QuerySet[WorkNote]:
    """Return what managers wrote about an item, oldest first."""
    return item.notes.select_related("author")


def callers(item: WorkItem) -> list[CheckIn]:
    """Return the latest calls for help of a match, with who made them."""
    if item.kind != WorkKind.HELP or item.match_id is None:
        return []
    rows = CheckIn.objects.filter(match=item.match_id, answer="help").select_related("user")
    return list(rows.order_by("-due_on", "-pk")[:3])


def who_spoke(item: WorkItem) -> list[Enrolment] | None:
    """Return who of a match said in confidence what the item is about; None for other kinds.

    Whoever else is in the match must not learn of it by being written to.
    """
    if item.match_id is None or item.kind not in (WorkKind.HELP, WorkKind.MISFIT):
        return None
    if item.kind == WorkKind.MISFIT:
        users = set(misfits().filter(match=item.match_id).values_list("user_id", flat=True))
    else:
        calls = callers(item)
        users = {call.user_id for call in calls if call.due_on == calls[0].due_on}
    members = MatchMember.objects.current().filter(match=item.match_id, user__in=users)
    return [row.enrolment for row in members.select_related("enrolment__user").order_by("pk")]
