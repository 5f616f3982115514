"""Pages of long lists, without counting them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.names import sort_key
from core.numbers import whole_number
from participants.line_managers import by_line, with_line_manager
from participants.models import Enrolment
from participants.selectors import unscreened, with_open_match_count
from programs.models import Cohort

PEOPLE_A_PAGE = 50
ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Enrolments by name, with the addresses of the neighbouring pages or None."""

    enrolments: list[Enrolment]
    previous_url: str | None
    next_url: str | None


def people_page(
    cohort: Cohort,
    *,
    words: str = "",
    role: str = "",
    status: str = "",
    line: str = "",
    unscreened_on: date | None = None,
    query: dict[str, str],
) -> PeoplePage:
    """Return one page of a cohort's people, by name, in a constant number of queries.

    ``query`` is the address's query; its "after" or "before" is the enrolment at the page's edge.
    """
    rows = _filtered(cohort, words=words, role=role, status=status)
    if cohort.tells_line_managers:
        rows = with_line_manager(rows)
    if line:
        rows = by_line(rows, line, now=timezone.now())
    if unscreened_on is not None:
        rows = rows.filter(pk__in=unscreened(cohort, today=unscreened_on).values("pk"))
    edge, backwards = _edge(cohort, query)
    order = (
        ("-user__name_key", "-user_id", "-id") if backwards else ("user__name_key", "user_id", "id")
    )
    if edge is not None:
        rows = rows.filter(_beyond(edge, backwards=backwards))
    found = list(
        with_open_match_count(rows.select_related("user__level", "more_asked")).order_by(*order)[
            : PEOPLE_A_PAGE + 1
        ]
    )
    has_more = len(found) > PEOPLE_A_PAGE
    found = found[:PEOPLE_A_PAGE]
    if backwards:
        found.reverse()
    has_previous = has_more if backwards else edge is not None
    has_next = edge is not None if backwards else has_more
    return PeoplePage(
        found,
        _url(query, before=found[0].pk) if found and has_previous else None,
        _url(query, after=found[-1].pk) if found and has_next else None,
    )


def _filtered(cohort: Cohort, *, words: str, role: str, status: str) -> QuerySet[Enrolment]:
    rows = cohort.enrolments.all()
    if role:
        rows = rows.filter(role=role)
    if status:
        rows = rows.filter(status=status)
    for word in words.split()[:5]:
        rows = rows.filter(
            Q(user__name_key__contains=sort_key(word))
            | Q(user__email__icontains=word)
            | Q(user__department__icontains=word)
        )
    return rows


def _edge(cohort: Cohort, query: dict[str, str]) -> tuple[Enrolment | None, bool]:
    for name, backwards in (("after", False), ("before", True)):
        pk = whole_number(query.get(name))
        if pk is not None:
            edge = cohort.enrolments.select_related("user").filter(pk=pk).first()
            return edge, backwards and edge is not None
    return None, False


def _beyond(edge: Enrolment, *, backwards: bool) -> Q:
    sign = "lt" if backwards else "gt"
    name, person, own = edge.user.name_key, edge.user_id, edge.pk
    return (
        Q(**{f"user__name_key__{sign}": name})
        | Q(user__name_key=name, **{f"user_id__{sign}": person})
        | Q(user__name_key=name, user_id=person, **{f"id__{sign}": own})
    )


def _url(query: dict[str, str], **edge: int) -> str:
    kept = {
        name: value for name, value in query.items() if name not in ("after", "before") and value
    }
    return f"?{urlencode({**kept, **edge})}"


class CountedPaginator(Paginator):
    """A paginator that is told how many rows there are."""

    def __init__(self, rows: Any, per_page: int, *, count: int) -> None:
        super().__init__(rows, per_page)
        self._count = count

    @cached_property
    def count(self) -> int:
        return self._count
