"""What the line managers of people who take part hear of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LineManagerRule(models.TextChoices):
    """What the line manager of somebody who takes part hears: dates and rhythm at most."""

    NOT_TOLD = "not_told", _("is not told")
    TOLD = "told", _("is told")
    ASKED = "asked", _("is asked first")


TELLS_LINE_MANAGERS = _(
    "A cohort of this program tells line managers who takes part. Change that first."
)
DISCREET_TELLS_NOBODY = _(
    "This program is discreet: no line manager is told that somebody takes part."
)
