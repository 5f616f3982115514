"""Programs, cohorts and enrolment forms in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import action, display

from accounts.access import IT, has_organisation_role
from audit.services import record
from core.admin import LINES, ScopedAdmin
from programs.consequences import consequences_of
from programs.forms import ExpectationQuestionForm, QuestionForm, StepForm, StepFormSet
from programs.models import (
    AgreementClause,
    ClosingQuestion,
    Cohort,
    EnrolmentForm,
    ExpectationForm,
    ExpectationQuestion,
    MeetingAgenda,
    Objective,
    Phase,
    Program,
    Question,
    ScreeningStep,
)
from programs.services.cohorts import ensure_form
from programs.services.expectations import ensure_expectations, revise_expectations
from programs.services.forms import revise_form


class Recorded(ScopedAdmin):
    """Writes who created or changed a row, and which fields, into the audit log."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record(
            actor=request.user,
            action=f"{obj._meta.model_name}.{'changed' if change else 'created'}",
            about=obj,
            now=timezone.now(),
            program_id=self.program_id_of(obj),
            detail={"fields": sorted(form.changed_data)},
        )

    def program_id_of(self, obj: Any) -> int | None:
        return None


class StepInline(StackedInline):
    model = ScreeningStep
    form = StepForm
    formset = StepFormSet
    extra = 0
    tab = True
    ordering_field = "position"
    fields = ("position", ("kind", "audience", "months"), ("name", "is_asked"), "text")


@admin.register(Program)
class ProgramAdmin(Recorded):
    list_display = ("name", "format", "contact_name")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "format", "objectives")}),
        (gettext_lazy("Whom to ask"), {"fields": ("contact_name", "contact_email")}),
        (gettext_lazy("Joining"), {"fields": ("consent_text",)}),
        (gettext_lazy("Screening"), {"fields": ("has_minors", "screens_before_yes")}),
        (
            gettext_lazy("People from outside"),
            {"fields": ("externals", "confidentiality_text")},
        ),
        (gettext_lazy("Discretion"), {"fields": ("is_discreet",)}),
    )
    inlines = (StepInline,)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Write into the audit log that the steps have changed."""
        super().save_formset(request, form, formset, change)
        if formset.has_changed():
            record(
                actor=request.user,
                action="program.steps_changed",
                about=form.instance,
                now=timezone.now(),
                program_id=form.instance.pk,
                detail={"steps": form.instance.screening_steps.filter(is_asked=True).count()},
            )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Program]:
        """IT sets programs up for others, so it sees every one that is not discreet."""
        managed = super().get_queryset(request)
        if has_organisation_role(request.user, (IT,)):
            return managed | Program.objects.filter(is_discreet=False)
        return managed

    def program_id_of(self, obj: Program) -> int:
        return obj.pk


class PhaseInline(StackedInline):
    model = Phase
    formfield_overrides = LINES
    extra = 0
    tab = True
    fields = (
        ("name", "purpose"),
        ("starts_on", "ends_on"),
        "guide",
        ("mentor_guide", "mentee_guide"),
        ("agenda", "starters"),
        "reflection_prompt",
    )


class _OfCohort(TabularInline):
    formfield_overrides = LINES
    extra = 0
    tab = True


class ObjectiveInline(_OfCohort):
    model = Objective
    fields = ("position", "text", "measure", "target", "own_result")
    ordering_field = "position"


class AgendaInline(_OfCohort):
    model = MeetingAgenda
    fields = ("kind", "phase", "lines")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only the phases of this cohort."""
        if db_field.name == "phase":
            match = request.resolver_match
            pk = match.kwargs.get("object_id") if match else None
            kwargs["queryset"] = Phase.objects.filter(cohort=pk) if pk else Phase.objects.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ClauseInline(_OfCohort):
    model = AgreementClause
    fields = ("part", "text")


class ClosingInline(_OfCohort):
    model = ClosingQuestion
    fields = ("position", "text", "audience")
    ordering_field = "position"


@admin.register(Cohort)
class CohortAdmin(Recorded):
    list_display = ("name", "program", "show_status", "starts_on", "ends_on", "show_next")
    list_filter = ("status",)
    list_select_related = ("program",)
    search_fields = ("name", "program__name")
    readonly_fields = ("status", "show_next")
    inlines = (PhaseInline, ObjectiveInline, AgendaInline, ClauseInline, ClosingInline)
    fieldsets = (
        (None, {"fields": ("program", "name", "status", "show_next")}),
        (
            gettext_lazy("Dates"),
            {
                "fields": (
                    ("enrolment_opens_on", "enrolment_closes_on"),
                    ("starts_on", "ends_on"),
                )
            },
        ),
        (
            gettext_lazy("Rhythm and capacity"),
            {
                "fields": (
                    "rhythm_days",
                    "has_check_ins",
                    "has_fit_questions",
                    "has_pulse",
                    "mentor_capacity",
                    "check_in_reason",
                )
            },
        ),
        (gettext_lazy("Goals"), {"fields": ("managers_see_goals",)}),
        (gettext_lazy("Mentors"), {"fields": ("mentors_among_themselves",)}),
        (
            gettext_lazy("Joining"),
            {"fields": ("needs_approval", ("mentor_places", "mentee_places"), "offer_days")},
        ),
        (
            gettext_lazy("Line managers"),
            {"fields": (("mentee_line_manager", "mentor_line_manager"),)},
        ),
    )

    def program_id_of(self, obj: Cohort) -> int:
        return obj.program_id

    def save_model(self, request: HttpRequest, obj: Cohort, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        ensure_form(obj)
        ensure_expectations(obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Say what a change to a cohort that has begun does to whom, before it is saved."""
        if request.method == "POST" and object_id and "_told" not in request.POST:
            obj = self.get_object(request, object_id)
            if obj is not None and self.has_change_permission(request, obj):
                sentences = consequences_of(obj, self._changes(request, obj))
                if sentences:
                    return self._tell(request, obj, sentences)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _changes(self, request: HttpRequest, obj: Cohort) -> dict[str, tuple[Any, Any]]:
        """Return what a valid post would change: fields with both values, and inlines."""
        form = self.get_form(request, obj, change=True)(request.POST, request.FILES, instance=obj)
        if not form.is_valid():
            return {}
        formsets, _inlines = self._create_formsets(request, form.instance, change=True)
        if not all(formset.is_valid() for formset in formsets):
            return {}
        changes = {
            name: (form.initial.get(name), form.cleaned_data[name]) for name in form.changed_data
        }
        changed = (formset.prefix for formset in formsets if formset.has_changed())
        return changes | {prefix: (None, None) for prefix in changed}

    def _tell(self, request: HttpRequest, obj: Cohort, sentences: list[str]) -> HttpResponse:
        posted = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken"
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("What this changes"),
            "sentences": sentences,
            "posted": posted,
            "back": reverse("admin:programs_cohort_change", args=(obj.pk,)),
            "opts": self.opts,
        }
        return render(request, "admin/tell_change.html", context)

    def view_on_site(self, obj: Cohort) -> str:
        return reverse("programs:setup", args=(obj.pk,))

    @display(
        description=gettext_lazy("status"),
        label={
            "draft": "info",
            "enrolling": "primary",
            "pairing": "warning",
            "active": "success",
        },
    )
    def show_status(self, obj: Cohort) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=gettext_lazy("what is next"))
    def show_next(self, obj: Cohort) -> str:
        if obj.pk is None:
            return _("Save the cohort first; a checklist shows what comes next.")
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>',
            reverse("programs:setup", args=(obj.pk,)),
            _("Open the checklist"),
        )


class QuestionInline(TabularInline):
    model = Question
    formfield_overrides = LINES
    form = QuestionForm
    extra = 0
    ordering_field = "position"

    def _is_frozen(self, obj: EnrolmentForm | None) -> bool:
        return (
            obj is not None
            and obj.pk is not None
            and obj.questions.filter(answers__isnull=False).exists()
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not self._is_frozen(obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not self._is_frozen(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not self._is_frozen(obj)


@admin.register(EnrolmentForm)
class EnrolmentFormAdmin(Recorded):
    scope = "cohort"
    list_display = ("cohort", "version", "is_current")
    list_select_related = ("cohort__program",)
    search_fields = ("cohort__name", "cohort__program__name")
    readonly_fields = ("version", "is_current")
    inlines = (QuestionInline,)
    actions_detail = ("make_new_version",)

    def program_id_of(self, obj: EnrolmentForm) -> int:
        return obj.cohort.program_id

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("cohort", *self.readonly_fields) if obj else self.readonly_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a cohort brings its form; further versions come from the one in use

    @action(description=gettext_lazy("Make a new version"), url_path="new-version")
    def make_new_version(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = self.get_queryset(request).filter(pk=object_id).first()
        if form is None or not self.has_change_permission(request, form):
            return redirect(f"{self.pages}_changelist")
        if request.method != "POST":
            return self.confirm_new_version(request, form)
        revised = self.revise(form, request)
        messages.success(
            request,
            _("Version %(version)s is in use now. Earlier answers stay with their version.")
            % {"version": revised.version},
        )
        return redirect(f"{self.pages}_change", revised.pk)

    @property
    def pages(self) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}"

    def revise(self, form: Any, request: HttpRequest) -> Any:
        return revise_form(form=form, actor=request.user, now=timezone.now())

    def confirm_new_version(self, request: HttpRequest, form: EnrolmentForm) -> HttpResponse:
        """A link only ever shows a page with a button."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Make a new version of this form?"),
            "text": _(
                "The questions are copied to version %(version)s, which you can edit. People who "
                "answered already keep their answers to the earlier version."
            )
            % {"version": form.version + 1},
            "button": _("Make a new version"),
            "back": reverse(f"{self.pages}_change", args=(form.pk,)),
            "opts": self.opts,
        }
        return render(request, "admin/confirm_action.html", context)


class ExpectationInline(QuestionInline):
    model = ExpectationQuestion
    form = ExpectationQuestionForm

    def _is_frozen(self, obj: Any) -> bool:
        return obj is not None and obj.pk is not None and obj.sheets.exists()


@admin.register(ExpectationForm)
class ExpectationFormAdmin(EnrolmentFormAdmin):
    """What the people of a match answer before they agree on how to work together."""

    inlines = (ExpectationInline,)

    def revise(self, form: ExpectationForm, request: HttpRequest) -> ExpectationForm:
        return revise_expectations(form=form, actor=request.user, now=timezone.now())
