"""Training modules and their versions in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline, TabularInline

from programs.admin import Recorded
from programs.models import Phase
from training.admin_forms import PartForm, QuizQuestionForm
from training.models import ModulePart, ModuleVersion, QuizQuestion, TrainingModule


@admin.register(TrainingModule)
class TrainingModuleAdmin(Recorded):
    """For whom and when a module is; its words are in versions."""

    scope = "cohort"
    list_display = ("key", "cohort", "audience", "is_required", "is_withdrawn")
    list_filter = ("audience", "is_required", "is_withdrawn")
    list_select_related = ("cohort__program",)
    search_fields = ("key", "cohort__name", "versions__title")
    fieldsets = (
        (None, {"fields": ("cohort", "key", ("audience", "phase"))}),
        (
            gettext_lazy("Required"),
            {
                "fields": ("is_required", "refresh_months"),
                "description": gettext_lazy(
                    "A required module is shown first. Whether pairing waits for it is said on the "
                    "page “Training” of the cohort."
                ),
            },
        ),
        (gettext_lazy("In the library"), {"fields": ("position", "is_withdrawn")}),
    )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only the phases of the module's cohort; a new one gets its phase afterwards."""
        if db_field.name == "phase":
            match = request.resolver_match
            pk = match.kwargs.get("object_id") if match else None
            own = TrainingModule.objects.filter(pk=pk or 0).values("cohort")
            kwargs["queryset"] = Phase.objects.filter(cohort__in=own)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("cohort", "key") if obj else ()

    def program_id_of(self, obj: TrainingModule) -> int:
        return obj.cohort.program_id

    def view_on_site(self, obj: TrainingModule) -> str:
        return reverse("training:cohort", args=(obj.cohort_id,))

    def save_model(
        self, request: HttpRequest, obj: TrainingModule, form: Any, change: bool
    ) -> None:
        """A new module begins with an empty version; nobody sees it before it is put to use."""
        super().save_model(request, obj, form, change)
        if not change:
            ModuleVersion.objects.create(module=obj, title=obj.key, is_current=False)

    def response_add(self, request: HttpRequest, obj: TrainingModule, **kwargs: Any) -> Any:
        return redirect("admin:training_moduleversion_change", obj.versions.get().pk)


class PartInline(StackedInline):
    model = ModulePart
    form = PartForm
    extra = 0
    fields = (("kind", "title"), "text", ("url", "file"), "position")
    ordering_field = "position"
    verbose_name_plural = gettext_lazy("Pages")


class QuizInline(TabularInline):
    model = QuizQuestion
    form = QuizQuestionForm
    extra = 0
    ordering_field = "position"
    verbose_name_plural = gettext_lazy("Quiz")


@admin.register(ModuleVersion)
class ModuleVersionAdmin(Recorded):
    scope = "module__cohort"
    list_display = ("title", "module", "number", "is_current")
    list_select_related = ("module__cohort__program",)
    search_fields = ("title",)
    readonly_fields = ("module", "number", "is_current")
    fields = (("module", "number", "is_current"), "title", "summary", "minutes")
    inlines = (PartInline, QuizInline)

    def program_id_of(self, obj: ModuleVersion) -> int:
        return obj.module.cohort.program_id

    def view_on_site(self, obj: ModuleVersion) -> str:
        return reverse("training:preview", args=(obj.pk,))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # drafts are begun on the page of the cohort's training

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.progress.exists())

    def render_change_form(self, request: HttpRequest, context: dict, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None and not obj.is_current:
            context["subtitle"] = _("A draft: nobody reads it before you put it to use.")
        return super().render_change_form(request, context, **kwargs)
