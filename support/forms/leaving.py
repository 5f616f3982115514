"""The form by which somebody leaves."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.ui.forms import DateInput


class LeaverForm(forms.Form):
    on = forms.DateField(
        label=_("Last day in the program"),
        widget=DateInput,
        help_text=_("Today, or a day in the past: their matches rest at once."),
    )
