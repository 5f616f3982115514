"""The remembered vectors of texts: by hash, never the text itself."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class TextVector(models.Model):
    """What one text means to one version of the model."""

    digest = models.BinaryField(max_length=16, editable=False)
    version = models.CharField(max_length=40, editable=False)
    vector = models.BinaryField(editable=False)
    used_on = models.DateField(editable=False, db_index=True)

    class Meta:
        app_label = "matching"
        verbose_name = _("vector of a text")
        verbose_name_plural = _("vectors of texts")
        constraints = (
            models.UniqueConstraint(fields=("version", "digest"), name="text_vector_once"),
        )

    def __str__(self) -> str:
        return f"{self.version} {bytes(self.digest).hex()}"
