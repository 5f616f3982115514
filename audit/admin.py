"""The audit log in the admin: read only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEvent
from audit.registry import without_discreet, without_own
from core.admin import ReadOnlyAdmin

DAYS = {"1": _("Past day"), "7": _("Past week"), "31": _("Past month")}


class Since(admin.SimpleListFilter):
    """Days back from now, without counting what is there."""

    title = _("when")
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(DAYS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in DAYS:
            return queryset
        return queryset.filter(at__gte=timezone.now() - timedelta(days=int(self.value())))


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """IT reads every row, program staff those of their programs; nobody those of their own match.

    No row holds anybody's words, and acts that tell by themselves are shown to nobody.
    """

    list_display = ("at", "actor", "action", "object_type", "object_id", "program_id")
    list_select_related = ("actor",)
    list_filter = (Since,)
    search_fields = ("^action", "=object_id")
    search_help_text = _("How an action begins, or the number of an object")
    fields = ("at", "actor", "action", "object_type", "object_id", "program_id", "detail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        rows = request.user.scope_audit(AuditEvent.objects.select_related("actor"))
        return without_own(without_discreet(rows), request.user)
