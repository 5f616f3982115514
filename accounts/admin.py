"""People, levels and roles in the admin."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts import access, selectors, services
from accounts.adapter import send_password_link, tell_old_address
from accounts.admin_search import FindsPeople
from accounts.models import Level, Role, RoleGrant, User
from audit.services import record
from core.admin import EstimatingPaginator, ScopedAdmin
from core.errors import DomainError

# Secrets of sign-in and lists of sessions are their owner's; nothing in the product uses groups.
for model in (EmailAddress, Authenticator, UserSession, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


def explains_refusals(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a refusal of a service as a message on the same page, with nothing changed."""

    @wraps(view)
    def guarded(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return view(self, request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.get_full_path())

    return guarded


class ExplainingAdmin(ModelAdmin):
    """An admin whose services may refuse."""

    @explains_refusals
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs)

    @explains_refusals
    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().delete_view(request, *args, **kwargs)

    @explains_refusals
    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changelist_view(request, *args, **kwargs)


OUTSIDE = ("organisation", "works_until", "vouched_by")


class PersonForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ()

    def clean(self) -> dict[str, Any]:
        """Somebody from outside needs all that belongs to them, and nobody else has it."""
        values = super().clean() or self.cleaned_data
        told = [name for name in OUTSIDE if values.get(name)]
        if values.get("is_external"):
            for name in OUTSIDE:
                if name not in told and name not in self.errors:
                    self.add_error(name, _("Needed for somebody from outside."))
        elif told:
            self.add_error("is_external", _("Tick this, or empty the three fields beside it."))
        return values

    def clean_manager(self) -> User | None:
        manager = self.cleaned_data["manager"]
        try:
            services.check_reporting_line(person=self.instance, manager=manager)
        except DomainError as error:
            raise ValidationError(str(error)) from error
        return manager


@admin.register(User)
class PersonAdmin(FindsPeople, ExplainingAdmin):
    """IT looks after accounts; passwords are set by their owners only."""

    form = PersonForm
    paginator = EstimatingPaginator
    show_full_result_count = False
    list_per_page = 50
    list_display = ("__str__", "email", "department", "level", "is_active", "last_login")
    list_select_related = ("level",)
    list_filter = ("is_active", "level")
    search_fields = ("email", "name_key", "employee_id")
    search_help_text = _("Name, e-mail or employee number")
    autocomplete_fields = ("manager", "vouched_by")
    readonly_fields = ("last_login", "joined_at")
    actions = ("send_password_links",)
    list_before_template = "admin/doubles.html"
    change_form_before_template = "admin/doubles_of.html"
    fieldsets = (
        (None, {"fields": ("email", ("first_name", "last_name"), ("language", "time_zone"))}),
        (
            _("Kept by HR"),
            {
                "fields": (
                    "employee_id",
                    "manager",
                    ("department", "location"),
                    ("job_title", "level"),
                )
            },
        ),
        (
            _("From outside"),
            {"fields": ("is_external", "organisation", ("works_until", "vouched_by"))},
        ),
        (_("Account"), {"fields": ("is_active", "is_superuser", "last_login", "joined_at")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        now = timezone.now()
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            services.change_person(person=obj, actor=request.user, now=now, **changes)
            if "email" in changes and (old := form.initial["email"]) != obj.email:
                transaction.on_commit(lambda: tell_old_address(request, obj, old=old))
            return
        person = services.create_person(actor=request.user, now=now, **form.cleaned_data)
        obj.pk, obj._state.adding = person.pk, False

    @admin.action(description=_("Send a link to set the password"), permissions=("change",))
    def send_password_links(self, request: HttpRequest, people: QuerySet[User]) -> None:
        reached = [person for person in people if self._may_send_to(request, person)]
        now = timezone.now()
        for person in reached:
            send_password_link(request, person)
            record(actor=request.user, action="person.password_link_sent", about=person, now=now)
        messages.success(
            request, _("%(count)d links sent. They work for three days.") % {"count": len(reached)}
        )

    def _may_send_to(self, request: HttpRequest, person: User) -> bool:
        return person.is_active and self.has_change_permission(request, person)


@admin.register(Level)
class LevelAdmin(ModelAdmin):
    list_before_template = "admin/levels.html"
    list_display = ("name", "rank")
    search_fields = ("name",)

    def save_model(self, request: HttpRequest, obj: Level, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "level.changed" if change else "level.created"
        record(actor=request.user, action=action, about=obj, now=timezone.now())


class GrantForm(forms.ModelForm):
    """A new role. Who may not search people types an address."""

    email = forms.EmailField(
        label=_("E-mail"), help_text=_("The work e-mail of somebody who has an account.")
    )

    class Meta:
        model = RoleGrant
        fields = ("user", "role", "program")

    actor: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            field: Any = self.fields["role"]
            field.choices = [("", "---------")] + [
                (value, label)
                for value, label in Role.choices
                if _may_grant_somewhere(self.actor, value)
            ]
        if "program" in self.fields:
            self.fields["program"].required = not access.may_grant(self.actor, Role.OWNER, None)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        person = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
        if person is None:
            raise ValidationError(_("Nobody has this e-mail. Ask IT to add them first."))
        self.instance.user = person
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        role, program = cleaned.get("role"), cleaned.get("program")
        program_id = program.pk if program else None
        if role and "program" in cleaned and not access.may_grant(self.actor, role, program_id):
            self.add_error("program", _("You may give roles in programs that you own only."))
        return cleaned


def _may_grant_somewhere(actor: User, role: str) -> bool:
    return access.may_grant(actor, role, None) or role in access.GRANTED_BY_OWNERS


@admin.register(RoleGrant)
class GrantAdmin(FindsPeople, ExplainingAdmin, ScopedAdmin):
    """Roles are given and taken away, never changed."""

    form = GrantForm
    list_display = ("user", "role", "program", "granted_by", "granted_at")
    list_select_related = ("user", "program", "granted_by")
    list_filter = ("role",)
    search_fields = ("user__email", "user__name_key")
    person_path = "user"
    autocomplete_fields = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoleGrant]:
        return selectors.grants_managed_by(request.user)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "program" and access.may_grant(request.user, Role.OWNER, None):
            programs = db_field.related_model._default_manager.all()
            if not request.user.is_superuser:
                programs = programs.exclude(pk__in=access.discreet_program_ids())
            kwargs["queryset"] = programs
            return super(ScopedAdmin, self).formfield_for_foreignkey(db_field, request, **kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: RoleGrant | None = None) -> tuple[str, ...]:
        if obj is not None:
            return ("user", "role", "program", "granted_by", "granted_at")
        finds_people = request.user.has_perm("accounts.view_user")
        return ("user" if finds_people else "email", "role", "program")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[GrantForm]:
        base = super().get_form(request, obj, **kwargs)
        if "program" in base.base_fields and base.base_fields["program"].required:
            base.base_fields["program"].help_text = ""  # it says what an empty one means
        dropped = {} if "email" in self.get_fields(request, obj) else {"email": None}
        return type("GrantForm", (base,), {"actor": request.user, **dropped})

    def save_model(self, request: HttpRequest, obj: RoleGrant, form: Any, change: bool) -> None:
        grant = services.grant_role(
            person=obj.user,
            role=obj.role,
            program=obj.program,
            actor=request.user,
            now=timezone.now(),
        )
        obj.pk, obj._state.adding = grant.pk, False

    def delete_model(self, request: HttpRequest, obj: RoleGrant) -> None:
        services.revoke_role(grant=obj, actor=request.user, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RoleGrant]) -> None:
        for grant in queryset:
            self.delete_model(request, grant)
