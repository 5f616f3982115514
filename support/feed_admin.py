"""How careful lists from HR are taken in: one row, for IT."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from accounts.models import Role, User
from audit.services import record
from support.models import FeedSettings


@admin.register(FeedSettings)
class FeedSettingsAdmin(ModelAdmin):
    list_display = ("__str__", "hold_percent", "told")
    fields = ("hold_percent", "told")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedSettings]:
        """Make the row where nobody has looked at it yet."""
        FeedSettings.objects.get_or_create(pk=1)
        return super().get_queryset(request).select_related("told")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the people who may see lists."""
        keepers = User.objects.filter(
            is_active=True,
            grants__role__in=(Role.IT_ADMINISTRATOR, Role.HR_ANALYST),
            grants__program__isnull=True,
        )
        kwargs["queryset"] = keepers.distinct().order_by("name_key", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: FeedSettings, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record(
            actor=request.user,
            action="feed.care_changed",
            about=obj,
            now=timezone.now(),
            detail={"hold_percent": str(obj.hold_percent), "told": obj.told_id},
        )
