"""The pairing policy, pairs to avoid, runs and matches in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import display

from audit.services import record
from core.admin import ReadOnlyAdmin, ScopedAdmin
from matching.admin_forms import (
    CriteriaFormSet,
    CriterionForm,
    DoNotPairForm,
    RuleForm,
    RulesFormSet,
    TraitForm,
    TraitsFormSet,
)
from matching.models import (
    DoNotPair,
    Match,
    PairingPolicy,
    PairingRun,
    PairingTrait,
    PolicyCriterion,
    PolicyRule,
)
from matching.reasons import POINTS_A_PERCENT
from matching.services.traits import delete_trait
from participants.models import Enrolment
from programs.admin import Recorded
from programs.models import Cohort

LINK = '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>'


class CriterionInline(TabularInline):
    model = PolicyCriterion
    form = CriterionForm
    formset = CriteriaFormSet
    extra = 0
    tab = True
    verbose_name_plural = gettext_lazy("What counts")


class TraitInline(StackedInline):
    model = PairingTrait
    form = TraitForm
    formset = TraitsFormSet
    extra = 0
    tab = True
    verbose_name_plural = gettext_lazy("Traits by consent")


class RuleInline(TabularInline):
    model = PolicyRule
    form = RuleForm
    formset = RulesFormSet
    extra = 0
    tab = True
    verbose_name_plural = gettext_lazy("Never break these")


OF_PAIRS = ("protects_worst", "balance")
CIRCLES = (
    gettext_lazy("Circles"),
    {
        "fields": (("circle_mentors", "circle_least", "circle_most"),),
        "description": gettext_lazy(
            "How large circles are, in programs of that format. Who has no seat in one waits."
        ),
    },
)


def _without(fieldset: Any, names: tuple[str, ...]) -> Any:
    title, options = fieldset
    kept = tuple(name for name in options["fields"] if name not in names)
    return title, {**options, "fields": kept}


@admin.register(PairingPolicy)
class PairingPolicyAdmin(Recorded):
    scope = "cohort"
    list_display = ("cohort", "objective", "minimum_fit")
    list_select_related = ("cohort__program",)
    search_fields = ("cohort__name", "cohort__program__name")
    inlines = (CriterionInline, RuleInline, TraitInline)
    fieldsets = (
        (
            None,
            {
                "fields": ("cohort", "objective", "protects_worst", "balance", "minimum_fit"),
                "description": gettext_lazy(
                    "Changes count from the next run on. Runs that exist keep what they were "
                    "computed with."
                ),
            },
        ),
    )

    def program_id_of(self, obj: PairingPolicy) -> int:
        return obj.cohort.program_id

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("cohort",) if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what the format of the cohort's program does not know."""
        found = super().get_fieldsets(request, obj)
        program = obj.cohort.program if obj else None
        if program is None:
            return [*found, CIRCLES]
        if program.is_of_circles:
            return [_without(found[0], OF_PAIRS), CIRCLES]
        return [_without(found[0], OF_PAIRS)] if program.is_of_peers else found

    def view_on_site(self, obj: PairingPolicy) -> str:
        return reverse("matching:cohort", args=(obj.cohort_id,))

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: PairingPolicy) -> None:
        for trait in obj.traits.all():
            delete_trait(trait=trait)
        record(
            actor=request.user,
            action="pairingpolicy.deleted",
            about=obj,
            now=timezone.now(),
            program_id=self.program_id_of(obj),
        )
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PairingPolicy]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        counts = {
            formset.model._meta.model_name: {
                "added": len(formset.new_objects),
                "changed": len(formset.changed_objects),
                "removed": len(formset.deleted_objects),
            }
            for formset in formsets
        }
        if any(any(count.values()) for count in counts.values()):
            record(
                actor=request.user,
                action="pairingpolicy.rows_changed",
                about=form.instance,
                now=timezone.now(),
                program_id=self.program_id_of(form.instance),
                detail=counts,
            )


@admin.register(DoNotPair)
class DoNotPairAdmin(ScopedAdmin):
    form = DoNotPairForm
    list_display = ("low", "high", "created_at")
    list_select_related = ("low", "high")
    search_fields = ("low__email", "low__last_name", "high__email", "high__last_name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DoNotPair]:
        """Show pairs of participants of one's programs, never one that concerns oneself."""
        user = request.user
        rows = DoNotPair.objects.exclude(Q(low=user) | Q(high=user))
        if user.is_superuser:
            return rows
        people = Enrolment.objects.filter(cohort__in=Cohort.objects.managed_by(user)).values(
            "user_id"
        )
        return rows.filter(low__in=people, high__in=people)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        form.actor = request.user
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("low", "high", "created_at") if obj else ("one", "other")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("low", "high", "created_at") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: DoNotPair, form: Any, change: bool) -> None:
        obj.created_by, obj.created_at = request.user, timezone.now()
        super().save_model(request, obj, form, change)
        self._record(request, obj, "created")

    def delete_model(self, request: HttpRequest, obj: DoNotPair) -> None:
        self._record(request, obj, "deleted")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[DoNotPair]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def _record(self, request: HttpRequest, obj: DoNotPair, act: str) -> None:
        record(
            actor=request.user,
            action=f"donotpair.{act}",
            about=obj,
            now=timezone.now(),
            detail={"low": obj.low_id, "high": obj.high_id},
        )


@admin.register(PairingRun)
class PairingRunAdmin(ReadOnlyAdmin):
    scope = "cohort"
    list_display = ("cohort", "created_at", "show_status", "show_pairs", "published_at")
    list_filter = ("status",)
    list_select_related = ("cohort__program",)
    search_fields = ("cohort__name", "cohort__program__name")
    fields = (
        "cohort",
        "status",
        "error",
        "requested_by",
        "created_at",
        "finished_at",
        "show_pairs",
        "published_at",
        "published_by",
        "show_review",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[PairingRun]:
        return super().get_queryset(request).defer("pool_snapshot", "policy_snapshot")

    @display(
        description=gettext_lazy("status"),
        label={"done": "success", "failed": "danger", "running": "warning", "queued": "info"},
    )
    def show_status(self, obj: PairingRun) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=gettext_lazy("pairs proposed"))
    def show_pairs(self, obj: PairingRun) -> str:
        return str(obj.result.get("pairs", "–"))

    @display(description=gettext_lazy("review"))
    def show_review(self, obj: PairingRun) -> str:
        return format_html(LINK, reverse("matching:review", args=(obj.pk,)), _("Open the review"))


@admin.register(Match)
class MatchAdmin(ReadOnlyAdmin):
    list_display = ("show_people", "cohort", "show_status", "started_on", "ended_on")
    list_filter = ("status",)
    list_select_related = ("cohort__program",)
    search_fields = (
        "cohort__name",
        "members__user__email",
        "members__user__first_name",
        "members__user__last_name",
    )
    fields = (
        "show_people",
        "cohort",
        "status",
        "started_on",
        "ended_on",
        "end_reason",
        "show_score",
        "created_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Match]:
        """Hide matches that the person is in, whatever their role."""
        return (
            Match.objects.managed_by(request.user)
            .defer("contributions")
            .prefetch_related("members__user")
            .order_by("-pk")
        )

    @display(description=gettext_lazy("people"))
    def show_people(self, obj: Match) -> str:
        return ", ".join(
            f"{member.user} ({member.get_role_display()})" for member in obj.members.all()
        )

    @display(
        description=gettext_lazy("status"),
        label={"active": "success", "paused": "warning", "ended": "info"},
    )
    def show_status(self, obj: Match) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=gettext_lazy("score of 100"))
    def show_score(self, obj: Match) -> str:
        return "–" if obj.score is None else str(round(obj.score / POINTS_A_PERCENT))
