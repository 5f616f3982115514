"""Enrolments, skills and imports in the admin. Answers have no page here: some are private."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from accounts.admin_search import FindsPeople
from core.admin import ReadOnlyAdmin, ScopedAdmin
from core.errors import DomainError
from core.names import sort_key
from participants.models import (
    Enrolment,
    ImportRun,
    MemberRole,
    SignUpLink,
    Skill,
    SkillSuggestion,
)
from participants.services.enrolling import enrol_person, move_enrolment, set_capacity
from participants.services.links import make_link, revoke_link
from participants.services.profiles import leave_out, take_in


class TriesService:
    """A form whose service is asked while it is checked."""

    fields: Any

    def try_out(self, act: Any) -> None:
        """Ask the service by doing it and taking it back; its refusal becomes the form's error."""
        try:
            with transaction.atomic():
                act()
                transaction.set_rollback(True)
        except DomainError as error:
            raise ValidationError(
                {error.field: str(error)} if error.field in self.fields else str(error)
            ) from None


class EnrolmentAddForm(TriesService, forms.ModelForm):
    """Enrols somebody by e-mail; the service says whether that is possible."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=UnfoldAdminEmailInputWidget)
    first_name = forms.CharField(
        label=_("First name"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = Enrolment
        fields = ("cohort", "role", "capacity")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("role") == MemberRole.MENTEE:
            cleaned["capacity"] = 1
        if not self.errors:
            self.try_out(lambda: self.act(None))
        return cleaned

    def act(self, actor: Any) -> Enrolment:
        return enrol_person(actor=actor, now=timezone.now(), **self.cleaned_data)


class EnrolmentChangeForm(EnrolmentAddForm):
    """Changes status and capacity by the same services as the pages."""

    email = first_name = last_name = None

    class Meta:
        model = Enrolment
        fields = ("status", "capacity")

    def act(self, actor: Any) -> Enrolment:
        stored = Enrolment.objects.get(pk=self.instance.pk)
        now = timezone.now()
        if self.cleaned_data["status"] != stored.status:
            stored = move_enrolment(
                enrolment=stored, to=self.cleaned_data["status"], actor=actor, now=now
            )
        if self.cleaned_data["capacity"] != stored.capacity:
            stored = set_capacity(
                enrolment=stored, capacity=self.cleaned_data["capacity"], actor=actor, now=now
            )
        return stored


@admin.register(Enrolment)
class EnrolmentAdmin(FindsPeople, ScopedAdmin):
    list_display = ("user", "role", "status", "capacity", "cohort", "enrolled_at")
    list_filter = ("role", "status")
    list_select_related = ("user", "cohort__program")
    search_fields = ("user__name_key", "user__email")
    person_path = "user"
    ordering = ("-id",)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = EnrolmentChangeForm if obj else EnrolmentAddForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("cohort", "role", "email", "first_name", "last_name", "capacity")
        return ("user", "cohort", "role", "status", "capacity", "source", "enrolled_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("user", "cohort", "role", "source", "enrolled_at") if obj else ()

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Enrolment:
        """The service writes; what it returns is what the admin goes on with."""
        return form.act(request.user)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing is left to save."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """An enrolment has no related forms."""


class SignUpLinkForm(TriesService, forms.ModelForm):
    """Makes a link by the same service as the managers' page."""

    for_actor: Any = None

    class Meta:
        model = SignUpLink
        fields = ("cohort", "role", "email_domains", "closes_on", "most_people")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self.try_out(lambda: self.act(self.for_actor))
        return cleaned

    def act(self, actor: Any) -> SignUpLink:
        return make_link(actor=actor, now=timezone.now(), **self.cleaned_data)


@admin.register(SignUpLink)
class SignUpLinkAdmin(ScopedAdmin):
    """Links are made here or on the page of a cohort, and revoked, never changed."""

    form = SignUpLinkForm
    list_display = ("cohort", "role", "closes_on", "most_people", "created_at", "revoked_at")
    list_filter = ("role",)
    list_select_related = ("cohort__program",)
    search_fields = ("cohort__name", "cohort__program__name")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None:
            form.for_actor = request.user
        return form

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> SignUpLink:
        """The service writes; what it returns is what the admin goes on with."""
        return form.act(request.user)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing is left to save."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A link has no related forms."""

    @action(description=_("Revoke"), permissions=["add"])
    def revoke(self, request: HttpRequest, rows: Any) -> None:
        for link in rows.select_related("cohort"):
            revoke_link(link=link, actor=request.user, now=timezone.now())


class SkillForm(forms.ModelForm):
    class Meta:
        model = Skill
        fields = ("name",)

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        key = sort_key(name)
        if Skill.objects.filter(name_key=key).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This skill exists already."))
        self.instance.name_key = key
        return name


@admin.register(Skill)
class SkillAdmin(ScopedAdmin):
    form = SkillForm
    list_display = ("name",)
    search_fields = ("name_key",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """One vocabulary for the whole organisation."""
        return ModelAdmin.get_queryset(self, request)


@admin.register(SkillSuggestion)
class SkillSuggestionAdmin(ReadOnlyAdmin):
    """Words that people missed: take one in, and it counts for everybody who suggested it."""

    list_display = ("name", "direction", "created_at")
    list_filter = ("direction",)
    search_fields = ("name_key",)
    fields = ("name", "direction", "created_at")
    actions = ("take_in", "leave_out")

    def get_queryset(self, request: HttpRequest) -> Any:
        """One vocabulary for the whole organisation."""
        return ModelAdmin.get_queryset(self, request)

    @action(description=_("Take into the vocabulary"), permissions=["view"])
    def take_in(self, request: HttpRequest, rows: Any) -> None:
        for suggestion in rows:
            take_in(suggestion=suggestion, actor=request.user, now=timezone.now())

    @action(description=_("Leave out"), permissions=["view"])
    def leave_out(self, request: HttpRequest, rows: Any) -> None:
        leave_out(
            keys=list(rows.values_list("name_key", flat=True)),
            actor=request.user,
            now=timezone.now(),
        )


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ("file_name", "role", "step", "status", "cohort", "requested_by", "created_at")
    list_filter = ("role", "status")
    list_select_related = ("cohort__program", "requested_by")
    fields = (
        "file_name",
        "cohort",
        "role",
        "requested_by",
        "step",
        "status",
        "counts",
        "created_at",
        "applied_at",
        "undone_at",
    )
    ordering = ("-id",)
