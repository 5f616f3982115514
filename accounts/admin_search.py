"""The admin's search for people, whatever the rows of a list lead to them by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.selectors import search_people


class FindsPeople(ModelAdmin):
    """Searches by the person that ``person_path`` leads to; empty: the rows are people.

    ``search_fields`` only makes the search box appear.
    """

    person_path = ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.split():
            return queryset, False
        order = queryset.query.order_by or queryset.model._meta.ordering
        found = search_people(queryset, search_term, path=self.person_path)
        return found.order_by(*_sorted_when_found(order)), False


def _sorted_when_found(order: Sequence[Any]) -> list[Any]:
    """Keep the database from walking the index of names until it has found enough.

    Those who are found stand together in that index, so it would read everybody before them.
    """
    return [_by_name(term) if str(term).endswith("name_key") else term for term in order]


def _by_name(term: str) -> Any:
    name = Concat(F(term.removeprefix("-")), Value(""))
    return name.desc() if term.startswith("-") else name.asc()
