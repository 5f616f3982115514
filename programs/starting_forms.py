"""What a new cohort still has to be told: where, what it is called, when it starts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips, DateInput
from programs.models import Program

FURTHEST = timedelta(days=5 * 366)


class CopyForm(forms.Form):
    program = forms.ModelChoiceField(
        label=_("Program"), queryset=Program.objects.none(), empty_label=_("Choose")
    )
    name = forms.CharField(
        label=_("Name of the cohort"), max_length=120, help_text=_("For example Autumn 2026.")
    )
    starts_on = forms.DateField(
        label=_("Day when pairs begin"),
        widget=DateInput,
        help_text=_("Enrolment, phases and end are counted from it. You can move each of them."),
    )

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if abs(day - timezone.localdate()) > FURTHEST:
            raise ValidationError(_("Choose a day within five years."))
        return day

    def __init__(self, *args: Any, programs: QuerySet[Program], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["program"]
        field.queryset = programs  # type: ignore[attr-defined]
        first = programs[:2]
        if len(first) == 1:
            self.initial.setdefault("program", first[0].pk)


class StartForm(CopyForm):
    language = forms.ChoiceField(
        label=_("Language of its texts"),
        choices=settings.LANGUAGES,
        widget=ChoiceChips,
        help_text=_("What you do not reword, people read in their own language anyway."),
    )
