"""The append-only log of who did what. It knows people only through ``AUTH_USER_MODEL``."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One act. ``detail`` holds ids, states and counts, never anybody's private words."""

    at = models.DateTimeField(_("at"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who"),
        help_text=_("Empty when the product acted by itself."),
    )
    action = models.CharField(_("action"), max_length=60)
    object_type = models.CharField(_("kind of object"), max_length=60)
    object_id = models.CharField(_("object"), max_length=40)
    program_id = models.BigIntegerField(_("program"), null=True, db_index=True)
    detail = models.JSONField(_("detail"), default=dict)
    sequence = models.BigIntegerField(null=True, unique=True, editable=False)
    chain_hash = models.BinaryField(max_length=32, null=True, editable=False)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("object_type", "object_id"), name="audit_object"),
            models.Index(
                fields=("id",), name="audit_unchained", condition=models.Q(sequence__isnull=True)
            ),
        )
        triggers = (
            pgtrigger.Protect(name="keep_rows", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="append_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF OLD.sequence IS NOT NULL OR NEW.sequence IS NULL OR NEW.chain_hash IS NULL
                       OR (OLD.id, OLD.at, OLD.action, OLD.object_type, OLD.object_id, OLD.detail)
                          IS DISTINCT FROM
                          (NEW.id, NEW.at, NEW.action, NEW.object_type, NEW.object_id, NEW.detail)
                       OR OLD.actor_id IS DISTINCT FROM NEW.actor_id
                       OR OLD.program_id IS DISTINCT FROM NEW.program_id THEN
                        RAISE EXCEPTION 'audit_append_only: the audit log cannot be changed'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_type} {self.object_id}"
