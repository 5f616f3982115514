"""People: the user, the org chart, roles and tokens."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import access
from accounts.doubles import AccountMerge as AccountMerge
from accounts.doubles import DistinctPeople as DistinctPeople
from accounts.managers import UserManager
from accounts.triggers import BECOMES_EXTERNAL, EXTERNALS_HOLD_NO_ROLE, VOUCHED_FROM_INSIDE
from core.clock import validate_time_zone
from core.names import sort_key


class Level(models.Model):
    """A step of the organisation's ladder. Imports compare names without case and spaces."""

    name = models.CharField(_("name"), max_length=60)
    rank = models.PositiveSmallIntegerField(
        _("rank"), unique=True, help_text=_("1 is the lowest. Pairing compares ranks.")
    )

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ("rank",)
        constraints = (models.UniqueConstraint(Lower("name"), name="level_name_once"),)

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """A person. The e-mail is the login; HR fields come from the HR feed or IT."""

    email = models.EmailField(_("e-mail"), max_length=254)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    name_key = models.CharField(max_length=330, editable=False, default="", blank=True)
    employee_id = models.CharField(_("employee number"), max_length=40, blank=True, default="")
    manager = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("manager"),
        help_text=_("Nobody is paired within two steps of their own reporting line."),
    )
    department = models.CharField(_("department"), max_length=120, blank=True, default="")
    location = models.CharField(_("location"), max_length=120, blank=True, default="")
    job_title = models.CharField(_("job title"), max_length=120, blank=True, default="")
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("level")
    )
    time_zone = models.CharField(
        _("time zone"), max_length=60, default="UTC", validators=(validate_time_zone,)
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Untick instead of deleting: records stay.")
    )
    is_superuser = models.BooleanField(
        _("superuser"),
        default=False,
        help_text=_("May do everything in the admin. No page shows private words to anybody else."),
    )
    is_external = models.BooleanField(
        _("from outside"),
        default=False,
        db_default=False,
        help_text=_(
            "Somebody whom the organisation has invited, not employed. They hold no role, and "
            "their account ends."
        ),
    )
    organisation = models.CharField(
        _("where from"),
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text=_("Their organisation, for example “Alumni” or a partner firm."),
    )
    works_until = models.DateField(
        _("account works until"), null=True, blank=True, help_text=_("The last day.")
    )
    vouched_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="vouches_for",
        verbose_name=_("who vouches"),
        help_text=_("Somebody of the organisation whom one can ask about them."),
    )
    ended_at = models.DateTimeField(_("account ended"), null=True, editable=False)
    joined_at = models.DateTimeField(_("joined"), editable=False)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged_from",
        verbose_name=_("became one with"),
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    # What ``accounts.access`` has read once for this instance.
    _grants: list[RoleGrant]
    _admin_rights: dict[str, frozenset[str]]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name_key", "id")
        indexes = (
            models.Index(fields=("name_key", "id"), name="user_by_name"),
            models.Index(fields=("department",), name="user_by_department"),
            GinIndex(
                fields=("email", "name_key"),
                opclasses=("gin_trgm_ops", "gin_trgm_ops"),
                name="user_by_part_of_name",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=_("Somebody with this e-mail exists already."),
            ),
            models.UniqueConstraint(
                fields=("employee_id",),
                condition=~models.Q(employee_id=""),
                name="user_employee_id_once",
                violation_error_message=_("Somebody with this employee number exists already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(manager=models.F("id")),
                name="user_not_own_manager",
                violation_error_message=_("Nobody is their own manager."),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    is_external=False,
                    organisation="",
                    works_until__isnull=True,
                    vouched_by__isnull=True,
                    ended_at__isnull=True,
                )
                | models.Q(is_external=True, works_until__isnull=False, vouched_by__isnull=False)
                & ~models.Q(organisation=""),
                name="user_external_complete",
                violation_error_message=_(
                    "Somebody from outside needs all three: where they come from, the last day of "
                    "their account, and who vouches. Nobody else has them."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(is_external=False) | models.Q(is_superuser=False),
                name="user_external_no_superuser",
                violation_error_message=_("Somebody from outside cannot be a superuser."),
            ),
            models.CheckConstraint(
                condition=~models.Q(vouched_by=models.F("id")),
                name="user_vouched_by_another",
                violation_error_message=_("Nobody vouches for themselves."),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(is_active=False),
                name="user_ended_is_off",
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="user_not_merged_into_self"
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(is_active=False),
                name="user_merged_is_inactive",
            ),
        )
        triggers = (
            VOUCHED_FROM_INSIDE,
            BECOMES_EXTERNAL,
            pgtrigger.Trigger(
                name="no_manager_cycle",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("manager_id"),
                condition=pgtrigger.Q(new__manager__isnull=False)
                & pgtrigger.Q(old__manager__df=pgtrigger.F("new__manager")),
                declare=[("looped", "boolean")],
                func="""
                    PERFORM pg_advisory_xact_lock(72771002);
                    WITH RECURSIVE line(id, manager_id) AS (
                        SELECT u.id, u.manager_id FROM accounts_user u WHERE u.id = NEW.manager_id
                        UNION
                        SELECT u.id, u.manager_id FROM accounts_user u JOIN line ON u.id = line.manager_id
                    )
                    SELECT EXISTS (SELECT 1 FROM line WHERE line.id = NEW.id) INTO looped;
                    IF looped THEN
                        RAISE EXCEPTION 'manager_cycle: a reporting line cannot lead back to itself'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,  # noqa: E501 (the text of a trigger in the database)
            ),
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()
        self.name_key = sort_key(f"{self.last_name} {self.first_name}")

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email.split("@")[0]

    def has_ended(self, today: date) -> bool:
        """Tell whether the account of somebody from outside has had its last day (UTC)."""
        return self.works_until is not None and self.works_until < today

    # The admin asks these; roles answer (see accounts.access).
    @property
    def is_staff(self) -> bool:
        return access.may_enter_admin(self)

    def has_perm(self, permission: str, obj: models.Model | None = None) -> bool:
        return access.has_admin_permission(self, permission)

    def has_perms(self, permissions: list[str], obj: models.Model | None = None) -> bool:
        return all(self.has_perm(permission, obj) for permission in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        return access.has_admin_module(self, app_label)

    def scope_audit(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Answer the audit log, which stands below roles: which rows may this person read?"""
        return access.scope_audit(self, rows)


class Role(models.TextChoices):
    OWNER = "owner", _("Program owner")
    MANAGER = "manager", _("Program manager")
    HR_ANALYST = "hr_analyst", _("HR analyst")
    IT_ADMINISTRATOR = "it_administrator", _("IT administrator")


class RoleGrant(models.Model):
    """A role of a person, for one program or for the whole organisation."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="grants", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    program = models.ForeignKey(
        "programs.Program",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("program"),
        help_text=_("Empty means every program of the organisation."),
    )
    granted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    granted_at = models.DateTimeField(_("granted"), editable=False)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ("user__name_key", "role")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role", "program"),
                nulls_distinct=False,
                name="role_grant_once",
                violation_error_message=_("This person has this role there already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(role="it_administrator") | models.Q(program__isnull=True),
                name="role_it_is_organisation_wide",
                violation_error_message=_("An IT administrator serves the whole organisation."),
            ),
        )
        triggers = (EXTERNALS_HOLD_NO_ROLE,)

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class TokenScope(models.TextChoices):
    READ = "read", _("Read what you may see")
    LOG = "log", _("Log meetings")


class PersonalAccessToken(models.Model):
    """A key to the API. Only its hash is stored; the key is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = models.JSONField(pgettext_lazy("what a token may do", "may"), default=list)
    created_at = models.DateTimeField(_("made"), editable=False)
    expires_at = models.DateTimeField(_("valid until"))
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class ErasureRequestQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Requests that are neither undone nor carried out."""
        return self.filter(cancelled_at__isnull=True, done_at__isnull=True)


class ErasureRequest(models.Model):
    """Somebody wants their account deleted; until ``due_at`` they may change their mind."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="erasure_requests")
    asked_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("due"))
    cancelled_at = models.DateTimeField(_("undone"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to delete an account")
        verbose_name_plural = _("requests to delete an account")
        constraints = (
            models.UniqueConstraint(
                fields=("user",),
                condition=models.Q(cancelled_at__isnull=True),
                name="erasure_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__gt=models.F("asked_at")), name="erasure_has_grace"
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True) | models.Q(done_at__isnull=True),
                name="erasure_undone_or_done",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}"
