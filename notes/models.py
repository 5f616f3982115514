"""Notes of one person, notes of a match, and answers to a phase's question. All words are sealed.

A note about one meeting stands with the meeting (see ``sessions``).
"""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from matching.models import Match
from programs.models import Phase

OF_THE_MATCH = """
    IF NOT EXISTS (
        SELECT 1 FROM matching_matchmember m
        WHERE m.match_id = NEW.match_id AND m.user_id = NEW.{author}
    ) THEN
        RAISE EXCEPTION 'note_author: a note is written by somebody of the match'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class OwnNote(models.Model):
    """What one person noted for themselves about a match. Nobody else reads it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="own_notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = EncryptedTextField(_("note"))
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("private note")
        verbose_name_plural = _("private notes")
        ordering = ("-changed_at",)
        indexes = (models.Index(fields=("author", "-changed_at"), name="own_note_by_author"),)
        triggers = (
            pgtrigger.Trigger(
                name="author_is_a_member",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=OF_THE_MATCH.format(author="author_id"),
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class SharedNote(models.Model):
    """A note that the people of a match write together; its words stand in its versions."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="shared_notes")
    version = models.PositiveIntegerField(_("version"), default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("shared note")
        verbose_name_plural = _("shared notes")
        ordering = ("-changed_at",)
        indexes = (models.Index(fields=("match", "-changed_at"), name="shared_note_by_match"),)
        triggers = (
            pgtrigger.Trigger(
                name="author_is_a_member",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=OF_THE_MATCH.format(author="created_by_id"),
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class SharedNoteVersion(models.Model):
    """A shared note as somebody saved it. Never changed afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    note = models.ForeignKey(SharedNote, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    title = EncryptedTextField(_("title"))
    text = EncryptedTextField(_("text"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of a shared note")
        verbose_name_plural = _("versions of a shared note")
        ordering = ("note", "-number")
        constraints = (
            models.UniqueConstraint(fields=("note", "number"), name="shared_note_version_once"),
        )
        triggers = (pgtrigger.Protect(name="keep_versions", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return str(self.pk)


class Reflection(models.Model):
    """What one person answered, for themselves, to the question of a phase."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    question = models.CharField(
        _("question"), max_length=300, help_text=_("As it was asked then; the phase may change.")
    )
    text = EncryptedTextField(_("answer"))
    written_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reflection")
        verbose_name_plural = _("reflections")
        ordering = ("-written_at",)
        constraints = (models.UniqueConstraint(fields=("phase", "author"), name="reflection_once"),)

    def __str__(self) -> str:
        return str(self.pk)
