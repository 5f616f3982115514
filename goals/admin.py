"""Suggested goals in the admin. Goals themselves have no page there."""

from __future__ import annotations

from django.contrib import admin

from goals.models import GoalSuggestion
from programs.admin import Recorded


@admin.register(GoalSuggestion)
class GoalSuggestionAdmin(Recorded):
    scope = "program"
    list_display = ("title", "program", "audience", "position")
    list_filter = ("audience",)
    list_select_related = ("program",)
    search_fields = ("title",)
    fields = ("program", ("audience", "position"), "title", "why", "measure")

    def program_id_of(self, obj: GoalSuggestion) -> int:
        return obj.program_id
