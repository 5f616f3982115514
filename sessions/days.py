"""Days as people write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _


def in_words(day: date | datetime | Any) -> str:
    """Return "26 December 2026" in the active language."""
    # Translators: how a day is written, in Django's date format.
    return formats.date_format(day, _("j F Y"))
