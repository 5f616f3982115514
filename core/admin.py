"""What every page of the admin shares: only rows of one's own programs, and no full count."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin

from core.way_back import way_back

ENOUGH = 10_000


class EstimatingPaginator(Paginator):
    """Counts to ten thousand exactly; beyond, takes the planner's estimate of the same query."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, models.QuerySet):
            return len(rows)
        exact = rows.order_by()[: ENOUGH + 1].count()
        return exact if exact <= ENOUGH else max(exact, _estimate(rows.order_by()))


def _estimate(rows: models.QuerySet[Any]) -> int:
    sql, params = rows.values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    return int(plan[0]["Plan"]["Plan Rows"])


class Lines(forms.CharField):
    """Text of several lines, which differs only where somebody changed it.

    Browsers send their own ends of lines; without this what nobody touched counted as changed.
    """

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


LINES: dict[Any, dict[str, Any]] = {models.TextField: {"form_class": Lines}}
"""For ``formfield_overrides``, inlines included."""


class ScopedAdmin(ModelAdmin):
    """Shows and changes only rows that ``managed_by`` of the model's queryset lets through.

    Set ``scope`` to the path of a related model whose queryset has ``managed_by``, for example
    ``cohort``; empty means the model's own.
    """

    formfield_overrides = LINES
    paginator = EstimatingPaginator
    show_full_result_count = False
    list_per_page = 50
    scope: str = ""
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        if not self.scope:
            return rows.managed_by(request.user)
        related = self.model
        for step in self.scope.split("__"):
            related = related._meta.get_field(step).related_model
        return rows.filter(
            **{f"{self.scope}__in": related._default_manager.managed_by(request.user)}
        )

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go back to the page that sent the person here, if one did."""
        back = way_back(request)
        return back or super().response_post_save_change(request, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        back = way_back(request)
        return back or super().response_post_save_add(request, obj)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer only related rows that the person manages; a guessed id is refused by the form."""
        rows = db_field.related_model._default_manager.all()
        if hasattr(rows, "managed_by") and not request.user.is_superuser:
            kwargs["queryset"] = rows.managed_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ReadOnlyAdmin(ScopedAdmin):
    """Rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
